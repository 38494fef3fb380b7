import type { RunEvent } from '../../simulate/result.ts';
import { assertNever } from '../../types/assert-never.ts';
import { formatUsd } from '../../types/money.ts';
import type { Colours } from '../io.ts';

type Tell = (at: Date) => string;

/** What happened, in a word or two. What people should see first is in capitals, so that it needs no colour. */
export function wordOfEvent(event: RunEvent): string {
  switch (event.event) {
    case 'stopped':
      if (event.manner === 'scale-down') return 'SCALED DOWN';
      return event.whileBusy ? 'STOPPED BUSY' : 'STOPPED';
    case 'notified':
    case 'budget':
      return 'told';
    case 'held':
      return 'HELD BACK';
    case 'frozen':
      return 'FROZEN';
    case 'burn-rate':
      return 'burn rate';
    case 'fault':
      return 'out';
    case 'warned':
    case 'failed':
    case 'skipped':
    case 'restored':
    case 'kept':
    case 'refused':
    case 'released':
    case 'unfrozen':
    case 'started':
    case 'ended':
      return event.event;
    default:
      return assertNever(event);
  }
}

/** Its colour. */
export function paintOfEvent(event: RunEvent, colours: Colours): (text: string) => string {
  const { red, yellow, magenta, cyan, green, dim, bold } = colours;
  switch (event.event) {
    case 'stopped':
      return event.whileBusy ? (text) => bold(red(text)) : event.falseStop ? yellow : green;
    case 'failed':
      return red;
    case 'warned':
    case 'notified':
    case 'budget':
    case 'burn-rate':
      return yellow;
    case 'held':
    case 'refused':
    case 'frozen':
    case 'fault':
      return magenta;
    case 'kept':
    case 'restored':
    case 'released':
    case 'unfrozen':
      return cyan;
    case 'skipped':
    case 'started':
    case 'ended':
      return dim;
    default:
      return assertNever(event);
  }
}

/** The ARNs that it is about; none of what is about a project, or all. */
export function arnsOfEvent(event: RunEvent): readonly string[] {
  switch (event.event) {
    case 'held':
      return event.arns;
    case 'refused':
    case 'released':
    case 'budget':
    case 'frozen':
    case 'unfrozen':
    case 'burn-rate':
    case 'fault':
      return [];
    case 'warned':
    case 'notified':
    case 'stopped':
    case 'failed':
    case 'skipped':
    case 'restored':
    case 'kept':
    case 'started':
    case 'ended':
      return [event.arn];
    default:
      return assertNever(event);
  }
}

/** Why, with the one fact first that the reason may not say. */
export function whyOfEvent(event: RunEvent, tell: Tell): string {
  const detail = detailOf(event, tell);
  return [
    ...(detail === undefined ? [] : [`${detail}.`]),
    ...(event.reason === '' ? [] : [event.reason]),
  ].join(' ');
}

function detailOf(event: RunEvent, tell: Tell): string | undefined {
  // What a reason says itself is not said twice.
  const unlessSaid = (text: string, fact: string): string | undefined =>
    event.reason.includes(fact) ? undefined : text;
  switch (event.event) {
    case 'warned':
    case 'notified':
      return event.stopAt === undefined ? undefined : `Stops ${tell(event.stopAt)}`;
    case 'stopped':
      if (event.whileBusy) return 'It was in use';
      return event.falseStop ? 'In use again within 15 min' : undefined;
    case 'failed':
    case 'skipped':
      return unlessSaid(event.code, event.code);
    case 'kept':
      return `Until ${tell(event.until)}${event.reason.includes(event.by) ? '' : ` by ${event.by}`}`;
    case 'restored':
    case 'released':
    case 'unfrozen':
    case 'refused':
      return unlessSaid(`By ${event.by}`, event.by);
    case 'frozen':
    case 'fault':
      return `Until ${tell(event.until)}`;
    case 'budget':
      return unlessSaid(`${formatUsd(event.spent)} of ${formatUsd(event.limit)}`, formatUsd(event.limit));
    case 'burn-rate':
      return unlessSaid(
        `${formatUsd(event.burn)}/h, usual are ${formatUsd(event.usual)}/h`,
        formatUsd(event.burn),
      );
    case 'held':
      return unlessSaid(event.cause, event.cause);
    case 'started':
    case 'ended':
      return undefined;
    default:
      return assertNever(event);
  }
}
