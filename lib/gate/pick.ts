import { type Document, isMap, isScalar, parseDocument } from 'yaml';
import type { InstanceChoice } from '../estimate/estimate.ts';
import type { Picked } from './choose.ts';
import { some } from './result.ts';

/** What is written of a pick. */
export type PickToWrite = Pick<Picked, 'id' | 'instanceType' | 'spot' | 'alsoOf'> & {
  readonly choice: Pick<InstanceChoice, 'instanceType' | 'at'>;
};

/** What became of one pick. */
export interface PickWritten {
  readonly id: string;
  readonly file: string;
  /** Line of the file, from 1; absent where nothing is written. */
  readonly line?: number;
  /** Why it is not written, a sentence. */
  readonly refused?: string;
}

/** A stretch of a text, and what takes its place. */
interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * Puts picks into the text of a template or definition, YAML or JSON: only the characters of the instance types change,
 * so that comments and layout stay. What no longer stands where it was read is refused, and so is Spot where it takes more
 * than a word.
 */
export function pickInText(
  text: string,
  picks: readonly PickToWrite[],
): { readonly text: string; readonly written: readonly PickWritten[] } {
  // Tags of CloudFormation, such as !Ref, are none that it knows; their values are left as they are.
  const document = parseDocument(text, { logLevel: 'silent', keepSourceTokens: true });
  const made = picks.map((pick) => ({ pick, made: splicesOf(pick, document, text) }));
  const splices = made.flatMap(({ made: one }) => (typeof one === 'string' ? [] : one));
  // Things that share one literal are picked for together: it is changed once.
  const distinct = new Map(splices.map((one) => [`${one.from} ${one.to} ${one.text}`, one]));
  const result = [...distinct.values()]
    .sort((a, b) => b.from - a.from || b.to - a.to)
    .reduce((now, { from, to, text: put }) => now.slice(0, from) + put + now.slice(to), text);
  return {
    text: result,
    written: made.map(({ pick: { id, choice }, made: one }) =>
      typeof one === 'string'
        ? { id, file: choice.at.file, refused: one }
        : { id, file: choice.at.file, line: lineAt(text, one[0]?.from ?? 0) },
    ),
  };
}

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** @returns why not, a sentence, where it cannot be written */
function splicesOf(
  { choice, instanceType, spot, alsoOf }: PickToWrite,
  document: Document.Parsed,
  text: string,
): readonly Splice[] | string {
  const { path, file } = choice.at;
  const node: unknown = document.getIn(path, true);
  if (!isScalar(node) || node.value !== choice.instanceType || !node.range) {
    return `${choice.instanceType} does not stand at ${path.join('.')} of ${file} by itself. Change it there by hand.`;
  }
  if (alsoOf.length > 0) {
    return `${choice.instanceType} at ${path.join('.')} of ${file} is that of ${some(alsoOf)} as well, which was not picked for. Give each its own, or change it by hand.`;
  }
  const [from, to] = node.range;
  const quote = /^["']/.exec(text.slice(from, to))?.[0] ?? '';
  const type = { from, to, text: `${quote}${instanceType}${quote}` };
  if (!spot) return [type];
  const market = spotSplice(document, path, text);
  return typeof market === 'string' ? market : [type, market];
}

const SPOT_BY_HAND =
  'Only a launch template takes Spot by one property. Change it by hand, by its InstanceMarketOptions or a MixedInstancesPolicy.';

/** `InstanceMarketOptions` beside the instance type of a launch template. */
function spotSplice(
  document: Document.Parsed,
  path: readonly (string | number)[],
  text: string,
): Splice | string {
  const parent = path.slice(0, -1);
  const map: unknown = document.getIn(parent, true);
  if (path.at(-1) !== 'InstanceType' || parent.at(-1) !== 'LaunchTemplateData' || !isMap(map)) {
    return SPOT_BY_HAND;
  }
  // A mixed group takes no launch template that asks for Spot itself.
  if (map.has('InstanceMarketOptions') || text.includes('MixedInstancesPolicy')) return SPOT_BY_HAND;
  const key: unknown = map.items.find((pair) => isScalar(pair.key) && pair.key.value === 'InstanceType')?.key;
  if (!isScalar(key) || !key.range) return SPOT_BY_HAND;
  const [at] = key.range;
  const before = /(?:^|\n)([ \t]*)$/.exec(text.slice(0, at));
  const property = map.flow
    ? '"InstanceMarketOptions": { "MarketType": "spot" },'
    : 'InstanceMarketOptions: { MarketType: spot }';
  // A key that begins its line gets a line of its own before it.
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const gap = before === null ? (map.flow ? ' ' : undefined) : `${newline}${before[1] ?? ''}`;
  return gap === undefined ? SPOT_BY_HAND : { from: at, to: at, text: `${property}${gap}` };
}
