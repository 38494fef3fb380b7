import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ActionRecord, Claim, Ledger } from '../../lib/ledger/ledger.ts';
import { arnOf, at, meterRecord, stop, T0 } from './fixtures.ts';

const WORKERS = 3;
const KEYS = 2;

const worker = fc.nat({ max: WORKERS - 1 });
const key = fc.nat({ max: KEYS - 1 });

const step = fc.oneof(
  /** Workers that claim one key at the same time. */
  fc.record({
    kind: fc.constant('claim' as const),
    workers: fc.uniqueArray(worker, { minLength: 1 }),
    key,
    leaseSeconds: fc.integer({ min: 1, max: 5 }),
  }),
  /** A worker settles what it won last, be it still its own or not. */
  fc.record({
    kind: fc.constant('settle' as const),
    worker,
    key,
    retryAfter: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 4 }) }),
);

/** What must be true of one key: who holds it, and from when on it may be claimed (`Infinity` = never). */
interface Expected {
  readonly token: string;
  readonly status: ActionRecord['status'];
  readonly claimableFrom: number;
}

/** Of callers at one moment: one wins exactly if the key is free, and all the others see that winner. */
function judge(
  claims: readonly Claim[],
  before: Expected | undefined,
  now: number,
): ActionRecord | undefined {
  const winners = claims.filter(({ state }) => state === 'won').map(({ record }) => record);
  const isFree = before === undefined || before.claimableFrom <= now;
  expect(winners).toHaveLength(isFree ? 1 : 0);
  const [winner] = winners;
  const losing = (winner?.status ?? before?.status) === 'intended' ? 'held' : 'done';
  for (const { state, record } of claims) {
    expect(record.token).toBe(winner?.token ?? before?.token);
    if (state !== 'won') expect(state).toBe(losing);
  }
  return winner;
}

/** Any order of claims, settlements and waits by several workers: one live winner a key at any time. */
export function interleavingsHold(makeLedger: () => Promise<Ledger>, numRuns: number): void {
  it('has one live winner a key at any time, in any interleaving', async () => {
    const ledger = await makeLedger();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        run++;
        let now = 0;
        const expected = new Map<number, Expected>();
        const won = new Map<string, ActionRecord>();
        for (const one of steps) {
          switch (one.kind) {
            case 'wait':
              now += one.seconds;
              break;
            case 'claim': {
              const { workers, leaseSeconds } = one;
              const claims = await Promise.all(
                workers.map((name) =>
                  ledger.claim([stop(`${run}-${one.key}`)], {
                    batch: `w${name}`,
                    now: at(now),
                    leaseSeconds,
                  }),
                ),
              );
              const winner = judge(claims.flat(), expected.get(one.key), now);
              if (winner === undefined) break;
              won.set(`${winner.batch} ${one.key}`, winner);
              expected.set(one.key, {
                token: winner.token,
                status: 'intended',
                claimableFrom: now + leaseSeconds,
              });
              break;
            }
            case 'settle': {
              const record = won.get(`w${one.worker} ${one.key}`);
              if (record === undefined) break;
              const { retryAfter } = one;
              const retryAt = retryAfter === undefined ? undefined : at(now + retryAfter);
              await ledger.settle(
                [{ record, outcome: { status: 'taken', at: at(now), detail: '' }, retryAt }],
                at(now),
              );
              if (expected.get(one.key)?.token !== record.token) break;
              expected.set(one.key, {
                token: record.token,
                status: 'taken',
                claimableFrom: retryAfter === undefined ? Number.POSITIVE_INFINITY : now + retryAfter,
              });
              break;
            }
          }
        }
      }),
      { numRuns },
    );
  }, 120_000);
}

/** Wishes of one spell that are heard in any order, some of them twice and some at the same time. */
export function wishesHold(makeLedger: () => Promise<Ledger>, numRuns: number): void {
  const press = fc.record({
    id: fc.nat({ max: 6 }),
    minutes: fc.nat({ max: 3 }),
    hours: fc.integer({ min: 1, max: 3 }),
  });
  it('counts each wish once and holds for the newest, in any interleaving', async () => {
    const ledger = await makeLedger();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(press, { selector: ({ id }) => id, minLength: 1 }),
        fc.array(fc.array(fc.nat({ max: 6 }), { maxLength: 4 }), { maxLength: 5 }),
        async (presses, rounds) => {
          const arn = `arn-${++run}`;
          const wishOf = ({ id, minutes, hours }: (typeof presses)[number]) => ({
            arn,
            since: at(0),
            until: at(60 * minutes + 3_600 * hours),
            by: `ana ${id}`,
            at: at(60 * minutes),
            account: '111122223333',
            region: 'us-east-1',
            id: `p-${id}`,
          });
          const wishes = presses.map(wishOf);
          const counts: number[] = [];
          for (const round of [...rounds, presses.map(({ id }) => id)]) {
            const said = wishes.filter(({ id }) => round.some((one) => id === `p-${one}`));
            const held = await Promise.all(said.map((wish) => ledger.keep(wish)));
            counts.push(...held.map(({ count }) => count));
          }
          const newest = wishes.reduce((best, wish) =>
            wish.at > best.at || (wish.at.getTime() === best.at.getTime() && wish.until > best.until)
              ? wish
              : best,
          );
          const held = (await ledger.keeps('111122223333', 'us-east-1', at(0))).get(arn);
          expect(held).toMatchObject({ at: newest.at, until: newest.until, count: wishes.length });
          expect(new Set(counts)).toEqual(new Set(wishes.map((_, index) => index + 1)));
        },
      ),
      { numRuns },
    );
  }, 120_000);
}

const turn = fc.oneof(
  fc.record({ kind: fc.constant('read' as const), worker, whole: fc.boolean() }),
  /** Workers that write at the same time, each what it made of what it read last. */
  fc.record({ kind: fc.constant('write' as const), workers: fc.uniqueArray(worker, { minLength: 1 }) }),
);

/** Of those who write a record of the meter at once, one wins exactly if one of them had read what is there. */
export function recordsHold(makeLedger: () => Promise<Ledger>, numRuns: number): void {
  it('lets nobody write a record of the meter over what they have not read, in any interleaving', async () => {
    const ledger = await makeLedger();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { minLength: 5, maxLength: 30 }), async (turns) => {
        const id = `i-${++run}`;
        const arn = arnOf(id);
        const { account, region } = meterRecord(id);
        const readNow = () => ledger.meterRecord(account, region, arn);
        const known = new Map<number, string | undefined>();
        let present: string | undefined;
        for (const [index, one] of turns.entries()) {
          if (one.kind === 'read') {
            const found = one.whole ? (await ledger.meterRecords(account, region)).get(arn) : await readNow();
            expect(found?.version).toBe(present);
            known.set(one.worker, found?.version);
            continue;
          }
          const answers = await Promise.all(
            one.workers.map(async (name) => {
              const size = `${index} by ${name}`;
              const saved = { record: meterRecord(id, { size }), version: known.get(name) };
              return { size, lost: await ledger.saveMeterRecords([saved], T0) };
            }),
          );
          const winners = answers.filter(({ lost }) => lost.size === 0);
          const isFresh = one.workers.some((name) => known.get(name) === present);
          expect(winners).toHaveLength(isFresh ? 1 : 0);
          const found = await readNow();
          if (isFresh) {
            expect(found?.record.size).toBe(winners[0]?.size);
            expect(found?.version).not.toBe(present);
          }
          present = found?.version;
        }
      }),
      { numRuns },
    );
  }, 120_000);
}
