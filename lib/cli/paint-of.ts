import type { Colours } from './io.ts';

/** The colour of what becomes of a resource, or of why it is left alone. */
export function paintOf(
  what: string,
  { red, yellow, magenta, cyan, green, dim }: Colours,
): (text: string) => string {
  switch (what) {
    case 'stop':
      return red;
    case 'warn':
    case 'notify':
    case 'idle':
      return yellow;
    case 'held':
    case 'refused':
      return magenta;
    case 'exempt':
    case 'restore':
      return cyan;
    case 'busy':
    case 'within-budget':
      return green;
    default:
      return dim;
  }
}
