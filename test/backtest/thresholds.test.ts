import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { History, HistoryResource } from '../../lib/backtest/history.ts';
import { proposeThresholds } from '../../lib/backtest/thresholds.ts';
import { judgeIdleness } from '../../lib/decide/idle.ts';
import type { SignalPlan, SignalQuery } from '../../lib/fleet/kind.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { type IdleRule, matchPolicy, type Policy } from '../../lib/policy/policy.ts';
import { type RecordedMetrics, seriesKey } from '../../lib/simulate/account/recorded.ts';
import { microUsd, usdToDecimal } from '../../lib/types/money.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { at, MINUTE } from './fixtures.ts';

const FROM = at('2026-11-01');
const STEP = 5 * MINUTE;
const REGION = 'us-east-1';

const policyOf = (idle = '{ after: 30m, warn: 10m, do: stop }'): Policy =>
  parsePolicy(
    `version: 1
projects: { recsys: {}, fraud: {} }
policies:
  - { name: development, match: { environment: dev }, idle: ${idle} }
  - { name: rest, match: {}, idle: { after: 30m, do: notify } }`,
    'bursar.yaml',
  );

const query = (id: string, signal: 'cpu' | 'network'): SignalQuery => ({
  signal,
  namespace: 'AWS/EC2',
  metricName: signal === 'cpu' ? 'CPUUtilization' : 'NetworkIn',
  dimensions: { InstanceId: id },
  statistic: signal === 'cpu' ? 'Maximum' : 'Sum',
  periodSeconds: 300,
  scale: signal === 'cpu' ? 1 : 1 / 300,
  absence: 'unknown',
});

interface Made {
  readonly id: string;
  readonly project?: string;
  /** CPU by five minutes; `undefined` = no sample. Network is none. */
  readonly cpu: readonly (number | undefined)[];
}

/** Instances of $1 an hour with one sample every five minutes. */
function historyOf(made: readonly Made[]) {
  const to = new Date(FROM.getTime() + Math.max(...made.map(({ cpu }) => cpu.length)) * STEP);
  const metrics: RecordedMetrics = new Map();
  const plans = new Map<string, SignalPlan>();
  const resources = made.map(({ id, project = 'recsys', cpu }): HistoryResource => {
    const resource: Resource = {
      kind: 'ec2-instance',
      arn: `arn:aws:ec2:${REGION}:111122223333:instance/${id}`,
      id,
      account: '111122223333',
      region: REGION,
      tags: { project, environment: 'dev' },
      state: 'running',
      since: FROM,
      size: 'm5.large',
      protections: [],
      hourly: microUsd(1_000_000n),
    };
    const queries = [query(id, 'cpu'), query(id, 'network')];
    plans.set(resource.arn, { queries, missing: [] });
    for (const one of queries) {
      const samples = cpu.flatMap((value, n) =>
        value === undefined
          ? []
          : [{ at: new Date(FROM.getTime() + n * STEP), value: one.signal === 'cpu' ? value : 0 }],
      );
      metrics.set(seriesKey({ ...one, region: REGION }), samples);
    }
    return { resource, ran: [{ from: FROM, to }], known: 'metrics' };
  });
  const history: History = { account: '111122223333', from: FROM, to, resources, metrics, gaps: [] };
  return { history, plans };
}

const minutes = (length: number, value: number | undefined) =>
  Array.from({ length: length / 5 }, () => value);

/** Whether a rule makes a false stop: every sweep, by the judge itself and nothing else. */
function falseStopsOf({ history }: ReturnType<typeof historyOf>, rule: IdleRule, used: IdleRule): number {
  let count = 0;
  for (const { resource } of history.resources) {
    const readings = [query(resource.id, 'cpu'), query(resource.id, 'network')].map((one) => ({
      signal: one.signal,
      periodSeconds: 300,
      absence: one.absence,
      samples: [...(history.metrics.get(seriesKey({ ...one, region: REGION })) ?? [])],
    }));
    const uses = (readings[0]?.samples ?? []).filter(({ value }) => value >= used.below.cpu);
    let since = history.from;
    for (let time = history.from.getTime(); time < history.to.getTime(); time += STEP) {
      const now = new Date(time);
      if (now < since) continue;
      const seen = readings.map((reading) => ({
        ...reading,
        samples: reading.samples.filter((sample) => sample.at.getTime() + STEP <= time),
      }));
      const evidence = { asOf: now, readings: seen, missing: [] };
      if (judgeIdleness({ ...resource, since }, evidence, rule, now).state !== 'idle') continue;
      const next = uses.find((sample) => sample.at >= now)?.at ?? history.to;
      if (next < history.to && next.getTime() - time < 15 * MINUTE) count += 1;
      since = next;
    }
  }
  return count;
}

const idleOf = (policy: Policy): IdleRule => {
  const idle = matchPolicy(policy, { environment: 'dev' })?.idle;
  if (idle === undefined || idle === 'off') throw new Error('no idle rule');
  return idle;
};

describe('proposeThresholds', () => {
  it('proposes a longer `after` where work comes back soon after the stop', async () => {
    // 40 idle minutes between two runs, three times, then a night.
    const cpu = [1, 2, 3].flatMap(() => [...minutes(60, 80), ...minutes(40, 1)]);
    const made = historyOf([{ id: 'i-1', cpu: [...cpu, ...minutes(60, 80), ...minutes(600, 1)] }]);
    const [proposal] = await proposeThresholds(made.history, made.plans, policyOf());
    expect(proposal).toMatchObject({
      policy: 'development',
      project: 'recsys',
      resources: 1,
      advice: 'change',
      change: { set: 'after', seconds: 45 * 60 },
      now: { stops: 4, falseStops: 3 },
      changed: { stops: 1, falseStops: 0 },
    });
    if (proposal?.advice !== 'change') throw new Error('no change');
    expect(usdToDecimal(proposal.now.saved), '3 × 10 min and 9 h 30 min').toBe('10.000001');
    expect(usdToDecimal(proposal.changed.saved)).toBe('9.25');
    expect(proposal.text).toBe(
      'after: 45m instead of 30 min: none of 1 stop false (now 3 of 4 stops false), $9.25 saved instead of $10.00.',
    );
  });

  it('proposes a lower limit where no `after` helps', async () => {
    // A quiet computation at 3 % for a week, with bursts after ever longer pauses: idle by 5 %, busy by 2.5 %.
    const pauses = [30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1_440, 2_880, 4_320, 10_080];
    const cpu = pauses.flatMap((pause) => [...minutes(pause + 5, 3), ...minutes(5, 80)]);
    const made = historyOf([{ id: 'i-1', cpu: [...cpu, ...minutes(120, 1)] }]);
    const [proposal] = await proposeThresholds(made.history, made.plans, policyOf());
    expect(proposal).toMatchObject({
      advice: 'change',
      change: { set: 'below', signal: 'cpu', limit: 2.5 },
      changed: { stops: 1, falseStops: 0 },
    });
  });

  it('says so where no threshold helps', async () => {
    const cpu = Array.from({ length: 8 }, () => [...minutes(35, 0), ...minutes(5, 80)]).flat();
    const made = historyOf([{ id: 'i-1', cpu }]);
    const [proposal] = await proposeThresholds(made.history, made.plans, policyOf());
    expect(proposal).toMatchObject({ advice: 'none', now: { stops: 8, falseStops: 8 } });
    expect(proposal?.text).toContain('No threshold helps: 8 of 8 stops false');
  });

  it('tells each project of a policy, and where `after` could be shorter', async () => {
    const quiet = [...minutes(60, 80), ...minutes(600, 1)];
    const made = historyOf([
      { id: 'i-1', cpu: quiet },
      { id: 'i-2', project: 'fraud', cpu: quiet },
    ]);
    const proposals = await proposeThresholds(made.history, made.plans, policyOf('{ after: 2h, do: stop }'));
    expect(proposals.map(({ project, advice }) => [project, advice])).toEqual([
      [undefined, 'shorten'],
      ['fraud', 'shorten'],
      ['recsys', 'shorten'],
    ]);
    expect(proposals[0]).toMatchObject({ change: { set: 'after', seconds: 15 * 60 } });
  });

  it('proposes nothing of what is never stopped for being idle', async () => {
    const made = historyOf([{ id: 'i-1', cpu: minutes(600, 0) }]);
    expect(await proposeThresholds(made.history, made.plans, policyOf('{ after: 30m, do: notify }'))).toEqual(
      [],
    );
    expect(await proposeThresholds(made.history, made.plans, policyOf('off'))).toEqual([]);
  });

  it('counts as the judge alone would, and what it proposes makes no false stop', async () => {
    const spell = fc.tuple(
      fc.constantFrom<number | undefined>(0, 1, 3, 80, 80, undefined),
      fc.integer({ min: 1, max: 30 }),
    );
    const cpu = fc
      .array(spell, { minLength: 2, maxLength: 14 })
      .map((spells) => spells.flatMap(([value, length]) => Array.from({ length }, () => value)));
    await fc.assert(
      fc.asyncProperty(fc.array(cpu, { minLength: 1, maxLength: 2 }), async (all) => {
        const made = historyOf(all.map((one, n) => ({ id: `i-${n}`, cpu: one })));
        const policy = policyOf();
        const idle = idleOf(policy);
        for (const proposal of await proposeThresholds(made.history, made.plans, policy)) {
          expect(proposal.now.falseStops).toBe(falseStopsOf(made, idle, idle));
          if (!('change' in proposal)) continue;
          const { change } = proposal;
          const rule =
            change.set === 'after'
              ? { ...idle, afterSeconds: change.seconds }
              : { ...idle, below: { ...idle.below, [change.signal]: change.limit } };
          expect(falseStopsOf(made, rule, idle)).toBe(0);
          expect(proposal.changed.falseStops).toBe(0);
        }
      }),
      { numRuns: 40 },
    );
  });
});
