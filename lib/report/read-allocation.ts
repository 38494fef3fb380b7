import { allocate } from '../allocate/allocate.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { daysBefore } from '../meter/days.ts';
import type { SharedRule, UsageSource } from '../policy/allocation.ts';
import type { Policy } from '../policy/policy.ts';
import type { Allocation } from '../types/allocation.ts';
import type { Bill } from '../types/cost.ts';
import type { DaySpan } from '../types/day-span.ts';
import type { SpendDay } from '../types/meter.ts';
import { sumUsd, type Usd } from '../types/money.ts';
import type { Usage } from '../types/usage.ts';
import type { Month } from './month.ts';

/** Where the bill is read, and who used what is shared. */
export interface AllocationSources {
  readonly readBill: (span: DaySpan) => Promise<Bill>;
  readonly readUsage: (name: string, source: UsageSource, span: DaySpan) => Promise<Usage>;
}

/**
 * Reads the bill of a month, as far as it has come, and all usage that rules go by, and allocates it. Held against what
 * the ledger says was billed, where it knows all of its days.
 * @param ledger `undefined` = it is held against the bill's own totals alone
 * @param onUsageError told of each usage that cannot be read: what would be split by it is then all idle, on a line of its
 * own. Absent = its error is thrown.
 * @throws what the sources throw: `BillError` and `UsageError`, one line each
 */
export async function readAllocation(
  policy: Pick<Policy, 'allocation' | 'projects'>,
  sources: AllocationSources,
  ledger: { readonly ledger: Pick<Ledger, 'spendDays'>; readonly account: string } | undefined,
  month: Pick<Month, 'firstDay' | 'lastDay' | 'to'>,
  onUsageError: (name: string, error: unknown) => void = rethrow,
): Promise<{ readonly allocation: Allocation; readonly bill: Bill }> {
  const { shared, usage } = policy.allocation;
  const span = { from: month.firstDay, to: month.lastDay };
  const bill = await sources.readBill(span);
  const used = new Set(bill.lines.map(({ rule }) => rule));
  const wanted = new Set(
    shared.flatMap(({ name, split }) => (split.by === 'usage' && used.has(name) ? [split.usage] : [])),
  );
  const usages = new Map<string, Usage>();
  const unread = new Set<string>();
  for (const name of wanted) {
    const source = Object.hasOwn(usage, name) ? usage[name] : undefined;
    if (source === undefined) continue;
    await sources.readUsage(name, source, span).then(
      (read) => usages.set(name, read),
      (error: unknown) => {
        onUsageError(name, error);
        unread.add(name);
      },
    );
  }
  const known =
    ledger === undefined
      ? undefined
      : ledgerTotal(await ledger.ledger.spendDays(ledger.account, span.from, span.to), span);
  const allocation = allocate({
    bill,
    rules: shared.map((rule) => unsplit(rule, unread)),
    usage: usages,
    projects: Object.values(policy.projects),
    until: month.to,
    ...(known === undefined ? {} : { ledger: known }),
  });
  return { allocation, bill };
}

const rethrow = (_name: string, error: unknown): never => {
  throw error;
};

/** A rule whose usage is not known splits nothing: it is better not known who pays than told wrongly. */
function unsplit(rule: SharedRule, unread: ReadonlySet<string>): SharedRule {
  const { split } = rule;
  return split.by === 'usage' && unread.has(split.usage)
    ? { ...rule, split: { ...split, idle: 'line', whenUnused: 'idle' } }
    : rule;
}

/** All that was billed in a span; `undefined` where Cost Explorer was not asked about each of its days. */
export function ledgerTotal(days: readonly SpendDay[], { from, to }: DaySpan): Usd | undefined {
  const asked = new Map(days.flatMap((day) => (day.billedAsOf === undefined ? [] : [[day.day, day.billed]])));
  const amounts: Usd[] = [];
  for (let day = from; day <= to; day = daysBefore(day, -1)) {
    const billed = asked.get(day);
    if (billed === undefined) return undefined;
    for (const services of billed.values()) amounts.push(...services.values());
  }
  return sumUsd(amounts);
}
