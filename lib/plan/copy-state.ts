import { readingEnd } from '../decide/period.ts';
import { utcDay } from '../decide/sentences.ts';
import { retryAt } from '../enforce/carry-out.ts';
import { LedgerError } from '../ledger/errors.ts';
import type { AuditEntry, Claim, Ledger } from '../ledger/ledger.ts';
import { createMemoryLedger } from '../ledger/memory.ts';
import { subjectArn } from '../ledger/trail.ts';
import { DAY_MS, daysBefore, monthsBefore } from '../meter/days.ts';
import { DAYS_BACK } from '../meter/settled.ts';
import { policiesOf } from '../policy/levels.ts';
import { type Policy, ruleId, sourceOf } from '../policy/policy.ts';
import type { Decision } from '../types/decision.ts';
import { mapLimited } from '../types/lists.ts';
import type { Outcome } from '../types/outcome.ts';

/** Months of which something may be known. */
const MONTHS = 14;

/**
 * A ledger in memory that goes on from what another one knows: what was warned, kept, held, released, refused, done,
 * told and spent. Of the past it asks the other one, and writes nothing to it.
 * @throws LedgerError where the other one cannot be read
 */
export async function copyOfState(
  ledger: Ledger,
  policy: Policy,
  account: string,
  regions: Iterable<string>,
  now: Date,
): Promise<Ledger> {
  const copy = createMemoryLedger('objects');
  const today = utcDay(now);
  await Promise.all([
    ...[...regions].map((region) => copyRegion(ledger, copy, account, region, now)),
    copyMarks(ledger, copy, policy, now),
    copyRestores(ledger, copy),
    ledger.spendDays(account, daysBefore(today, DAYS_BACK), today).then(async (days) => {
      await copy.saveBilledDays(account, days);
      await copy.saveMeteredDays(account, days);
    }),
    ledger
      .spendMonths(account, monthsBefore(now, MONTHS))
      .then((months) => copy.saveSpendMonths(account, months)),
  ]);
  return remembering(ledger, copy, now);
}

/** What is written for later questions alone, so that whether it was there before does not matter to who writes it. */
const NOTES = /^(told|refused)\//;

/** The trail that tells of actions that may not be done again is no longer than the longest period and its grace. */
const TRAIL_DAYS = 40;
/** Trails that are read at once. */
const TRAILS_AT_ONCE = 10;

/** The copy, which looks up in the other one what is only ever asked for one by one. */
function remembering(from: Ledger, copy: Ledger, now: Date): Ledger {
  const known = new Map<string, Promise<boolean>>();
  const wasSeen = (id: string, at: Date): Promise<boolean> => {
    const answer = known.get(id) ?? from.seen(id, at);
    known.set(id, answer);
    return answer;
  };
  const since = new Date(now.getTime() - TRAIL_DAYS * DAY_MS);
  const trails = new Map<string, Promise<ReadonlyMap<string, AuditEntry>>>();
  /** What became of the decisions about the same resource, or of the same project, by their keys. */
  const settledBefore = (decision: Decision): Promise<ReadonlyMap<string, AuditEntry>> => {
    const arn = subjectArn(decision);
    const subject = arn === undefined ? { project: decision.project } : { arn };
    const name = JSON.stringify(subject);
    const trail =
      trails.get(name) ??
      from
        .audit(subject, since)
        .then((lines) => new Map(lines.map((line) => [line.decision.key, line] as const)));
    trails.set(name, trail);
    return trail;
  };
  return {
    ...copy,
    seen: async (id, at) => (await copy.seen(id, at)) || (await wasSeen(id, at)),
    once: async (id, at) => (!NOTES.test(id) && (await wasSeen(id, at)) ? false : copy.once(id, at)),
    forget: async (id) => {
      known.set(id, Promise.resolve(false));
      await copy.forget(id);
    },
    audit: async (of, after) => [...(await from.audit(of, after)), ...(await copy.audit(of, after))],
    claim: (decisions, options) =>
      mapLimited(decisions, TRAILS_AT_ONCE, async (decision): Promise<Claim> => {
        const before = (await settledBefore(decision)).get(decision.key);
        const record = before === undefined ? undefined : doneBefore(before, options.now);
        if (record !== undefined) return { state: 'done', record };
        const [claim] = await copy.claim([decision], options);
        if (claim === undefined) throw new LedgerError(`ledger: ${decision.key} could not be claimed`);
        return claim;
      }),
  };
}

/** The record of a decision that is not to be carried out again at that time; `undefined` where it may be. */
function doneBefore({ at, batch, decision, event, code, detail }: AuditEntry, now: Date) {
  // What had failed, or was under way, is tried again.
  if (event !== 'taken' && event !== 'skipped') return undefined;
  const outcome: Outcome =
    event === 'taken' ? { status: event, at, detail } : { status: event, at, detail, code: code ?? '' };
  const again = retryAt(decision, outcome, at);
  if (again !== undefined && again <= now) return undefined;
  return { key: decision.key, batch, token: '', decision, status: event, intendedAt: at, outcome };
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

async function copyMarks(from: Ledger, to: Ledger, policy: Policy, now: Date): Promise<void> {
  for (const { holder, breaches, frozenUntil, unfrozenAt, reached, until } of (
    await from.projectMarks(now)
  ).values()) {
    for (const reading of breaches.values()) await to.markBreach(reading, readingEnd(reading));
    const rules = policiesOf(policy, holder).flatMap(({ budget }) => budget);
    for (const [id, at] of reached) {
      const rule = rules.find((one) => ruleId(one) === id);
      const breach = rule === undefined ? undefined : breaches.get(sourceOf(rule));
      // What no rule of this policy says, or no breach is known of, means nothing any more.
      if (breach !== undefined) await to.reach(holder, breach.period, id, at, readingEnd(breach));
    }
    if (unfrozenAt !== undefined) {
      // A freeze that somebody ended would not be over yet. One that holds now came after it.
      await to.freeze(holder, until);
      await to.unfreeze(holder, unfrozenAt);
    }
    if (frozenUntil !== undefined) await to.freeze(holder, frozenUntil);
  }
}

async function copyRestores(from: Ledger, to: Ledger): Promise<void> {
  for (const state of ['stopped', 'restoring'] as const) {
    for (const record of await from.restoreRecords(state)) await to.saveRestore(record);
  }
}
