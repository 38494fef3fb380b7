import { describe, expect, it } from 'vitest';
import { readMeterSays } from '../../lib/enforce/read-meter-says.ts';
import { isAnomalyTime, tellAnomalies } from '../../lib/enforce/tell-anomalies.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { DAY_MS, dayName, dayNumber } from '../../lib/meter/days.ts';
import type { Decision } from '../../lib/types/decision.ts';
import { microUsd } from '../../lib/types/money.ts';

const ACCOUNT = '111122223333';
const REGION = 'us-east-1';
const S3 = 'Amazon Simple Storage Service';
/** 01:05 on a Thursday. */
const NOW = new Date('2026-11-26T01:05:00.000Z');
const later = (hours: number): Date => new Date(NOW.getTime() + hours * 3_600_000);
const daysAgo = (days: number): string => dayName(dayNumber(NOW.getTime()) - days);

const regions = new Map([[REGION, undefined]]);

/** What each project was billed so many days ago; days that are less than four days old are not whole yet. */
async function billed(
  ledger: Ledger,
  projects: Readonly<Record<string, (daysBefore: number) => number>>,
  { asOf = NOW, back = 60, until = 0 } = {},
): Promise<void> {
  await ledger.saveBilledDays(
    ACCOUNT,
    Array.from({ length: back + 1 - until }, (_, index) => back - index).map((days) => ({
      day: daysAgo(days),
      billedAsOf: asOf,
      billed: new Map(
        Object.entries(projects).map(([project, of]) => [
          project,
          new Map([[S3, microUsd(BigInt(Math.round(of(days) * 1e6)))]]),
        ]),
      ),
    })),
  );
}

/** An instance of so much an hour, in these days ago. */
async function metered(
  ledger: Ledger,
  id: string,
  project: string,
  [from, to]: readonly [number, number],
  hourly: number,
): Promise<void> {
  const arn = `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${id}`;
  const at = (days: number): Date => new Date(Date.parse(daysAgo(days)));
  const point = { by: 'seen' as const, project, hourly: microUsd(BigInt(hourly * 1e6)) };
  const record = {
    arn,
    id,
    kind: 'ec2-instance' as const,
    account: ACCOUNT,
    region: REGION,
    size: 'm5.xlarge',
    points: [
      { ...point, at: at(from), on: true },
      { ...point, at: at(to), on: false, project: undefined, hourly: undefined },
    ],
    closed: [],
  };
  await ledger.saveMeterRecords([{ record, version: undefined }], NOW);
}

const watched = async (ledger: Ledger, days = 40): Promise<void> => {
  await ledger.saveMeteredAt(ACCOUNT, REGION, new Date(NOW.getTime() - days * DAY_MS));
  await ledger.saveMeteredAt(ACCOUNT, REGION, NOW);
};

async function tell(
  ledger: Ledger,
  { at = NOW, hasNewBill = false, anomalies = true, discount = 0 } = {},
): Promise<Decision[]> {
  const sent: Decision[] = [];
  await tellAnomalies({ spends: new Map([['recsys', { discount }]]), hasNewBill }, at, {
    policy: { alerts: { burnRate: undefined, weekly: false, anomalies } },
    ledger,
    regions,
    account: ACCOUNT,
    send: async (decisions) => {
      sent.push(...decisions);
      return decisions.length;
    },
  });
  return sent;
}

const keys = (decisions: readonly Decision[]): readonly string[] => decisions.map(({ key }) => key);
const withSpike =
  (day: number, usual = 100, spike = 900) =>
  (days: number) =>
    days === day ? spike : usual;

describe('a day that the meter has seen', () => {
  const spiked = async (): Promise<Ledger> => {
    const ledger = createMemoryLedger();
    await watched(ledger);
    await metered(ledger, 'i-usual', 'recsys', [35, 0], 4);
    await metered(ledger, 'i-odd', 'recsys', [1, 0], 40);
    return ledger;
  };

  it('is told once, in the hour after one o’clock of the next', async () => {
    const ledger = await spiked();
    expect(await tell(ledger, { at: later(-1) })).toEqual([]);
    const [told, ...others] = await tell(ledger);
    expect(others).toEqual([]);
    expect(told).toMatchObject({
      action: 'spend-anomaly',
      key: 'spend-anomaly/2026-11-25/recsys',
      project: 'recsys',
      reason:
        'Project recsys spent $1,056.00 on Wednesday 2026-11-25 (UTC), as the meter estimates it by price × running time. By its last weeks, $96.00 was expected of this Wednesday, and $79.40 to $115.88 would be usual. It comes from Amazon Elastic Compute Cloud - Compute ($1,056.00 instead of $96.00).',
    });
    expect(await tell(ledger, { at: later(0.5) })).toEqual([]);
    expect(await tell(ledger, { at: later(24) })).toEqual([]);
  });

  it('is told less discount', async () => {
    const [told] = await tell(await spiked(), { discount: 50 });
    expect(told?.reason).toContain('spent $528.00');
  });

  it('is not told where the policy says so, or the meter has watched for less than two weeks', async () => {
    expect(await tell(await spiked(), { anomalies: false })).toEqual([]);
    const young = await spiked();
    const onlyJust = createMemoryLedger();
    await watched(onlyJust, 14);
    await metered(onlyJust, 'i-usual', 'recsys', [35, 0], 4);
    await metered(onlyJust, 'i-odd', 'recsys', [1, 0], 40);
    expect(keys(await tell(young))).toHaveLength(1);
    expect(await tell(onlyJust)).toEqual([]);
  });

  it('is tried again by the next sweep where it could not be sent', async () => {
    const ledger = await spiked();
    await expect(
      tellAnomalies({ spends: new Map(), hasNewBill: false }, NOW, {
        policy: { alerts: { burnRate: undefined, weekly: false, anomalies: true } },
        ledger,
        regions,
        account: ACCOUNT,
        send: () => Promise.reject(new Error('the queue is out')),
      }),
    ).rejects.toThrow('the queue is out');
    expect(keys(await tell(ledger, { at: later(0.1) }))).toEqual(['spend-anomaly/2026-11-25/recsys']);
  });

  it('is not told again when its bill confirms it, nor when the bill has it begin a day later', async () => {
    for (const spike of [1, 0]) {
      const ledger = await spiked();
      const untold = createMemoryLedger();
      const at = later(4 * 24);
      expect(await tell(ledger)).toHaveLength(1);
      for (const one of [ledger, untold]) {
        await billed(one, { recsys: withSpike(spike) }, { asOf: at, until: -3 });
      }
      expect(await tell(ledger, { at, hasNewBill: true })).toEqual([]);
      expect(await tell(untold, { at, hasNewBill: true })).toHaveLength(1);
    }
  });
});

describe('a day that is billed', () => {
  it('is told when its bill is whole, whatever the hour', async () => {
    const ledger = createMemoryLedger();
    await billed(ledger, { recsys: withSpike(4) });
    expect(await tell(ledger, { at: later(6) })).toEqual([]);
    const told = await tell(ledger, { at: later(6), hasNewBill: true });
    expect(keys(told)).toEqual(['spend-anomaly/2026-11-22/recsys']);
    expect(told[0]?.reason).toContain('on Sunday 2026-11-22 (UTC), as AWS has billed it.');
    expect(await tell(ledger, { at: later(12), hasNewBill: true })).toEqual([]);
  });

  it('is not told while its bill is not whole, where it is old, or far below the usual', async () => {
    for (const of of [withSpike(2), withSpike(9), withSpike(4, 500, 0)]) {
      const ledger = createMemoryLedger();
      await billed(ledger, { recsys: of });
      expect(await tell(ledger, { hasNewBill: true })).toEqual([]);
    }
  });

  it('of many projects: the five largest by themselves, the others by one alert, and once', async () => {
    const ledger = createMemoryLedger();
    await billed(
      ledger,
      Object.fromEntries(
        Array.from({ length: 9 }, (_, n) => [n === 8 ? '' : `p${n}`, withSpike(4, 100, 500 + n)]),
      ),
    );
    const told = await tell(ledger, { hasNewBill: true });
    expect(keys(told)).toEqual([
      'spend-anomaly/2026-11-22/',
      'spend-anomaly/2026-11-22/p7',
      'spend-anomaly/2026-11-22/p6',
      'spend-anomaly/2026-11-22/p5',
      'spend-anomaly/2026-11-22/p4',
      'spend-anomalies/2026-11-26',
    ]);
    expect(told.map(({ project }) => project)).toEqual([undefined, 'p7', 'p6', 'p5', 'p4', undefined]);
    expect(await tell(ledger, { hasNewBill: true, at: later(2) })).toEqual([]);
  });

  it('what does not fit into a day is told on the next', async () => {
    const ledger = createMemoryLedger();
    const names = Array.from({ length: 60 }, (_, n) => `p${n}`);
    await billed(ledger, Object.fromEntries(names.map((name) => [name, withSpike(4)])));
    const count = (decisions: readonly Decision[]): number =>
      decisions.flatMap((one) => (one.action === 'spend-anomaly' ? one.anomalies : [])).length;
    expect(count(await tell(ledger, { hasNewBill: true }))).toBe(45);
    expect(await tell(ledger, { hasNewBill: true, at: later(6) })).toEqual([]);
    expect(count(await tell(ledger, { at: later(24) }))).toBe(15);
  });
});

describe('the hour', () => {
  const policy = { alerts: { burnRate: undefined, weekly: false, anomalies: true } };

  it('is that after one o’clock UTC', () => {
    expect(isAnomalyTime(NOW, policy)).toBe(true);
    expect(isAnomalyTime(later(-1), policy)).toBe(false);
    expect(isAnomalyTime(later(1), policy)).toBe(false);
    expect(isAnomalyTime(NOW, { alerts: { ...policy.alerts, anomalies: false } })).toBe(false);
  });

  it('has nothing to say where the meter never looked', async () => {
    const ledger = createMemoryLedger();
    expect(await readMeterSays(new Map(), NOW, { ledger, regions, account: ACCOUNT })).toBeUndefined();
    expect(await tell(ledger)).toEqual([]);
  });
});
