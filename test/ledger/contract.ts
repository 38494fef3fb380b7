import { describe, expect, it } from 'vitest';
import type { Claim, Ledger, Watch } from '../../lib/ledger/ledger.ts';
import type { Decision } from '../../lib/types/decision.ts';
import { microUsd } from '../../lib/types/money.ts';
import type { Outcome } from '../../lib/types/outcome.ts';
import { alertsContract } from './contract/alerts.ts';
import { approvalsContract } from './contract/approvals.ts';
import { keepsContract } from './contract/keeps.ts';
import { meterContract } from './contract/meter.ts';
import { reachesContract } from './contract/reaches.ts';
import { reportsContract } from './contract/reports.ts';
import { reservationsContract } from './contract/reservations.ts';
import { restoresContract } from './contract/restores.ts';
import { spendContract } from './contract/spend.ts';
import { arnOf, at, DAY, estimate, freeze, hold, reading, stop, T0, untagged } from './fixtures.ts';

const ACCOUNT = '111122223333';
const REGION = 'us-east-1';

const claimAt = (ledger: Ledger, now: Date, batch: string, ...decisions: readonly Decision[]) =>
  ledger.claim(decisions, { batch, now, leaseSeconds: 60 });

const only = <T>(list: readonly T[]): T => {
  const [first] = list;
  if (first === undefined || list.length !== 1) throw new Error(`expected one, got ${list.length}`);
  return first;
};

const claimOne = async (ledger: Ledger, now: Date, batch: string, decision: Decision): Promise<Claim> =>
  only(await claimAt(ledger, now, batch, decision));

const taken = (when: Date): Outcome => ({ status: 'taken', at: when, detail: 'It was stopped.' });
const failed = (when: Date): Outcome => ({
  status: 'failed',
  at: when,
  code: 'UnsupportedOperation',
  detail: 'A one-time Spot instance cannot be stopped.',
  retry: false,
});

const watch = (id: string, more: Partial<Watch> = {}): Watch => ({
  arn: arnOf(id),
  since: T0,
  busyAt: undefined,
  stopAt: undefined,
  heldAt: undefined,
  heldDue: undefined,
  toldAt: undefined,
  orderedAt: undefined,
  ...more,
});

/** What every ledger must do. `makeLedger` gives an empty one. */
export function ledgerContract(makeLedger: () => Promise<Ledger>): void {
  describe('claim and settle', () => {
    it('gives a new key to the caller and keeps the decision whole', async () => {
      const ledger = await makeLedger();
      const claim = await claimOne(ledger, T0, 'b1', stop('i-1'));
      expect(claim).toStrictEqual({
        state: 'won',
        record: {
          key: 'stop#i-1',
          batch: 'b1',
          token: expect.any(String),
          decision: stop('i-1'),
          status: 'intended',
          intendedAt: T0,
          outcome: undefined,
        },
      });
      expect(await claimOne(ledger, at(1), 'b2', stop('i-1'))).toStrictEqual({ ...claim, state: 'held' });
    });

    it('answers in the order of the decisions, each by its own state', async () => {
      const ledger = await makeLedger();
      await claimAt(ledger, T0, 'b1', stop('i-2'));
      const done = await claimOne(ledger, T0, 'b1', stop('i-3'));
      await ledger.settle([{ record: done.record, outcome: taken(at(1)), retryAt: undefined }], at(1));
      const claims = await claimAt(ledger, at(2), 'b2', stop('i-3'), stop('i-1'), stop('i-2'));
      expect(claims.map(({ state, record }) => [record.key, state])).toEqual([
        ['stop#i-3', 'done'],
        ['stop#i-1', 'won'],
        ['stop#i-2', 'held'],
      ]);
    });

    it('lets one call win a key once, however often it names it', async () => {
      const ledger = await makeLedger();
      const claims = await claimAt(ledger, T0, 'b1', stop('i-1'), stop('i-2'), stop('i-1'), stop('i-1'));
      expect(claims.map(({ state }) => state)).toEqual(['won', 'won', 'held', 'held']);
      expect(new Set(claims.map(({ record }) => record.token)).size).toBe(2);
      expect(await ledger.audit({ arn: arnOf('i-1') })).toHaveLength(1);
    });

    it('takes more decisions than run at once', async () => {
      const ledger = await makeLedger();
      const decisions = Array.from({ length: 60 }, (_, index) => stop(`i-${index}`));
      const claims = await claimAt(ledger, T0, 'b1', ...decisions);
      expect(claims.map(({ record }) => record.key)).toEqual(decisions.map(({ key }) => key));
      expect(claims.every(({ state }) => state === 'won')).toBe(true);
      await ledger.settle(
        claims.map(({ record }) => ({ record, outcome: taken(at(1)), retryAt: undefined })),
        at(1),
      );
      const again = await claimAt(ledger, at(999), 'b2', ...decisions);
      expect(again.every(({ state }) => state === 'done')).toBe(true);
      expect(await ledger.audit({ project: 'Recsys' })).toHaveLength(120);
    });

    it('claims and settles nothing when given nothing', async () => {
      const ledger = await makeLedger();
      expect(await claimAt(ledger, T0, 'b1')).toEqual([]);
      await ledger.settle([], T0);
    });

    it('lets exactly one of many concurrent callers win', async () => {
      const ledger = await makeLedger();
      const claims = await Promise.all(
        Array.from({ length: 30 }, (_, index) => claimOne(ledger, T0, `b${index}`, stop('i-1'))),
      );
      const winner = only(claims.filter(({ state }) => state === 'won'));
      for (const { state, record } of claims) {
        expect(record).toStrictEqual(winner.record);
        if (record.batch !== winner.record.batch) expect(state).toBe('held');
      }
      expect(claims.filter(({ state }) => state === 'held')).toHaveLength(29);
    });

    it('gives a lease that ran out to the next caller, from its last second on', async () => {
      const ledger = await makeLedger();
      const first = await claimOne(ledger, T0, 'b1', stop('i-1'));
      expect((await claimOne(ledger, at(59.999), 'b2', stop('i-1'))).state).toBe('held');
      const second = await claimOne(ledger, at(60), 'b2', stop('i-1'));
      expect(second).toMatchObject({ state: 'won', record: { batch: 'b2', intendedAt: at(60) } });
      expect(second.record.token).not.toBe(first.record.token);
    });

    it('does not let who lost the lease overwrite the other, but keeps what it did in the trail', async () => {
      const ledger = await makeLedger();
      const slow = await claimOne(ledger, T0, 'slow', stop('i-1'));
      const quick = await claimOne(ledger, at(60), 'quick', stop('i-1'));
      await ledger.settle([{ record: slow.record, outcome: failed(at(61)), retryAt: at(61) }], at(61));
      expect(await claimOne(ledger, at(62), 'b3', stop('i-1'))).toStrictEqual({ ...quick, state: 'held' });
      await ledger.settle([{ record: quick.record, outcome: taken(at(63)), retryAt: undefined }], at(63));
      await ledger.settle([{ record: slow.record, outcome: failed(at(64)), retryAt: at(64) }], at(64));
      expect(await claimOne(ledger, at(9_999), 'b4', stop('i-1'))).toMatchObject({
        state: 'done',
        record: { status: 'taken', outcome: taken(at(63)), batch: 'quick' },
      });
      const events = (await ledger.audit({ arn: arnOf('i-1') })).map(({ batch, event }) => [batch, event]);
      expect(events).toEqual([
        ['slow', 'intended'],
        ['quick', 'intended'],
        ['slow', 'failed'],
        ['quick', 'taken'],
        ['slow', 'failed'],
      ]);
    });

    it('lets the holder settle after its lease ran out, where nobody else came', async () => {
      const ledger = await makeLedger();
      const { record } = await claimOne(ledger, T0, 'b1', stop('i-1'));
      await ledger.settle([{ record, outcome: taken(at(120)), retryAt: undefined }], at(120));
      expect((await claimOne(ledger, at(121), 'b2', stop('i-1'))).state).toBe('done');
    });

    it.each([
      taken(at(1)),
      { status: 'skipped', at: at(1), code: 'gone', detail: 'x' } as const,
      failed(at(1)),
    ])('tells a later caller that it is done: $status', async (outcome) => {
      const ledger = await makeLedger();
      const { record } = await claimOne(ledger, T0, 'b1', stop('i-1'));
      await ledger.settle([{ record, outcome, retryAt: undefined }], at(1));
      expect(await claimOne(ledger, at(99 * DAY), 'b2', stop('i-1'))).toStrictEqual({
        state: 'done',
        record: { ...record, status: outcome.status, outcome },
      });
    });

    it('can be claimed again from `retryAt` on, as a new intent of the new batch', async () => {
      const ledger = await makeLedger();
      const { record } = await claimOne(ledger, T0, 'b1', stop('i-1'));
      await ledger.settle([{ record, outcome: failed(at(1)), retryAt: at(100) }], at(1));
      expect((await claimOne(ledger, at(99.999), 'b2', stop('i-1'))).state).toBe('done');
      expect(await claimOne(ledger, at(100), 'b3', stop('i-1'))).toMatchObject({
        state: 'won',
        record: { batch: 'b3', status: 'intended', outcome: undefined, intendedAt: at(100) },
      });
      expect((await claimOne(ledger, at(101), 'b4', stop('i-1'))).state).toBe('held');
    });

    it('forgets a record after 100 days', async () => {
      const ledger = await makeLedger();
      const { record } = await claimOne(ledger, T0, 'b1', stop('i-1'));
      await ledger.settle([{ record, outcome: taken(at(0)), retryAt: undefined }], T0);
      expect((await claimOne(ledger, at(100 * DAY - 1), 'b2', stop('i-1'))).state).toBe('done');
      expect((await claimOne(ledger, at(100 * DAY), 'b2', stop('i-1'))).state).toBe('won');
    });

    it('keeps keys apart that differ by case', async () => {
      const ledger = await makeLedger();
      expect((await claimOne(ledger, T0, 'b1', stop('Model'))).state).toBe('won');
      expect((await claimOne(ledger, T0, 'b1', stop('model'))).state).toBe('won');
    });
  });

  describe('the audit trail', () => {
    it('holds intents and outcomes by time, found by resource and by project', async () => {
      const ledger = await makeLedger();
      const first = await claimOne(ledger, T0, 'b1', stop('i-1'));
      const other = await claimOne(ledger, at(5), 'b1', stop('i-2'));
      await ledger.settle(
        [
          { record: other.record, outcome: taken(at(9)), retryAt: undefined },
          { record: first.record, outcome: failed(at(7)), retryAt: undefined },
        ],
        at(10),
      );
      expect(await ledger.audit({ arn: arnOf('i-1') })).toStrictEqual([
        {
          at: T0,
          batch: 'b1',
          decision: stop('i-1'),
          event: 'intended',
          code: undefined,
          detail: 'i-1 was idle for 30 minutes.',
        },
        {
          at: at(7),
          batch: 'b1',
          decision: stop('i-1'),
          event: 'failed',
          code: 'UnsupportedOperation',
          detail: 'A one-time Spot instance cannot be stopped.',
        },
      ]);
      const project = await ledger.audit({ project: 'Recsys' });
      expect(project.map(({ decision, event }) => [decision.key, event])).toEqual([
        ['stop#i-1', 'intended'],
        ['stop#i-2', 'intended'],
        ['stop#i-1', 'failed'],
        ['stop#i-2', 'taken'],
      ]);
      expect(await ledger.audit({ project: 'recsys' })).toEqual([]);
      expect(await ledger.audit({ arn: arnOf('i-9') })).toEqual([]);
    });

    it('puts the intent before an outcome of the same millisecond', async () => {
      const ledger = await makeLedger();
      const { record } = await claimOne(ledger, T0, 'b1', stop('i-1'));
      await ledger.settle([{ record, outcome: taken(T0), retryAt: undefined }], T0);
      const events = (await ledger.audit({ project: 'Recsys' })).map(({ event }) => event);
      expect(events).toEqual(['intended', 'taken']);
    });

    it('starts at `since`, inclusive', async () => {
      const ledger = await makeLedger();
      await claimAt(ledger, T0, 'b1', stop('i-1'));
      await claimAt(ledger, at(60), 'b2', stop('i-1'));
      await claimAt(ledger, at(120), 'b3', stop('i-1'));
      for (const of of [{ arn: arnOf('i-1') }, { project: 'Recsys' }]) {
        expect((await ledger.audit(of, at(60))).map(({ batch }) => batch)).toEqual(['b2', 'b3']);
        expect((await ledger.audit(of, at(60.001))).map(({ batch }) => batch)).toEqual(['b3']);
      }
    });

    it('finds holds and freezes under their project', async () => {
      const ledger = await makeLedger();
      await claimAt(ledger, T0, 'b1', hold('hold-1', 'Recsys', ['i-1', 'i-2']), freeze('freeze-1', 'Recsys'));
      const keys = (await ledger.audit({ project: 'Recsys' })).map(({ decision }) => decision.key);
      expect(keys.toSorted()).toEqual(['freeze-1', 'hold-1']);
      expect(await ledger.audit({ arn: arnOf('i-1') })).toEqual([]);
    });

    it('finds what names no project', async () => {
      const ledger = await makeLedger();
      await claimAt(ledger, T0, 'b1', hold('hold-1', undefined, ['i-1']), untagged('i-2'), stop('i-3'));
      const keys = (await ledger.audit({ project: undefined })).map(({ decision }) => decision.key);
      expect(keys.toSorted()).toEqual(['hold-1', 'stop#i-2']);
      expect(await ledger.audit({ arn: arnOf('i-2') })).toHaveLength(1);
    });

    it('keeps one line of a settlement that is repeated', async () => {
      const ledger = await makeLedger();
      const { record } = await claimOne(ledger, T0, 'b1', stop('i-1'));
      const settlement = { record, outcome: taken(at(1)), retryAt: undefined };
      await ledger.settle([settlement, settlement], at(1));
      await ledger.settle([settlement], at(2));
      expect(await ledger.audit({ arn: arnOf('i-1') })).toHaveLength(2);
    });

    it('follows every page', async () => {
      const ledger = await makeLedger();
      // Each line is some 20 KB: DynamoDB gives 1 MB a page.
      const long = { ...stop('i-1'), reason: 'x'.repeat(20_000) };
      for (let turn = 0; turn < 60; turn++) await claimAt(ledger, at(turn * 60), `b${turn}`, long);
      expect(await ledger.audit({ arn: arnOf('i-1') })).toHaveLength(60);
      expect(await ledger.audit({ project: 'Recsys' })).toHaveLength(60);
    }, 60_000);
  });

  describe('watches', () => {
    it('are kept by account and region, and only those given are written', async () => {
      const ledger = await makeLedger();
      const one = watch('i-1', { busyAt: at(-60) });
      const two = watch('i-2', {
        stopAt: at(600),
        heldAt: at(5),
        heldDue: 40,
        toldAt: at(5),
        orderedAt: at(6),
        paced: true,
        closingAt: at(700),
        endsAt: at(800),
        upSince: at(-100),
        downSince: at(-900),
        notedAt: at(-3),
      });
      await ledger.saveWatches(ACCOUNT, REGION, [one, two], T0);
      await ledger.saveWatches(ACCOUNT, 'eu-west-1', [watch('i-3')], T0);
      await ledger.saveWatches(ACCOUNT, REGION, [], T0);
      expect(await ledger.watches(ACCOUNT, REGION, T0)).toStrictEqual(
        new Map([
          [one.arn, one],
          [two.arn, two],
        ]),
      );
      const changed = watch('i-1', { busyAt: T0 });
      await ledger.saveWatches(ACCOUNT, REGION, [changed], at(1));
      const now = await ledger.watches(ACCOUNT, REGION, at(1));
      expect(now.get(one.arn)).toStrictEqual(changed);
      expect(now.get(two.arn)).toStrictEqual(two);
      expect([...(await ledger.watches('999999999999', REGION, T0))]).toEqual([]);
    });

    it('are written whole: busy again clears the stop that was announced', async () => {
      const ledger = await makeLedger();
      await ledger.saveWatches(ACCOUNT, REGION, [watch('i-1', { stopAt: at(600) })], T0);
      const busy = watch('i-1', { busyAt: at(60) });
      await ledger.saveWatches(ACCOUNT, REGION, [busy], at(60));
      expect((await ledger.watches(ACCOUNT, REGION, at(60))).get(busy.arn)).toStrictEqual(busy);
    });

    it('of an older spell are replaced', async () => {
      const ledger = await makeLedger();
      await ledger.saveWatches(
        ACCOUNT,
        REGION,
        [
          watch('i-1', {
            busyAt: at(5),
            stopAt: at(600),
            heldAt: T0,
            heldDue: 40,
            toldAt: T0,
            orderedAt: T0,
          }),
        ],
        T0,
      );
      const restarted = watch('i-1', { since: at(300) });
      await ledger.saveWatches(ACCOUNT, REGION, [restarted], at(301));
      expect((await ledger.watches(ACCOUNT, REGION, at(301))).get(restarted.arn)).toStrictEqual(restarted);
    });

    it('are written and read by the hundred', async () => {
      const ledger = await makeLedger();
      const many = Array.from({ length: 130 }, (_, index) => watch(`i-${index}`));
      await ledger.saveWatches(ACCOUNT, REGION, many, T0);
      expect((await ledger.watches(ACCOUNT, REGION, T0)).size).toBe(130);
    });

    it('may name a resource twice: the last counts', async () => {
      const ledger = await makeLedger();
      const last = watch('i-1', { busyAt: at(2) });
      await ledger.saveWatches(ACCOUNT, REGION, [watch('i-1', { busyAt: at(1) }), last], T0);
      expect(await ledger.watches(ACCOUNT, REGION, T0)).toStrictEqual(new Map([[last.arn, last]]));
    });

    it('are forgotten 2 days after they were written', async () => {
      const ledger = await makeLedger();
      await ledger.saveWatches(ACCOUNT, REGION, [watch('i-1')], T0);
      expect((await ledger.watches(ACCOUNT, REGION, at(2 * DAY - 1))).size).toBe(1);
      expect((await ledger.watches(ACCOUNT, REGION, at(2 * DAY))).size).toBe(0);
    });
  });

  describe('project marks', () => {
    const END = at(4 * DAY);

    it('remember the newest reading, in whatever order they come', async () => {
      const ledger = await makeLedger();
      await ledger.markBreach(reading('Recsys', at(100)), END);
      await ledger.markBreach(reading('Recsys', at(50)), at(9 * DAY));
      expect(await ledger.projectMarks(T0)).toStrictEqual(
        new Map([
          [
            'Recsys',
            {
              holder: 'Recsys',
              breaches: new Map([['budgets', reading('Recsys', at(100))]]),
              frozenUntil: undefined,
              reached: new Map(),
              until: END,
            },
          ],
        ]),
      );
      await ledger.markBreach(reading('Recsys', at(150)), END);
      expect((await ledger.projectMarks(T0)).get('Recsys')?.breaches.get('budgets')?.asOf).toEqual(at(150));
    });

    it('keep the newest of concurrent readings', async () => {
      const ledger = await makeLedger();
      const seconds = [7, 3, 19, 1, 12, 18, 4, 0, 16, 9];
      await Promise.all(seconds.map((second) => ledger.markBreach(reading('Recsys', at(second)), END)));
      expect((await ledger.projectMarks(T0)).get('Recsys')?.breaches.get('budgets')?.asOf).toEqual(at(19));
    });

    it('have a breach of each source, each by itself', async () => {
      const ledger = await makeLedger();
      await ledger.markBreach(reading('Recsys', at(100)), END);
      await ledger.markBreach(estimate('Recsys', at(50)), at(5 * DAY));
      await ledger.markBreach(estimate('Recsys', at(60), 'meter-day'), at(200));
      await ledger.markBreach(estimate('Recsys', at(40)), END);
      await ledger.markBreach(estimate('fraud', at(70), 'meter-total'), END);
      expect(await ledger.projectMarks(at(199))).toStrictEqual(
        new Map([
          [
            'Recsys',
            {
              holder: 'Recsys',
              breaches: new Map([
                ['budgets', reading('Recsys', at(100))],
                ['meter', estimate('Recsys', at(50))],
                ['meter-day', estimate('Recsys', at(60), 'meter-day')],
              ]),
              frozenUntil: undefined,
              reached: new Map(),
              until: at(5 * DAY),
            },
          ],
          [
            'fraud',
            {
              holder: 'fraud',
              breaches: new Map([['meter-total', estimate('fraud', at(70), 'meter-total')]]),
              frozenUntil: undefined,
              reached: new Map(),
              until: END,
            },
          ],
        ]),
      );
      const later = (await ledger.projectMarks(at(200))).get('Recsys');
      expect([...(later?.breaches.keys() ?? [])].toSorted()).toEqual(['budgets', 'meter']);
      await ledger.markBreach(estimate('Recsys', at(51)), END);
      expect((await ledger.projectMarks(at(200))).get('Recsys')).toMatchObject({
        breaches: new Map([
          ['budgets', reading('Recsys', at(100))],
          ['meter', estimate('Recsys', at(51))],
        ]),
        until: END,
      });
    });

    it('keep projects apart whose names begin alike, also with the name of a source', async () => {
      const ledger = await makeLedger();
      const projects = ['day', 'a', 'a#b', 'A', 'meter#a', 'day#a', '#', '2026-01-01#a'];
      for (const [index, project] of projects.entries()) {
        await ledger.markBreach(reading(project, at(index)), END);
        await ledger.markBreach(estimate(project, at(index)), END);
        await ledger.markBreach(estimate(project, at(index), 'meter-day'), END);
      }
      const marks = await ledger.projectMarks(T0);
      expect(new Map([...marks].map(([project, { breaches }]) => [project, breaches]))).toStrictEqual(
        new Map(
          projects.map((project, index) => [
            project,
            new Map([
              ['budgets', reading(project, at(index))],
              ['meter', estimate(project, at(index))],
              ['meter-day', estimate(project, at(index), 'meter-day')],
            ]),
          ]),
        ),
      );
    });

    it('lose a freeze before its time, and nothing else; it may be frozen again', async () => {
      const ledger = await makeLedger();
      await ledger.unfreeze('Recsys', at(1));
      expect((await ledger.projectMarks(T0)).size).toBe(0);
      await ledger.markBreach(reading('Recsys', T0), at(100));
      await ledger.freeze('Recsys', at(200));
      await ledger.freeze('recsys', at(200));
      await ledger.unfreeze('Recsys', at(1));
      await ledger.unfreeze('Recsys', at(1));
      const marks = await ledger.projectMarks(T0);
      expect(marks.get('Recsys')).toStrictEqual({
        holder: 'Recsys',
        breaches: new Map([['budgets', reading('Recsys', T0)]]),
        frozenUntil: undefined,
        unfrozenAt: at(1),
        reached: new Map(),
        until: at(200),
      });
      expect(marks.get('recsys')?.frozenUntil).toEqual(at(200));
      await ledger.freeze('Recsys', at(50));
      expect((await ledger.projectMarks(T0)).get('Recsys')?.frozenUntil).toEqual(at(50));
    });

    it('remember who was unfrozen, and when last, for as long as the longest of the freezes would have lasted', async () => {
      const ledger = await makeLedger();
      const unfrozenAt = async (when: Date) => (await ledger.projectMarks(when)).get('Recsys')?.unfrozenAt;
      await ledger.freeze('Recsys', at(20));
      await ledger.unfreeze('Recsys', at(20));
      expect(await unfrozenAt(at(21)), 'it was over').toBeUndefined();
      await ledger.freeze('Recsys', at(200));
      await ledger.unfreeze('Recsys', at(30));
      await ledger.freeze('Recsys', at(100));
      expect(await unfrozenAt(at(31))).toEqual(at(30));
      await ledger.unfreeze('Recsys', at(40));
      expect(await unfrozenAt(at(199))).toEqual(at(40));
      expect(await unfrozenAt(at(200))).toBeUndefined();
    });

    it('extend a freeze and never shorten it', async () => {
      const ledger = await makeLedger();
      await ledger.freeze('Recsys', at(200));
      await ledger.freeze('Recsys', at(100));
      expect((await ledger.projectMarks(T0)).get('Recsys')).toStrictEqual({
        holder: 'Recsys',
        breaches: new Map(),
        frozenUntil: at(200),
        reached: new Map(),
        until: at(200),
      });
      await ledger.freeze('Recsys', at(300));
      expect((await ledger.projectMarks(T0)).get('Recsys')?.frozenUntil).toEqual(at(300));
    });

    it('end by themselves, a breach and a freeze apart', async () => {
      const ledger = await makeLedger();
      await ledger.markBreach(reading('Recsys', T0), at(100));
      await ledger.freeze('Recsys', at(200));
      await ledger.freeze('fraud', at(150));
      expect((await ledger.projectMarks(at(99))).get('Recsys')).toStrictEqual({
        holder: 'Recsys',
        breaches: new Map([['budgets', reading('Recsys', T0)]]),
        frozenUntil: at(200),
        reached: new Map(),
        until: at(200),
      });
      expect((await ledger.projectMarks(at(100))).get('Recsys')).toStrictEqual({
        holder: 'Recsys',
        breaches: new Map(),
        frozenUntil: at(200),
        reached: new Map(),
        until: at(200),
      });
      expect([...(await ledger.projectMarks(at(150))).keys()]).toEqual(['Recsys']);
      expect([...(await ledger.projectMarks(at(200))).keys()]).toEqual([]);
    });
  });

  reachesContract(makeLedger);
  restoresContract(makeLedger);
  keepsContract(makeLedger);
  approvalsContract(makeLedger);
  alertsContract(makeLedger);
  meterContract(makeLedger);
  spendContract(makeLedger);
  reservationsContract(makeLedger);
  reportsContract(makeLedger);

  describe('prices', () => {
    it('are kept with the time they were read; no price is not an unread one', async () => {
      const ledger = await makeLedger();
      expect(await ledger.price('ec2/us-east-1/g5.xlarge')).toBeUndefined();
      await ledger.savePrice('ec2/us-east-1/g5.xlarge', microUsd(21_957_642n), T0);
      await ledger.savePrice('ec2/us-east-1/new.xlarge', undefined, T0);
      expect(await ledger.price('ec2/us-east-1/g5.xlarge')).toStrictEqual({
        hourly: microUsd(21_957_642n),
        asOf: T0,
      });
      expect(await ledger.price('ec2/us-east-1/new.xlarge')).toStrictEqual({ hourly: undefined, asOf: T0 });
      await ledger.savePrice('ec2/us-east-1/g5.xlarge', undefined, at(9));
      expect(await ledger.price('ec2/us-east-1/g5.xlarge')).toStrictEqual({ hourly: undefined, asOf: at(9) });
    });
  });

  describe('once', () => {
    it('is true for one of many callers', async () => {
      const ledger = await makeLedger();
      expect(await ledger.seen('alert-1', T0)).toBe(false);
      const answers = await Promise.all(Array.from({ length: 20 }, () => ledger.once('alert-1', T0)));
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await ledger.seen('alert-1', T0)).toBe(true);
      expect(await ledger.once('alert-1', at(DAY))).toBe(false);
      expect(await ledger.once('Alert-1', T0)).toBe(true);
    });

    it('can be given back', async () => {
      const ledger = await makeLedger();
      await ledger.once('alert-1', T0);
      await ledger.forget('alert-1');
      await ledger.forget('never-there');
      expect(await ledger.seen('alert-1', T0)).toBe(false);
      expect(await ledger.once('alert-1', T0)).toBe(true);
    });

    it('lasts 14 days', async () => {
      const ledger = await makeLedger();
      await ledger.once('alert-1', T0);
      expect(await ledger.seen('alert-1', at(14 * DAY - 1))).toBe(true);
      expect(await ledger.seen('alert-1', at(14 * DAY))).toBe(false);
      expect(await ledger.once('alert-1', at(14 * DAY - 1))).toBe(false);
      expect(await ledger.once('alert-1', at(14 * DAY))).toBe(true);
    });
  });

  describe('what was told of a batch', () => {
    it('is added to, also by several at once, and belongs to that batch', async () => {
      const ledger = await makeLedger();
      expect(await ledger.told('sweep/1')).toEqual(new Set());
      await ledger.rememberTold('sweep/1', [], T0);
      await ledger.rememberTold('sweep/1', ['a/taken', 'b/failed'], T0);
      await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          ledger.rememberTold('sweep/1', [`c${n}/taken`, 'a/taken'], at(n)),
        ),
      );
      expect(await ledger.told('sweep/1')).toEqual(
        new Set(['a/taken', 'b/failed', ...Array.from({ length: 10 }, (_, n) => `c${n}/taken`)]),
      );
      expect(await ledger.told('sweep/10')).toEqual(new Set());
    });
  });

  describe('slots of a channel', () => {
    it('follow each other at the spacing and start anew when the channel was quiet', async () => {
      const ledger = await makeLedger();
      expect(await ledger.reserveSlot('#fraud', 1_000, T0)).toEqual(T0);
      expect(await ledger.reserveSlot('#fraud', 1_000, T0)).toEqual(at(1));
      expect(await ledger.reserveSlot('#fraud', 1_000, at(0.5))).toEqual(at(2));
      expect(await ledger.reserveSlot('#other', 1_000, T0)).toEqual(T0);
      expect(await ledger.reserveSlot('#fraud', 1_000, at(3))).toEqual(at(3));
      expect(await ledger.reserveSlot('#fraud', 1_000, at(60))).toEqual(at(60));
    });

    it('are each given to one of many concurrent callers, without gaps', async () => {
      const ledger = await makeLedger();
      const slots = await Promise.all(
        Array.from({ length: 25 }, () => ledger.reserveSlot('#fraud', 1_000, T0)),
      );
      const times = slots.map((slot) => slot.getTime()).toSorted((a, b) => a - b);
      expect(times).toEqual(Array.from({ length: 25 }, (_, index) => at(index).getTime()));
    });
  });
}
