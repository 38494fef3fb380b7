import type { Charge, CostMatch, SharedRule } from '../policy/allocation.ts';
import { namesOfService } from './services.ts';

/** What of a line of the bill decides whose it is. An empty text is what the line does not have. */
export interface MatchableCost {
  /** Value of the project tag. */
  readonly project: string;
  readonly service: string;
  readonly charge: Charge;
  readonly account: string;
  readonly region: string;
  readonly usageType: string;
  /** ARN or id. */
  readonly resource: string;
  /** By tag key; a key that is absent or empty is one that the line does not carry. */
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * Whether a rule means this cost. Letter case counts, `*` stands for any characters, none too, and what a line does not
 * have matches nothing, not even `*`. Without `project` and `tags` only what carries no project is meant.
 */
export function matchesCost(match: CostMatch, cost: MatchableCost): boolean {
  if (meansOnlyUntagged(match) && cost.project !== '') return false;
  return (
    anyOf(match.project, [cost.project]) &&
    anyOf(match.service, cost.service === '' ? [] : namesOfService(cost.service)) &&
    (match.charge === undefined || match.charge.includes(cost.charge)) &&
    anyOf(match.account, [cost.account]) &&
    anyOf(match.region, [cost.region]) &&
    anyOf(match.usageType, [cost.usageType]) &&
    anyOf(match.resource, [cost.resource]) &&
    Object.entries(match.tags ?? {}).every(([key, patterns]) => anyOf(patterns, [tagOf(cost, key)]))
  );
}

const tagOf = ({ tags }: MatchableCost, key: string): string =>
  (Object.hasOwn(tags, key) ? tags[key] : undefined) ?? '';

/** The first rule that means this cost. */
export const firstMatch = (rules: readonly SharedRule[], cost: MatchableCost): SharedRule | undefined =>
  rules.find(({ match }) => matchesCost(match, cost));

/** A rule that names neither projects nor tags means only what has no owner. */
export const meansOnlyUntagged = ({ project, tags }: CostMatch): boolean =>
  project === undefined && (tags === undefined || Object.keys(tags).length === 0);

/** Whether a text holds `*`, so that it names more than one value. */
export const isPattern = (text: string): boolean => text.includes('*');

/** Whether a text is what the pattern means: the whole of it, letter case counts. */
export function matchesText(pattern: string, text: string): boolean {
  if (text === '') return false;
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return text === pattern;
  if (text.length < head.length + tail.length || !text.startsWith(head) || !text.endsWith(tail)) return false;
  const end = text.length - tail.length;
  let from = head.length;
  for (const part of rest) {
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}

const anyOf = (patterns: readonly string[] | undefined, texts: readonly string[]): boolean =>
  patterns === undefined || patterns.some((pattern) => texts.some((text) => matchesText(pattern, text)));
