import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRuns } from '../../lib/backtest/compare.ts';
import type { History, HistoryResource } from '../../lib/backtest/history.ts';
import { replay } from '../../lib/backtest/replay.ts';
import { judgeable, wouldStop } from '../../lib/backtest/would-stop.ts';
import { discoverFleet } from '../../lib/fleet/discover.ts';
import type { SignalPlan } from '../../lib/fleet/kind.ts';
import { kinds } from '../../lib/fleet/registry.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import type { IdleRule, Policy } from '../../lib/policy/policy.ts';
import { createAccount } from '../../lib/simulate/account/account.ts';
import { type RecordedMetrics, seriesKey } from '../../lib/simulate/account/recorded.ts';
import { putEndpoint, putNotebook } from '../../lib/simulate/account/sagemaker-put.ts';
import { PackedSamples } from '../../lib/simulate/account/samples.ts';
import { seriesOfQuery } from '../../lib/simulate/recorded-use.ts';
import type { RunResult, Span } from '../../lib/simulate/result.ts';
import { costOver, microUsd, sumUsd, usdToDecimal } from '../../lib/types/money.ts';
import type { Resource } from '../../lib/types/resource.ts';

const STEP = 300_000;
const HOUR = 12;
const FROM = new Date('2026-11-20T00:00:00.000Z');
/** So many five minutes. */
const LENGTH = 36 * HOUR;
const at = (n: number): Date => new Date(FROM.getTime() + n * STEP);
const TO = at(LENGTH);
const HOURLY = microUsd(1_200_000n);
const priceOf = async () => HOURLY;
const prices = { hourly: priceOf, unit: async () => undefined, spot: priceOf };

const policyOf = (idle: string, more = ''): Policy =>
  parsePolicy(
    `version: 1
projects: { recsys: {}, fraud: { budget: 30 USD } }
policies:
  - name: development
    match: { environment: dev }
    idle: ${idle}
    ${more}
limits: { maxStopsPerSweep: 25, maxFleetShare: 100% }
scope: { regions: [us-east-1] }
`,
    'bursar.yaml',
  );

/** What it did in each five minutes; `undefined` = nothing was published. */
type Level = 'idle' | 'busy' | undefined;

interface Made {
  readonly kind: 'instance' | 'notebook' | 'database' | 'endpoint';
  readonly project?: string;
  readonly levels: readonly Level[];
  /** When it ran, in five minutes; `to` is exclusive. */
  readonly ran: readonly (readonly [from: number, to: number])[];
}

/** What the fleet of an account in memory is discovered as, and what it is judged by. */
async function fleetOf(made: readonly Made[]) {
  const account = createAccount(() => TO, ['us-east-1']);
  const regions = new Map([
    [
      'us-east-1',
      {
        account: '111122223333',
        region: 'us-east-1',
        clients: account.clientsOf('us-east-1'),
        prices,
        now: () => TO,
      },
    ],
  ]);
  for (const [n, { kind, project = 'recsys', ran }] of made.entries()) {
    const tags = { project, environment: 'dev' };
    const since = at(ran.at(-1)?.[0] ?? 0);
    const runs = (ran.at(-1)?.[1] ?? 0) === LENGTH;
    const use = () => ({ cpu: 1, network: 0, connections: 0 });
    const member = { tags, since, use, region: 'us-east-1' };
    const stopped = runs ? {} : { stoppedAt: at(ran.at(-1)?.[1] ?? 0) };
    switch (kind) {
      case 'instance':
        account.instances.set(`i-${n}`, { ...member, ...stopped, id: `i-${n}`, type: 'm5.xlarge' });
        break;
      case 'notebook':
        putNotebook(account, { ...member, ...stopped, name: `n-${n}`, type: 'ml.m5.xlarge' });
        break;
      case 'database':
        account.databases.set(`d-${n}`, {
          ...member,
          ...stopped,
          id: `d-${n}`,
          type: 'db.m5.large',
          engine: 'postgres',
        });
        break;
      case 'endpoint':
        putEndpoint(account, { ...member, name: `e-${n}`, type: 'ml.m5.xlarge', cores: 4, gpus: 0 });
        break;
    }
  }
  const found = await discoverFleet(regions);
  const numberOf = ({ id }: Resource): number => Number(id.split('-')[1]);
  const fleet = found.toSorted((a, b) => numberOf(a) - numberOf(b));
  const plans = new Map<string, SignalPlan>();
  const [context] = regions.values();
  for (const { kind, signals } of kinds) {
    const own = fleet.filter((one) => one.kind === kind);
    if (context === undefined || own.length === 0) continue;
    for (const [arn, plan] of await signals(own, context)) plans.set(arn, plan);
  }
  return { fleet, plans };
}

/** Values that are idle and busy, in the units of policies. */
const VALUES = { idle: { network: 100, any: 0 }, busy: { network: 100_000, any: 80 } } as const;

async function historyOf(made: readonly Made[]): Promise<{ history: History; plans: Plans }> {
  const { fleet, plans } = await fleetOf(made);
  const metrics: RecordedMetrics = new Map();
  const resources = fleet.map((resource, n): HistoryResource => {
    const { levels = [], ran = [] } = made[n] ?? {};
    for (const query of plans.get(resource.arn)?.queries ?? []) {
      const samples = new PackedSamples(STEP);
      for (const [from, to] of ran) {
        for (let index = from; index < to; index += 1) {
          const level = levels[index % levels.length];
          if (level === undefined || (query.absence !== 'unknown' && level === 'idle')) continue;
          const value = VALUES[level][query.signal === 'network' ? 'network' : 'any'];
          samples.push(at(index).getTime(), value / query.scale);
        }
      }
      metrics.set(seriesKey(seriesOfQuery(resource.region, query)), samples);
    }
    return {
      resource,
      ran: ran.map(([from, to]): Span => ({ from: at(from), to: at(to) })),
      known: 'cloudtrail',
    };
  });
  return {
    history: { account: '111122223333', from: FROM, to: TO, resources, metrics, gaps: [] },
    plans,
  };
}

type Plans = ReadonlyMap<string, SignalPlan>;

const replayed = ({ history, plans }: { history: History; plans: Plans }, policy: Policy) =>
  replay(history, policy, { policyFile: 'bursar.yaml', plans, prices });

const idleOf = (policy: Policy): IdleRule => {
  const idle = policy.policies[0]?.idle;
  if (idle === undefined || idle === 'off') throw new Error('The policy has no idle rule.');
  return idle;
};

const stopsOf = ({ events }: RunResult, arn?: string) =>
  events.flatMap((one) =>
    one.event === 'stopped' && (arn === undefined || one.arn === arn)
      ? [{ at: one.at, falseStop: one.falseStop, whileBusy: one.whileBusy }]
      : [],
  );

const hoursOf = (spans: readonly Span[]): number =>
  spans.reduce((sum, { from, to }) => sum + (to.getTime() - from.getTime()) / 3_600_000, 0);

const level = fc.constantFrom<Level>('idle', 'idle', 'idle', 'busy', undefined);
const levels = fc
  .array(fc.tuple(level, fc.integer({ min: 1, max: 5 * HOUR })), { minLength: 1, maxLength: 14 })
  .map((some) => some.flatMap(([one, times]) => Array.from({ length: times }, () => one)));
const ran = fc
  .uniqueArray(fc.integer({ min: 0, max: LENGTH }), { minLength: 2, maxLength: 6 })
  .map((edges) => {
    const sorted = edges.toSorted((a, b) => a - b);
    const spans: [number, number][] = [];
    for (let n = 0; n + 1 < sorted.length; n += 2) {
      const [from, to] = [sorted[n] ?? 0, sorted[n + 1] ?? 0];
      if (from < to) spans.push([from, to]);
    }
    return spans;
  });
const whole: Made['ran'] = [[0, LENGTH]];

describe('a history replayed', () => {
  it('stops what the search for thresholds would have stopped, at the same sweeps', async () => {
    const instance = fc.record({
      kind: fc.constant('instance' as const),
      levels,
      ran: fc.oneof(fc.constant(whole), ran),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(instance, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(
          '{ after: 30m, do: stop }',
          '{ after: 1h, warn: 20m, do: stop }',
          '{ after: 4h, do: stop }',
        ),
        async (made, idle) => {
          const policy = policyOf(idle);
          const given = await historyOf(made);
          const result = await replayed(given, policy);
          const rule = idleOf(policy);
          for (const life of given.history.resources) {
            const { arn } = life.resource;
            const plan = given.plans.get(arn);
            if (plan === undefined) throw new Error(`${arn} is not judged.`);
            const wanted = wouldStop(judgeable(life, plan, given.history.metrics), rule, rule);
            expect(stopsOf(result, arn), arn).toEqual(
              wanted.map((stop) => ({ at: stop.at, falseStop: stop.isFalse, whileBusy: false })),
            );
            const run = result.resources.find((one) => one.arn === arn);
            const saved = wanted.map((stop) => costOver(HOURLY, stop.until.getTime() - stop.at.getTime()));
            expect(usdToDecimal(microUsd((run?.without ?? 0n) - (run?.spent ?? 0n))), arn).toBe(
              usdToDecimal(sumUsd(saved)),
            );
          }
        },
      ),
      {
        numRuns: Number(process.env.BURSAR_RUNS ?? 8),
        endOnFailure: process.env.BURSAR_SHRINK === undefined,
        ...(process.env.BURSAR_SEED === undefined
          ? {}
          : { seed: Number(process.env.BURSAR_SEED), path: process.env.BURSAR_PATH ?? '' }),
      },
    );
  }, 600_000);

  const levelsOf = (...parts: readonly (readonly [Level, number])[]): readonly Level[] =>
    parts.flatMap(([one, times]) => Array.from({ length: times }, () => one));
  const IDLE_FOR_HOURS = levelsOf(['busy', 10 * HOUR], ['idle', 8 * HOUR], ['busy', 18 * HOUR]);

  it.each(['notebook', 'database', 'endpoint'] as const)(
    'brings back a %s when it was next used, and pays it from then on',
    async (kind) => {
      const given = await historyOf([{ kind, levels: IDLE_FOR_HOURS, ran: whole }]);
      const result = await replayed(given, policyOf('{ after: 1h, warn: 20m, do: stop }'));
      expect(stopsOf(result)).toEqual([{ at: at(11 * HOUR), falseStop: false, whileBusy: false }]);
      const [run] = result.resources;
      const back = at(18 * HOUR).getTime();
      const again = run?.ran.at(-1)?.from.getTime() ?? 0;
      expect(run?.ran).toHaveLength(2);
      expect(run?.ran[0]).toEqual({ from: FROM, to: expect.any(Date) });
      expect(again).toBeGreaterThanOrEqual(back);
      expect(again, 'it takes minutes to start').toBeLessThanOrEqual(back + 10 * 60_000);
      expect(hoursOf(run?.ran ?? []) * 1.2).toBeCloseTo(Number(usdToDecimal(run?.spent ?? microUsd(0n))), 4);
      expect(usdToDecimal(run?.without ?? microUsd(0n))).toBe('43.2');
      expect(result.events.map(({ event }) => event)).toEqual(['warned', 'stopped', 'restored']);
    },
  );

  it('stops by hours and starts by them, and tells what was used outside of them', async () => {
    const given = await historyOf([
      { kind: 'instance', levels: levelsOf(['busy', 12 * HOUR], ['idle', 12 * HOUR]), ran: whole },
      { kind: 'instance', levels: IDLE_FOR_HOURS, ran: whole },
    ]);
    // From Friday 0:00 on, for 36 hours: open 6:00 to 20:00, and from Saturday 4:00 on.
    const hours = 'hours: { friday: "06:00-20:00", saturday: "04:00-24:00", startAhead: 15m }';
    const result = await replayed(given, policyOf('off', hours));
    // What ran before the hours was started by hand, as far as anybody knows: it ends with them.
    expect(stopsOf(result).map((stop) => stop.at)).toEqual([at(20 * HOUR), at(20 * HOUR)]);
    const back = new Date(at(28 * HOUR).getTime() - 15 * 60_000);
    expect(result.events.map((one) => [one.event, one.at])).toContainEqual(['restored', back]);
    // 20 h, and 8.25 h from 3:45 on Saturday on.
    expect(result.resources.map(({ spent }) => usdToDecimal(spent))).toEqual(['33.9', '33.9']);
    expect(result.assumptions.at(-1)).toBe(
      'Used while hours or a longest runtime would have had them off, and not asked back: i-1 7.8 h, i-0 3.8 h.',
    );
  });

  it.each(['instance', 'notebook', 'database', 'endpoint'] as const)(
    'lets what is a %s cost nothing while it was out of service by itself',
    async (kind) => {
      const given = await historyOf([
        {
          kind,
          levels: levelsOf(['busy', 4 * HOUR]),
          ran: [
            [0, 6 * HOUR],
            [12 * HOUR, LENGTH],
          ],
        },
      ]);
      const result = await replayed(given, policyOf('{ after: 1h, do: stop }'));
      expect(stopsOf(result)).toEqual([]);
      const [run] = result.resources;
      expect(run?.ran).toEqual([
        { from: FROM, to: at(6 * HOUR) },
        { from: at(12 * HOUR), to: TO },
      ]);
      expect(usdToDecimal(result.spent)).toBe('36');
      expect(usdToDecimal(result.without)).toBe('36');
    },
  );

  it.each(['instance', 'notebook', 'database', 'endpoint'] as const)(
    'stops nothing that is a %s whose metrics have gaps',
    async (kind) => {
      const levels = levelsOf(['idle', 5], [undefined, 1]);
      const given = await historyOf([{ kind, levels, ran: whole }]);
      expect(stopsOf(await replayed(given, policyOf('{ after: 30m, do: stop }')))).toEqual([]);
    },
  );

  it('stops by a budget what had been started before it was passed, and was started anew since', async () => {
    const given = await historyOf([
      {
        kind: 'endpoint',
        project: 'fraud',
        levels: levelsOf(['busy', HOUR]),
        ran: [
          [0, 30 * HOUR],
          [32 * HOUR, LENGTH],
        ],
      },
    ]);
    const policy = policyOf('off', 'budget: [{ at: 100%, of: estimated, do: stop }]');
    const result = await replayed(given, policy);
    expect(stopsOf(result)).toMatchObject([{ at: at(25 * HOUR) }]);
  });

  it('compares two policies over the same history', async () => {
    const given = await historyOf([
      { kind: 'instance', levels: IDLE_FOR_HOURS, ran: whole },
      { kind: 'instance', project: 'fraud', levels: levelsOf(['busy', HOUR]), ran: whole },
    ]);
    const [one, other] = [
      await replayed(given, policyOf('{ after: 1h, do: stop }')),
      await replayed(given, policyOf('{ after: 12h, do: stop }')),
    ];
    const { total, onlyOne, onlyOther } = compareRuns(one, other);
    expect([total.one.stops, total.other.stops]).toEqual([1, 0]);
    expect([usdToDecimal(total.one.saved), usdToDecimal(total.other.saved)]).toEqual(['8.4', '0']);
    expect(onlyOne).toHaveLength(1);
    expect(onlyOther).toEqual([]);
  });

  it('goes on in order, and ends where it is told to', async () => {
    const given = await historyOf([{ kind: 'instance', levels: IDLE_FOR_HOURS, ran: whole }]);
    const policy = policyOf('{ after: 1h, do: stop }');
    const stopped = new AbortController();
    const shares: number[] = [];
    const run = replay(given.history, policy, {
      policyFile: 'bursar.yaml',
      plans: given.plans,
      prices,
      signal: stopped.signal,
      onProgress: (share) => {
        shares.push(share);
        if (share > 0.5) stopped.abort(new Error('Ctrl-C'));
      },
    });
    await expect(run).rejects.toThrow('Ctrl-C');
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBeLessThan(0.6);
  });
});
