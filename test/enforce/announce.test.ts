import { describe, expect, it } from 'vitest';
import { announcementId } from '../../lib/decide/announcement.ts';
import { announce } from '../../lib/enforce/announce.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import type { Alert } from '../../lib/types/alert.ts';
import type { Outcome, Result } from '../../lib/types/outcome.ts';
import { ACCOUNT, AT, failed, policy, skipped, stop, taken, warn } from '../alerts/fixtures.ts';
import { batchOf, target } from './fixtures.ts';

const result = (n: number, outcome: Outcome): Result => ({
  decision: stop(target(n), { key: `idle/${n}` }),
  outcome,
});

/** What is told of the results, delivery by delivery. */
function teller() {
  const told: Alert[] = [];
  const ledger = createMemoryLedger();
  const deps = { ledger, policy, account: ACCOUNT, publish: async (alert: Alert) => void told.push(alert) };
  return {
    told,
    deps,
    tell: (
      results: readonly Result[],
      { lastAttempt = false, over = {} }: { lastAttempt?: boolean; over?: Partial<typeof deps> } = {},
    ) =>
      announce(
        batchOf(results.map(({ decision }) => decision)),
        results,
        { lastAttempt, now: AT },
        { ...deps, ...over },
      ),
    items: () => told.flatMap(({ items }) => items.map(({ id, status }) => [id, status])),
  };
}

const id = (n: number) => target(n).id;

describe('a result', () => {
  it('is told once, however often the message comes', async () => {
    const { tell, told } = teller();
    await tell([result(1, taken())]);
    await tell([result(1, taken())]);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({
      kind: 'idle',
      project: 'recsys',
      account: ACCOUNT,
      at: AT.toISOString(),
    });
  });

  it('that is to be tried again is told when it is final', async () => {
    const { tell, told, items } = teller();
    await tell([result(1, taken()), result(2, failed('RequestLimitExceeded', true))]);
    expect(items()).toEqual([[id(1), 'taken']]);
    await tell([result(1, taken()), result(2, failed('RequestLimitExceeded', true))]);
    expect(told).toHaveLength(1);
    await tell([result(1, taken()), result(2, taken())]);
    expect(items()).toEqual([
      [id(1), 'taken'],
      [id(2), 'taken'],
    ]);
  });

  it('that is to be tried again is told at the last attempt', async () => {
    const { tell, items } = teller();
    await tell([result(1, failed('RequestLimitExceeded', true))], { lastAttempt: true });
    expect(items()).toEqual([[id(1), 'failed']]);
  });

  it('that failed at the last attempt and succeeds when a person sends it again is news', async () => {
    const { tell, told, items } = teller();
    await tell([result(1, failed('RequestLimitExceeded', true))], { lastAttempt: true });
    await tell([result(1, taken())]);
    expect(items()).toEqual([
      [id(1), 'failed'],
      [id(1), 'taken'],
    ]);
    expect(told[0]?.id).not.toBe(told[1]?.id);
  });

  it('that was skipped and is then carried out is news', async () => {
    const { tell, items } = teller();
    await tell([result(1, skipped('Exempt')), result(2, failed('RequestLimitExceeded', true))]);
    await tell([result(1, taken()), result(2, taken())]);
    expect(items()).toEqual([
      [id(1), 'skipped'],
      [id(1), 'taken'],
      [id(2), 'taken'],
    ]);
  });

  it('of which nobody needs to know is not told', async () => {
    const { tell, told } = teller();
    await tell([result(1, skipped('AlreadyStopped')), result(2, skipped('Gone'))]);
    expect(told).toEqual([]);
  });

  it('of twenty stops is one alert', async () => {
    const { tell, told } = teller();
    await tell(Array.from({ length: 20 }, (_, n) => result(n, taken())));
    expect(told).toHaveLength(1);
    expect(told[0]?.items).toHaveLength(20);
  });

  it('of another batch is told by itself', async () => {
    const { deps, told } = teller();
    const one = result(1, taken());
    for (const name of ['first', 'second']) {
      await announce(batchOf([one.decision], name), [one], { lastAttempt: false, now: AT }, deps);
    }
    expect(told).toHaveLength(2);
  });
});

describe('a warning', () => {
  const stopAt = new Date(AT.getTime() + 600_000);
  const warning: Result = { decision: warn(target(1), stopAt), outcome: taken() };
  const known = (ledger: Ledger) =>
    ledger.seen(announcementId({ trigger: 'idle', target: target(1), stopAt }), AT);

  it.each([
    { minutes: 0, counts: true },
    { minutes: 5, counts: true },
    { minutes: 6, counts: false },
    { minutes: 11, counts: false },
  ])('that goes out $minutes min late, of 10 that it gives: counts $counts', async ({ minutes, counts }) => {
    const { deps, told } = teller();
    const now = new Date(AT.getTime() + minutes * 60_000);
    await announce(batchOf([warning.decision]), [warning], { lastAttempt: false, now }, deps);
    expect(told).toHaveLength(1);
    expect(await known(deps.ledger)).toBe(counts);
  });
});

describe('a crash', () => {
  it('between publishing and marking repeats the same alert under the same id', async () => {
    const { tell, told, deps } = teller();
    const ledger = {
      ...deps.ledger,
      rememberTold: async () => {
        throw new Error('the worker died');
      },
    };
    const results = [result(1, taken()), result(2, taken())];
    await expect(tell(results, { over: { ledger } })).rejects.toThrow('the worker died');
    await tell(results.toReversed());
    expect(told).toHaveLength(2);
    expect(told[1]?.id).toBe(told[0]?.id);
    await tell(results);
    expect(told, 'and then no more').toHaveLength(2);
  });

  it('of the topic leaves the result to be told', async () => {
    const { tell, told } = teller();
    const publish = async () => {
      throw new Error('the topic is out');
    };
    await expect(tell([result(1, taken())], { over: { publish } })).rejects.toThrow('the topic is out');
    await tell([result(1, taken())]);
    expect(told).toHaveLength(1);
  });
});
