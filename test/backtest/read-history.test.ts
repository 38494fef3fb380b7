import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createCache } from '../../lib/backtest/cache.ts';
import { prepareHistory } from '../../lib/backtest/prepare-history.ts';
import { readHistory } from '../../lib/backtest/read-history.ts';
import type { RegionContexts } from '../../lib/fleet/discover.ts';
import { seriesKey } from '../../lib/simulate/account/recorded.ts';
import { REGION } from '../../lib/simulate/account/state.ts';
import { usdToDecimal } from '../../lib/types/money.ts';
import { accountOf, at, cloudwatchOf, DAY, MINUTE, NOW, scratch, steady } from './fixtures.ts';

const seriesOf = (id: string, metricName: string, statistic: 'Maximum' | 'Sum' = 'Maximum') => ({
  region: REGION,
  namespace: 'AWS/EC2',
  metricName,
  dimensions: { InstanceId: id },
  statistic,
  periodSeconds: 300,
});
const cpu = (id: string): string => seriesKey(seriesOf(id, 'CPUUtilization'));

/** Prepares and reads, with a cache in a folder. */
async function read(
  regions: RegionContexts,
  { dir = scratch(), from = at('2026-11-20'), to = NOW, signal = undefined as AbortSignal | undefined } = {},
) {
  const cache = createCache(dir);
  const prepared = await prepareHistory({ regions, from, to, now: NOW, cache });
  const { history, asked, plans } = await readHistory(prepared, {
    cloudTrails: new Map(),
    cache,
    ...(signal === undefined ? {} : { signal }),
  });
  return { history, asked, plans, cost: prepared.cost };
}

describe('readHistory', () => {
  it('reads what the account did, and knows when each resource ran', async () => {
    const { add, regions } = accountOf();
    const busyUntil = at('2026-11-22T12:00:00Z');
    add('i-1', (minute) => ({ cpu: minute < busyUntil ? 80 : 1, network: 100 }));
    add('i-2', () => ({ cpu: 1, network: 0 }), at('2026-11-24T08:00:00Z'));
    const { history, cost, asked } = await read(regions());

    expect(history.resources.map(({ resource, ran }) => [resource.id, ran])).toEqual([
      ['i-1', [{ from: at('2026-11-20'), to: NOW }]],
      ['i-2', [{ from: at('2026-11-24T08:00:00Z'), to: NOW }]],
    ]);
    const samples = [...(history.metrics.get(cpu('i-1')) ?? [])];
    expect(samples).toHaveLength((NOW.getTime() - at('2026-11-20').getTime()) / (5 * MINUTE));
    expect(samples.every(({ at: time, value }) => value === (time < busyUntil ? 80 : 1))).toBe(true);
    expect(history.metrics.get(seriesKey(seriesOf('i-1', 'NetworkIn', 'Sum')))?.at(0)?.value, 'raw').toBe(
      30_000,
    );
    expect(history.metrics.get(cpu('i-2'))?.at(0)?.at).toEqual(at('2026-11-24T08:00:00Z'));
    expect(cost).toMatchObject({ metrics: 6, calls: 1, cachedDays: 0, missingDays: 36 });
    expect(usdToDecimal(cost.usd)).toBe('0.00006');
    expect(asked).toEqual({ metrics: 6, calls: 1 });
  });

  it('asks each span by what AWS still keeps, and takes an hour for as busy as its busiest minute', async () => {
    const { add, regions } = accountOf();
    add('i-1', () => ({ cpu: 1 }));
    const { cloudwatch, inputs } = cloudwatchOf(steady(7));
    const from = new Date(at('2026-11-25').getTime() - 64 * DAY);
    const { history, cost } = await read(regions({ cloudwatch }), { from });
    expect(
      inputs.map(({ StartTime, MetricDataQueries = [] }) => [
        StartTime,
        MetricDataQueries[0]?.MetricStat?.Period,
      ]),
    ).toEqual([
      [from, 3_600],
      [new Date(from.getTime() + 2 * DAY), 300],
    ]);
    expect(cost, 'each metric once by hours, and once by five minutes').toMatchObject({
      metrics: 6,
      calls: 2,
    });
    const samples = [...(history.metrics.get(cpu('i-1')) ?? [])];
    expect(samples).toHaveLength(64 * 288 + 126);
    expect(samples[1]).toEqual({ at: new Date(from.getTime() + 5 * MINUTE), value: 7 });
    expect(history.gaps.join('\n')).toContain('Of 6 days of single metrics only hours are left');
  });

  it('pays nothing for what is in the cache, and trusts no file in it that is not its own', async () => {
    const { add, regions } = accountOf();
    add('i-1', () => ({ cpu: 1, network: 1 }));
    const { cloudwatch, inputs } = cloudwatchOf(steady(7));
    const dir = scratch();
    const first = await read(regions({ cloudwatch }), { dir });
    const again = await read(regions({ cloudwatch }), { dir });
    expect(again.history).toEqual(first.history);
    expect(again.cost, 'today is never kept').toMatchObject({ metrics: 3, cachedDays: 15, missingDays: 3 });
    expect(inputs.at(-1)?.StartTime).toEqual(at('2026-11-25'));

    const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.json'),
    );
    expect(files).toHaveLength(3);
    const [one = '', two = '', three = ''] = files.map((name) => join(dir, name));
    writeFileSync(one, readFileSync(two));
    writeFileSync(two, readFileSync(two, 'utf8').slice(0, -10));
    writeFileSync(three, readFileSync(three, 'utf8').replace('"values":[7', '"values":["7"'));
    const mended = await read(regions({ cloudwatch }), { dir });
    expect(mended.cost).toMatchObject({ metrics: 3, cachedDays: 0, missingDays: 18 });
    expect(mended.history).toEqual(first.history);
  });

  it('keeps what it read when it is stopped in the middle, and asks only for the rest', async () => {
    const dir = scratch();
    const from = at('2026-11-17');
    const to = at('2026-11-25');
    const answers = () => cloudwatchOf(steady(7));
    const whole = accountOf();
    // Of each the cache has a day more than of the one before, so that each is a call of its own.
    for (let n = 0; n < 8; n += 1) {
      whole.add(`i-${n}`, () => ({ cpu: 1 }));
      const { add, regions } = accountOf();
      add(`i-${n}`, () => ({ cpu: 1 }));
      const until = new Date(from.getTime() + n * DAY);
      if (n > 0) await read(regions({ cloudwatch: answers().cloudwatch }), { dir, from, to: until });
    }
    const stop = new AbortController();
    const stopped = cloudwatchOf((input, call) => {
      if (call === 2) stop.abort(new Error('stopped'));
      return steady(7)(input);
    });
    const span = { dir, from, to };
    await expect(
      read(whole.regions({ cloudwatch: stopped.cloudwatch }), { ...span, signal: stop.signal }),
    ).rejects.toThrow('stopped');
    const called = stopped.inputs.length;
    expect(called).toBeGreaterThan(1);
    expect(called).toBeLessThan(8);

    const { cloudwatch, inputs } = answers();
    const { cost, history } = await read(whole.regions({ cloudwatch }), span);
    expect(cost).toMatchObject({ metrics: 3 * (8 - called), calls: 8 - called });
    expect(inputs).toHaveLength(8 - called);
    expect([...history.metrics.values()].map(({ length }) => length)).toEqual(Array(24).fill(8 * 288));
    const left = readdirSync(dir, { recursive: true, encoding: 'utf8' });
    expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('knows nothing of what AWS answered by an error, keeps nothing of it, and asks once more', async () => {
    const { add, regions } = accountOf();
    add('i-1', () => ({ cpu: 1 }));
    const failing = cloudwatchOf((input) =>
      steady(7)(input).map((result, n) => (n === 0 ? { ...result, StatusCode: 'InternalError' } : result)),
    );
    const dir = scratch();
    const { history } = await read(regions({ cloudwatch: failing.cloudwatch }), { dir });
    expect(failing.inputs.map(({ MetricDataQueries = [] }) => MetricDataQueries.length)).toEqual([3, 1]);
    expect(history.metrics.get(cpu('i-1'))).toHaveLength(0);
    expect(history.gaps[0]).toMatch(/^6 days of single metrics could not be read/);
    const again = await read(regions({ cloudwatch: cloudwatchOf(steady(7)).cloudwatch }), { dir });
    expect(again.cost.metrics, 'the CPU for all days, the others for today').toBe(3);
    expect(again.history.metrics.get(cpu('i-1'))?.length).toBeGreaterThan(0);
  });

  it('takes no absence for zero where the metric that is absent could not be read', async () => {
    const { account, regions } = accountOf();
    account.endpoints.set('churn', {
      name: 'churn',
      type: 'ml.g5.xlarge',
      tags: { project: 'recsys' },
      since: at('2026-11-01'),
      use: () => ({ cpu: 1, gpu: 0, invocations: 0 }),
      cores: 4,
      gpus: 1,
    });
    const { cloudwatch } = cloudwatchOf((input) =>
      steady(1)(input).map((result, n) =>
        input.MetricDataQueries?.[n]?.MetricStat?.Metric?.MetricName === 'Invocations'
          ? { ...result, StatusCode: 'InternalError' }
          : result,
      ),
    );
    const { history } = await read(regions({ cloudwatch }));
    expect([...history.metrics.values()].flatMap((samples) => [...samples])).toEqual([]);
  });

  it('says what it cannot write', async () => {
    const { add, regions } = accountOf();
    add('i-1', () => ({ cpu: 1 }));
    const dir = join(scratch(), 'cache');
    mkdirSync(join(dir, '..'), { recursive: true });
    writeFileSync(dir, 'a file');
    await expect(read(regions(), { dir })).rejects.toThrow(/cannot be written \(E[A-Z]+\).*--cache/);
  });
});
