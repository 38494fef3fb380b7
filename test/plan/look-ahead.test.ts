import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { UNTAGGED } from '../../lib/decide/untagged.ts';
import { discoverFleet } from '../../lib/fleet/discover.ts';
import type { PriceBook } from '../../lib/fleet/prices.ts';
import { readOnlyLedger } from '../../lib/ledger/read-only.ts';
import { keep } from '../../lib/people/keep.ts';
import { planLists, policyHash, UNTAGGED_LIST } from '../../lib/plan/hash.ts';
import { makePlan } from '../../lib/plan/look-ahead.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { budgetName, type Policy } from '../../lib/policy/policy.ts';
import type { Ec2Entry } from '../../lib/simulate/account/ec2-entry.ts';
import { putApp, putEndpoint, putJob, putNotebook } from '../../lib/simulate/account/sagemaker-put.ts';
import type { Use } from '../../lib/simulate/account/state.ts';
import type { RunEvent } from '../../lib/simulate/result.ts';
import { microUsd, type Usd } from '../../lib/types/money.ts';
import { underBursar } from './real-handlers.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NUMBER = '999988887777';
/** The account is under Bursar from then on … */
const FROM = new Date('2026-11-27T18:00:00.000Z');
const AHEAD_MS = 5 * HOUR_MS;

const RULES = [
  `idle: { after: 30m, warn: 10m, do: stop }
    budget: [{ at: 60%, of: estimated, do: notify }, { at: 100%, of: estimated, do: stop }]`,
  `idle: { after: 45m, do: stop }
    budget: [{ at: 100%, of: estimated, do: stop, grace: 40m }, { at: 120%, of: estimated, do: freeze }]`,
  `idle: { after: 1h, do: notify }
    budget: [{ at: 50%, of: estimated, per: day, do: stop, grace: 1h }]
    restore: next-period`,
  `idle: { after: 2h, warn: 30m, do: stop }
    budget: [{ at: 100%, of: actual, do: stop, grace: 90m }, { at: 80%, of: estimated, do: freeze }]`,
  `idle: off
    budget: [{ at: 80%, of: forecasted, do: notify }, { at: 100%, of: actual, do: stop }]`,
  `idle: { after: 30m, warn: 10m, do: stop }
    hours: { daily: ["17:20-19:41", "20:30-21:50", "22:15-06:00"], warn: 12m, startAhead: 7m }`,
  `maxRuntime: { after: 22h, warn: 25m }
    hours: { daily: "08:00-20:03", endpoints: scale-down, manualStart: 40m, starts: all }
    budget: [{ at: 100%, of: estimated, do: stop }]`,
];

const policyText = (rules: string, limits: string, untagged: string, allow: string) => `
version: 1
operators: [U0OPS]
projects:
  vision: { owner: a, budget: { monthly: 150 USD, daily: 90 USD }, owners: [U0ANA], freezeRoles: [trainer] }
  nlp: { owner: b, budget: 4000 USD, owners: [U0ANA] }
policies:
  - { name: production, match: { environment: prod }, idle: off }
  - name: development
    match: { environment: dev }
    ${rules}
    ${allow}
untagged: ${untagged}
limits: ${limits}
scope: { regions: [us-east-1, eu-west-1] }
`;

const PRICES: Readonly<Record<string, bigint>> = {
  'm5.xlarge': 192_000n,
  'p3.8xlarge': 12_240_000n,
  'ml.p3.2xlarge': 3_825_000n,
  'ml.m5.xlarge': 230_000n,
  'db.m5.large': 171_000n,
};
const priceOf = async ({ instanceType }: { readonly instanceType: string }): Promise<Usd | undefined> => {
  const price = PRICES[instanceType];
  return price === undefined ? undefined : microUsd(price);
};
const prices: PriceBook = {
  hourly: priceOf,
  unit: async () => microUsd(100_000n),
  spot: priceOf,
};

const USES: readonly (Use | undefined)[] = [
  { cpu: 60, gpu: 80, network: 1_000_000, invocations: 30, connections: 3, backlog: 2 },
  { cpu: 0.2, gpu: 0, network: 100, invocations: 0, connections: 0, backlog: 0 },
  { cpu: 0.2, gpu: 90, network: 100, invocations: 0, connections: 0, backlog: 0 },
  undefined,
];

const KINDS = [
  'instance',
  'instance',
  'gpu-instance',
  'spot',
  'group',
  'database',
  'endpoint',
  'asynchronous',
  'notebook',
  'app',
  'training',
  'volume',
] as const;

const resource = fc.record({
  kind: fc.constantFrom(...KINDS),
  tags: fc.constantFrom<Readonly<Record<string, string>>>(
    { project: 'vision', environment: 'dev' },
    { project: 'vision', environment: 'dev' },
    { project: 'vision', environment: 'dev' },
    { project: 'nlp', environment: 'dev' },
    { project: 'vision', environment: 'prod' },
    { environment: 'dev' },
    { project: 'vision', environment: 'dev', 'bursar:keep-until': '3h' },
  ),
  /** Minutes before Bursar came. */
  age: fc.integer({ min: 1, max: 40 * 60 }),
  /** Minutes each use goes on; the last one for ever. */
  uses: fc.array(fc.tuple(fc.integer({ min: 5, max: 150 }), fc.constantFrom(0, 0, 1, 1, 1, 2, 3)), {
    minLength: 1,
    maxLength: 5,
  }),
  elsewhere: fc.boolean(),
  oddity: fc.constantFrom('none', 'none', 'none', 'protected', 'stopped'),
  gpuMetric: fc.boolean(),
});
type Made = typeof resource extends fc.Arbitrary<infer T> ? T : never;

const keepAt = (minute: fc.Arbitrary<number>) =>
  fc.record({ minute, who: fc.nat(), seconds: fc.constantFrom(1_800, 7_200) });

const world = fc.record({
  rules: fc.constantFrom(...RULES),
  limits: fc.constantFrom(
    '{ maxStopsPerSweep: 25, maxFleetShare: 100% }',
    '{ maxStopsPerSweep: 1, maxFleetShare: 30% }',
  ),
  untagged: fc.constantFrom(
    '{ after: 24h, do: notify }',
    '{ after: 3h, warn: 30m, do: stop }',
    '{ after: 41h, warn: 1h, do: stop }',
  ),
  allow: fc.constantFrom('', 'allow: [scale-to-zero, terminate-spot, stop-jobs]'),
  resources: fc.array(resource, { minLength: 1, maxLength: 7 }),
  /** For how long Bursar was at work before the plan is made, in minutes; 0 = it is new. */
  worked: fc.constantFrom(0, 0, 35, 97, 150, 200),
  /** One at any minute, or several with the sweeps, whose minutes are then those of sweeps as well. */
  keeps: fc.oneof(
    fc.array(keepAt(fc.integer({ min: 1, max: 190 })), { maxLength: 1 }),
    fc.array(keepAt(fc.integer({ min: 1, max: 38 }).map((n) => 5 * n)), { maxLength: 4 }),
  ),
  /** What AWS Budgets says of vision, all the time. */
  actual: fc.constantFrom('20', '151', undefined),
  /** What was billed of the month so far. */
  billed: fc.constantFrom(0, 60, 110),
  hasLedger: fc.boolean(),
});
type Any = typeof world extends fc.Arbitrary<infer T> ? T : never;

type Bursar = ReturnType<typeof underBursar>;

/** Its use by the minute; from `steadyFrom` on it does what it did then. */
function useOf({ uses, gpuMetric }: Made, start: Date, steadyFrom: Date) {
  const indexAt = (time: number): number => {
    let at = start.getTime();
    let index = uses[0]?.[1] ?? 0;
    for (const [minutes, use] of uses) {
      index = use;
      at += minutes * MINUTE_MS;
      if (time < at) break;
    }
    return index;
  };
  const last = indexAt(steadyFrom.getTime());
  // What has fallen silent this very minute cannot be told from what is late.
  const since = steadyFrom.getTime() - (USES[last] === undefined ? 15 * MINUTE_MS : 0);
  return (minute: Date): Use | undefined => {
    const use = USES[minute.getTime() >= since ? last : indexAt(minute.getTime())];
    if (use === undefined || gpuMetric) return use;
    const { gpu: _, ...rest } = use;
    return rest;
  };
}

function put({ account }: Bursar, one: Made, n: number, steadyFrom: Date): void {
  const since = new Date(FROM.getTime() - one.age * MINUTE_MS);
  const region = one.elsewhere ? 'eu-west-1' : 'us-east-1';
  const use = useOf(one, new Date(FROM.getTime() - 2 * HOUR_MS), steadyFrom);
  const member = { tags: one.tags, since, region, use };
  const id = `r-${n}`;
  const instance = (type: string, more: Partial<Ec2Entry> = {}): void => {
    const entry: Ec2Entry = {
      ...member,
      id: `i-${n}`,
      type,
      owner: NUMBER,
      ...more,
      ...(one.oddity === 'protected' ? { isProtected: true } : {}),
      ...(one.oddity === 'stopped' ? { stoppedAt: since } : {}),
    };
    account.instances.set(entry.id, entry);
  };
  switch (one.kind) {
    case 'instance':
      instance('m5.xlarge');
      return;
    case 'gpu-instance':
      instance('p3.8xlarge');
      return;
    case 'spot':
      instance('m5.xlarge', { spot: true });
      return;
    case 'group':
      account.groups.set(id, {
        ...member,
        name: id,
        type: 'm5.xlarge',
        min: 0,
        max: 4,
        desired: 2,
        owner: NUMBER,
      });
      return;
    case 'database':
      account.databases.set(id, { ...member, id, type: 'db.m5.large', engine: 'postgres' });
      return;
    case 'endpoint':
    case 'asynchronous':
      putEndpoint(account, {
        ...member,
        name: id,
        type: 'ml.p3.2xlarge',
        cores: 8,
        gpus: 1,
        ...(one.kind === 'asynchronous' ? { asynchronous: true } : {}),
      });
      return;
    case 'notebook':
      putNotebook(account, { ...member, name: id, type: 'ml.m5.xlarge' });
      return;
    case 'app':
      putApp(account, `d-1/spaces/space-${n}/JupyterLab/default`, {
        ...member,
        type: 'ml.m5.xlarge',
        domain: 'd-1',
        space: `space-${n}`,
        app: 'default',
        appType: 'JupyterLab',
      });
      return;
    case 'training':
      putJob(account, {
        ...member,
        kind: 'sagemaker-training-job',
        name: id,
        type: 'ml.p3.2xlarge',
        count: 1,
      });
      return;
    case 'volume':
      account.volumes.set(`vol-${n}`, { ...member, id: `vol-${n}`, type: 'gp3', gib: 500 });
      return;
  }
}

/** Somebody of the project says "not now", as in Slack. */
async function keepAll(bursar: Bursar, { keeps }: Any, at: Date): Promise<void> {
  for (const { minute, who, seconds } of keeps) {
    if (at.getTime() !== FROM.getTime() + minute * MINUTE_MS) continue;
    const fleet = await discoverFleet(bursar.handlers.regions);
    const one = fleet[who % Math.max(1, fleet.length)];
    if (one === undefined) continue;
    const wish = {
      id: `keep-${minute}-${who}`,
      by: { via: 'slack', id: 'U0ANA', name: 'ana' },
      reason: undefined,
      at,
    } as const;
    await keep([{ arn: one.arn }], { seconds }, wish, bursar.handlers.wishDeps);
  }
}

const told = (events: readonly RunEvent[], from: Date): readonly string[] =>
  events
    .filter(({ at, event }) => at >= from && COMPARED.has(event))
    .map((one) =>
      [
        one.at.toISOString(),
        one.event,
        'arn' in one ? one.arn : (one.project ?? ''),
        one.event === 'warned' ? one.stopAt?.toISOString() : '',
        one.event === 'held' ? [...one.arns].sort().join(' ') : '',
      ].join(' '),
    )
    .sort();

const COMPARED = new Set([
  'stopped',
  'warned',
  'notified',
  'held',
  'restored',
  'failed',
  'frozen',
  'unfrozen',
]);

async function played(any: Any) {
  const policy: Policy = parsePolicy(
    policyText(any.rules, any.limits, any.untagged, any.allow),
    'bursar.yaml',
  );
  const worked = any.hasLedger ? any.worked : 0;
  const at = new Date(FROM.getTime() + worked * MINUTE_MS);
  const steadyFrom = new Date(Math.floor(at.getTime() / (5 * MINUTE_MS)) * 5 * MINUTE_MS - 5 * MINUTE_MS);
  const bursar = underBursar({ policy, accountId: NUMBER, start: FROM, prices });
  const { account, handlers } = bursar;
  for (const [n, one] of any.resources.entries()) put(bursar, one, n, steadyFrom);
  if (any.actual !== undefined) {
    account.budgets.set(budgetName(policy, 'vision'), {
      project: 'vision',
      limit: '150',
      actual: any.actual,
      forecasted: any.actual,
    });
  }
  if (any.billed > 0) {
    const service = 'Amazon Elastic Compute Cloud - Compute';
    account.bills.push({ day: '2026-11-20', project: 'vision', service, usd: any.billed });
  }
  await bursar.run(at, (minute) => keepAll(bursar, any, minute));
  account.health.costExplorer = false;
  const effects = account.effects.length;
  const shares: number[] = [];
  const plan = await makePlan({
    policy,
    policyFile: 'bursar.yaml',
    account: NUMBER,
    regions: handlers.regions,
    ...(any.hasLedger ? { ledger: readOnlyLedger(bursar.ledger) } : {}),
    aheadSeconds: AHEAD_MS / 1000,
    now: bursar.now,
    budgets: account.budgetsClient,
    onProgress: (share) => shares.push(share),
  });
  expect(account.effects, 'nothing is touched').toHaveLength(effects);
  expect(shares, 'it goes on').toEqual([...shares].sort((a, b) => a - b));
  const to = new Date(at.getTime() + AHEAD_MS);
  await bursar.run(to);
  return { really: told(bursar.events(), at), planned: told(plan.ahead.events, at) };
}

it('plans what the handlers then do, if all goes on as now', async () => {
  await fc.assert(
    fc.asyncProperty(world, async (any) => {
      const { planned, really } = await played(any);
      expect(planned).toEqual(really);
    }),
    {
      numRuns: Number(process.env.BURSAR_RUNS ?? 8),
      endOnFailure: process.env.BURSAR_SHRINK === undefined,
      ...(process.env.BURSAR_SEED === undefined
        ? {}
        : { seed: Number(process.env.BURSAR_SEED), path: process.env.BURSAR_PATH ?? '' }),
    },
  );
}, 600_000);

/** The list of a plan that a decision under a policy goes by. */
const listName = (policy: string): string => (policy === UNTAGGED ? UNTAGGED_LIST : policy);

it('lets nothing be stopped or frozen beyond the plan that was approved, whatever is tagged anew meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(world, fc.boolean(), async (any, isOther) => {
      const text = `${policyText(any.rules, any.limits, any.untagged, any.allow)}approval: required\n`;
      const policy = parsePolicy(text.replace('allow:', 'launch: stop\n    allow:'), 'bursar.yaml');
      const bursar = underBursar({ policy, accountId: NUMBER, start: FROM, prices });
      const { account, handlers, ledger } = bursar;
      for (const [n, one] of any.resources.entries()) put(bursar, one, n, FROM);
      const lists = new Map(
        [...planLists(policy, await discoverFleet(handlers.regions))].map(
          ([name, arns]) => [name, new Set(arns.filter((_, n) => n % 2 === 0))] as const,
        ),
      );
      const planned = isOther ? `sha256:${'0'.repeat(64)}` : policyHash(policy);
      await ledger.approve({ hash: 'sha256:', policyHash: planned, lists, at: FROM, by: 'olga' });
      await bursar.run(new Date(FROM.getTime() + 150 * MINUTE_MS), async (at) => {
        if (at.getTime() !== FROM.getTime() + 20 * MINUTE_MS) return;
        // Production becomes development, and what had no project gets one: neither is what was reviewed.
        for (const one of account.instances.values()) {
          account.instances.set(one.id, {
            ...one,
            tags: { ...one.tags, project: 'vision', environment: 'dev' },
          });
        }
      });
      const approved = new Set(isOther ? [] : [...lists.values()].flatMap((arns) => [...arns]));
      for (const event of bursar.events()) {
        if (event.event === 'stopped') expect(approved).toContain(event.arn);
        if (event.event === 'stopped') expect(lists.get(listName(event.policy))).toContain(event.arn);
        if (event.event === 'frozen') expect(isOther).toBe(false);
      }
    }),
    { numRuns: Number(process.env.BURSAR_RUNS ?? 8) },
  );
}, 600_000);
