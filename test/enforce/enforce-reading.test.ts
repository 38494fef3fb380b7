import { describe, expect, it } from 'vitest';
import { reachedFreeze } from '../../lib/decide/budget.ts';
import { enforceReading } from '../../lib/enforce/enforce-reading.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import type { Decision } from '../../lib/types/decision.ts';
import { ZERO_USD } from '../../lib/types/money.ts';
import type { Resource } from '../../lib/types/resource.ts';
import {
  budgetReading,
  development,
  instance,
  minutes,
  policyOf,
  production,
  usd,
} from '../decide/fixtures.ts';

const graceless = { of: 'estimated', per: 'month', graceSeconds: 0 } as const;
const budget = [
  { at: 100, do: 'stop', ...graceless },
  { at: 120, do: 'freeze', ...graceless },
] as const;
const matched = development({ budget, idle: 'off' });
const policy = policyOf([matched, production]);
const ran = instance('i-ran', { hourly: usd('100') });

function setUp() {
  const ledger = createMemoryLedger();
  let queue: readonly Decision[] | undefined = [];
  /** The meter reads so much, so many minutes after `NOW`. @returns what was queued. */
  const read = async (spent: string, at: number, fleet: readonly Resource[] = [ran]) => {
    const now = minutes(at);
    const reading = budgetReading({
      source: 'meter',
      actual: undefined,
      meter: { billed: ZERO_USD, estimated: usd(spent), low: usd(spent), high: usd(spent), burn: usd('1') },
      asOf: now,
    });
    const sent: Decision[] = [];
    await enforceReading(
      {
        reading,
        alarms: [],
        resources: fleet,
        mark: (await ledger.projectMarks(now)).get('recsys'),
        keeps: new Map(),
        keepTags: new Map(),
        approval: undefined,
        id: `meter/${at}`,
      },
      {
        policy,
        ledger,
        send: async (decisions) => {
          if (queue === undefined) throw new Error('the queue cannot be reached');
          sent.push(...decisions);
          return 1;
        },
      },
    );
    return sent.map(({ action }) => action).filter((action) => action !== 'budget-notice');
  };
  return {
    ledger,
    read,
    breakQueue: () => {
      queue = undefined;
    },
    mendQueue: () => {
      queue = [];
    },
    breach: async (at: number) =>
      (await ledger.projectMarks(minutes(at))).get('recsys')?.breaches.get('meter'),
  };
}

describe('what the queue loses after the ledger has it', () => {
  it('is asked for again: the freeze by the next reading, the stops by the sweep', async () => {
    const { read, breakQueue, mendQueue, ledger, breach } = setUp();
    breakQueue();
    await expect(read('1250', 0)).rejects.toThrow('the queue cannot be reached');
    mendQueue();
    expect(await breach(5)).toBeDefined();
    expect(await read('1251', 5)).toEqual(['freeze']);
    await ledger.freeze('recsys', new Date('2026-12-01T00:00:00Z'));
    expect(await read('1252', 10)).toEqual([]);
    await ledger.unfreeze('recsys', minutes(12));
    expect(await read('1253', 15)).toEqual([]);
  });
});

describe('spend that falls', () => {
  it('is remembered as it is now: nothing is owed or undone for what it was, until it rises again', async () => {
    const { read, breach } = setUp();
    const since = instance('i-since', { since: minutes(6), hourly: usd('100') });
    expect(await read('1050', 0)).toEqual(['stop']);
    expect((await breach(1))?.meter?.estimated).toEqual(usd('1050'));
    expect(await read('950', 5, [ran, since])).toEqual([]);
    expect((await breach(6))?.meter?.estimated).toEqual(usd('950'));
    expect(await read('940', 10, [ran, since])).toEqual([]);
    expect((await breach(11))?.asOf, 'written once').toEqual(minutes(5));
    expect(await read('1010', 15, [since]), 'a threshold is enforced once').toEqual([]);
    expect((await breach(16))?.asOf, 'launches go by it').toEqual(minutes(15));
    expect(await read('1250', 20, [since]), 'a freeze is for what was launched since').toEqual([
      'freeze',
      'stop',
    ]);
  });

  it('does not end a freeze', async () => {
    const { read, breach, ledger } = setUp();
    expect(await read('1250', 0)).toEqual(['freeze', 'stop']);
    await ledger.freeze('recsys', new Date('2026-12-01T00:00:00Z'));
    await read('950', 5);
    const frozenBy = await breach(6);
    expect(frozenBy && reachedFreeze(matched, frozenBy, policy)?.at).toBe(120);
  });
});
