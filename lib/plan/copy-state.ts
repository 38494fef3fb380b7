import { utcDay } from '../decide/sentences.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { createMemoryLedger } from '../ledger/memory.ts';
import { daysBefore, monthsBefore } from '../meter/days.ts';
import { DAYS_BACK } from '../meter/settled.ts';

/** Months of which something may be known. */
const MONTHS = 14;

/**
 * A ledger in memory that knows what another one does of the present: what was warned, kept, held, stopped and spent.
 * Of what people were told already it knows nothing, so that it tells of budgets once more.
 * @throws LedgerError where the other one cannot be read
 */
export async function copyOfState(
  ledger: Ledger,
  account: string,
  regions: Iterable<string>,
  now: Date,
): Promise<Ledger> {
  const copy = createMemoryLedger('objects');
  const today = utcDay(now);
  await Promise.all([
    ...[...regions].map((region) => copyRegion(ledger, copy, account, region, now)),
    copyMarks(ledger, copy, now),
    copyRestores(ledger, copy),
    ledger.spendDays(account, daysBefore(today, DAYS_BACK), today).then(async (days) => {
      await copy.saveBilledDays(account, days);
      await copy.saveMeteredDays(account, days);
    }),
    ledger
      .spendMonths(account, monthsBefore(now, MONTHS))
      .then((months) => copy.saveSpendMonths(account, months)),
  ]);
  return copy;
}

async function copyRegion(
  from: Ledger,
  to: Ledger,
  account: string,
  region: string,
  now: Date,
): Promise<void> {
  const [watches, keeps, keepTags, records, looks] = await Promise.all([
    from.watches(account, region, now),
    from.keeps(account, region, now),
    from.keepTags(account, region),
    from.meterRecords(account, region),
    from.meteredAt(account, region),
  ]);
  await to.saveWatches(account, region, [...watches.values()], now);
  for (const { count, ...keep } of keeps.values()) {
    // Each time counts.
    for (let time = 1; time <= count; time += 1) {
      await to.keep({ ...keep, account, region, id: `copied-${keep.arn}-${time}` });
    }
  }
  await to.saveKeepTags(account, region, [...keepTags.values()], now);
  await to.saveMeterRecords(
    [...records.values()].map(({ record }) => ({ record, version: undefined })),
    now,
  );
  if (looks !== undefined) {
    await to.saveMeteredAt(account, region, looks.first);
    await to.saveMeteredAt(account, region, looks.last);
  }
}

async function copyMarks(from: Ledger, to: Ledger, now: Date): Promise<void> {
  for (const { project, breaches, frozenUntil, unfrozenAt, reached, until } of (
    await from.projectMarks(now)
  ).values()) {
    for (const reading of breaches.values()) await to.markBreach(reading, until);
    const [period] = [...breaches.values()].map((reading) => reading.period);
    for (const [rule, at] of reached) await to.reach(project, period ?? '', rule, at, until);
    if (frozenUntil !== undefined) await to.freeze(project, frozenUntil);
    if (unfrozenAt !== undefined) {
      // A freeze that somebody ended would not be over yet.
      await to.freeze(project, until);
      await to.unfreeze(project, unfrozenAt);
    }
  }
}

async function copyRestores(from: Ledger, to: Ledger): Promise<void> {
  for (const state of ['stopped', 'restoring'] as const) {
    for (const record of await from.restoreRecords(state)) await to.saveRestore(record);
  }
}
