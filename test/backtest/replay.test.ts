import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { History, HistoryResource } from '../../lib/backtest/history.ts';
import { replay } from '../../lib/backtest/replay.ts';
import { proposeThresholds } from '../../lib/backtest/thresholds.ts';
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

/** Values that are idle and busy, as CloudWatch gives them. */
const VALUES = { idle: { network: 30_000, any: 0 }, busy: { network: 30_000_000, any: 80 } } as const;

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
          samples.push(at(index).getTime(), value);
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
        numRuns: Number(process.env.BURSAR_RUNS ?? 15),
        endOnFailure: process.env.BURSAR_SHRINK === undefined,
        ...(process.env.BURSAR_SEED === undefined
          ? {}
          : { seed: Number(process.env.BURSAR_SEED), path: process.env.BURSAR_PATH ?? '' }),
      },
    );
  }, 600_000);
});
