import type { AuditEntry } from '../../lib/ledger/ledger.ts';
import type { ShownMessage } from '../../lib/sandbox/slack-stand-in.ts';
import type { Stage } from '../../lib/sandbox/stage.ts';
import type { Decision } from '../../lib/types/decision.ts';
import { costOver, formatUsd, type Usd } from '../../lib/types/money.ts';

/** For people: `$28.27`. */
export const cost = (hourly: Usd | undefined, from: Date, to: Date): string => {
  if (hourly === undefined) throw new Error('It has no price.');
  return formatUsd(costOver(hourly, to.getTime() - from.getTime()));
};

export type Entry<A extends Decision['action']> = Omit<AuditEntry, 'decision'> & {
  readonly decision: Extract<Decision, { action: A }>;
};

/** What was done to a resource by decisions of one action, oldest first, as the ledger has it. */
export async function taken<A extends Decision['action']>(
  { ledger }: Stage,
  arn: string,
  action: A,
): Promise<readonly Entry<A>[]> {
  const isOf = (decision: Decision): decision is Extract<Decision, { action: A }> =>
    decision.action === action;
  return (await ledger.audit({ arn })).flatMap(({ decision, ...entry }) =>
    entry.event === 'taken' && isOf(decision) ? [{ ...entry, decision }] : [],
  );
}

export function theOnly<T>(some: readonly T[]): T {
  const [one] = some;
  if (one === undefined || some.length !== 1) throw new Error(`There are ${some.length} and not one.`);
  return one;
}

/** Messages of Slack that were posted while `work` ran and all that came of it. */
export async function postedDuring(
  { slack, quiet }: Stage,
  work: () => Promise<unknown>,
): Promise<readonly ShownMessage[]> {
  const before = slack.messages().length;
  await work();
  await quiet();
  return slack.messages().slice(before);
}

/** The text of a message, as people read it, the labels of its buttons among it. */
export function textOf({ blocks }: Pick<ShownMessage, 'blocks'>): string {
  const texts: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) walk(one);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        if (name === 'text' && typeof inner === 'string') texts.push(inner);
        else walk(inner);
      }
    }
  };
  walk(blocks);
  return texts.join('\n');
}
