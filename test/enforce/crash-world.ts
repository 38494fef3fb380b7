import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { expect } from 'vitest';
import { enforce } from '../../lambdas/enforce.ts';
import { LEASE_SECONDS } from '../../lib/enforce/carry-out.ts';
import { encodeCommandBatch } from '../../lib/enforce/command.ts';
import { discoverFleet, type RegionContexts } from '../../lib/fleet/discover.ts';
import { createLaunchDenial } from '../../lib/fleet/launch-denial.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { createAccount } from '../../lib/simulate/account/account.ts';
import { createIam, DENY_POLICY } from '../../lib/simulate/account/iam.ts';
import { ACCOUNT, REGION } from '../../lib/simulate/account/state.ts';
import type { Alert } from '../../lib/types/alert.ts';
import type { Decision } from '../../lib/types/decision.ts';
import { parseUsd } from '../../lib/types/money.ts';
import { MAX_DELIVERIES } from '../../lib/types/queues.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { Gate } from '../support/crashing.ts';

const POLICY = `
version: 1
projects:
  recsys: { owner: team-beta, budget: 1000 USD, freezeRoles: [recsys-developers] }
  churn: { owner: team-alpha, budget: 1000 USD, freezeRoles: [churn-developers, churn-trainers] }
policies:
  - name: development
    match: { environment: dev }
    idle: { after: 30m, warn: 10m, do: stop }
    budget: [{ at: 100%, do: stop }, { at: 120%, do: freeze }]
`;
const START = new Date('2026-11-10T12:00:00Z');
const EARLIER = new Date('2026-11-10T06:00:00Z');
const TAGS = { project: 'recsys', environment: 'dev' };
const INSTANCES = ['i-stop-1', 'i-stop-2', 'i-kept', 'i-warned', 'i-restored', 'i-tagged'] as const;
const ENDPOINTS = ['shut-down', 'created-again'] as const;

process.env.POWERTOOLS_METRICS_DISABLED = 'true';
const tools = { logger: new Logger({ logLevel: 'SILENT' }), metrics: new Metrics({ namespace: 'Crashes' }) };

/** A ledger as it is, and as a process sees it that does its waiting through a gate. */
export interface GatedLedger {
  readonly ledger: Ledger;
  readonly through: (gate: Gate) => Ledger;
}

/** An account, a ledger and people, which outlive the processes that work on them. */
async function createWorld({ ledger, through }: GatedLedger) {
  let now = START;
  const clock = () => now;
  const account = createAccount(clock);
  for (const id of INSTANCES) {
    account.instances.set(id, { id, type: 'm5.xlarge', tags: TAGS, since: EARLIER, use: () => ({ cpu: 1 }) });
  }
  for (const name of ENDPOINTS) {
    const use = () => ({ cpu: 1, invocations: 0 });
    account.endpoints.set(name, {
      name,
      type: 'ml.m5.xlarge',
      cores: 4,
      gpus: 0,
      tags: TAGS,
      since: EARLIER,
      use,
    });
  }
  const iam = createIam(['recsys-developers', 'churn-developers', 'churn-trainers']);
  const published: Alert[] = [];
  const wakes: Date[] = [];
  const prices = {
    hourly: async () => parseUsd('0.192'),
    unit: async () => undefined,
    spot: async () => undefined,
  };
  const context = { account: ACCOUNT, region: REGION, clients: account.clients, prices, now: clock };
  const policy = parsePolicy(POLICY, 'bursar.yaml');

  /** A process that does all its waiting through the gate. */
  const deliver = (body: string, deliveries: number, gate: Gate): Promise<void> => {
    const clients = {
      ...account.clients,
      ec2: gate.guard(account.clients.ec2, ['send']),
      sagemaker: gate.guard(account.clients.sagemaker, ['send']),
      autoscaling: gate.guard(account.clients.autoscaling, ['send']),
      tagging: gate.guard(account.clients.tagging, ['send']),
    };
    const regions: RegionContexts = new Map([[REGION, { ...context, clients }]]);
    return enforce(
      { id: 'message', body, deliveries },
      {
        policy,
        regions,
        ledger: through(gate),
        denial: createLaunchDenial({
          iam: gate.guard(iam.iam, ['send']),
          sts: gate.guard(iam.sts, ['send']),
          policyArn: DENY_POLICY,
          now: clock,
        }),
        account: ACCOUNT,
        now: clock,
        tools,
        wake: (at) =>
          gate.pass(async () => {
            wakes.push(at);
          }),
        // A crash is not a failure of the scheduler.
        onWakeError: () => {},
        publish: (alert) =>
          gate.pass(async () => {
            published.push(alert);
          }),
      },
    );
  };
  return {
    account,
    iam,
    ledger,
    published,
    wakes,
    deliver,
    fleet: () => discoverFleet(new Map([[REGION, context]])),
    pass: (seconds: number) => {
      now = new Date(now.getTime() + seconds * 1000);
    },
    now: clock,
  };
}

type World = Awaited<ReturnType<typeof createWorld>>;

const rule = { policy: 'development', rule: 'idle for 30 min: stop' };

function stopOf(target: Resource): Decision {
  const reason = 'Idle from 11:20 UTC to 12:00 UTC: CPU at most 1%.';
  return {
    action: 'stop',
    trigger: 'idle',
    key: `idle/${target.arn}`,
    project: 'recsys',
    reason,
    rule,
    target,
  };
}

const freezeOf = (project: string): Decision => ({
  action: 'freeze',
  key: 'freeze/1',
  project,
  reason: 'Over 120%.',
  rule: { policy: 'development', rule: 'budget 120% of actual: freeze' },
  until: new Date('2026-12-01T00:00:00Z'),
});

/** Stops two of what will be restored, and freezes what will be unfrozen, with the means of the product. */
async function prepare(world: World, fleet: readonly Resource[]): Promise<void> {
  const decisions: readonly Decision[] = [
    ...fleet
      .filter(({ id }) => id === 'i-restored' || id === 'created-again')
      .map((one) => ({ ...stopOf(one), key: `earlier/${one.arn}` })),
    { ...freezeOf('churn'), key: 'earlier/freeze' },
  ];
  await world.deliver(encodeCommandBatch({ id: 'earlier', issuedAt: world.now(), decisions }), 1, new Gate());
  world.account.effects.length = 0;
  world.published.length = 0;
  world.pass(60);
}

/** Every kind of decision that has an effect, and those that only tell. */
function decisionsFor(fleet: readonly Resource[]): readonly Decision[] {
  const find = (id: string): Resource => {
    const found = fleet.find((one) => one.id === id);
    if (found === undefined) throw new Error(`no ${id} in the fleet`);
    return found;
  };
  const project = 'recsys';
  const until = new Date(START.getTime() + 7_200_000);
  return [
    ...['i-stop-1', 'i-stop-2', 'shut-down'].map((id) => stopOf(find(id))),
    ...['i-restored', 'created-again'].map((id): Decision => {
      const target = find(id);
      return {
        action: 'restore',
        key: `restore/${target.arn}`,
        project,
        reason: 'ana asked.',
        target,
        by: 'ana',
      };
    }),
    {
      action: 'keep',
      key: 'keep/1',
      project,
      reason: 'ana asked.',
      target: find('i-kept'),
      until,
      by: 'ana',
    },
    {
      action: 'warn',
      trigger: 'idle',
      key: 'warn/1',
      project,
      reason: 'Idle.',
      rule,
      target: find('i-warned'),
      stopAt: until,
    },
    { action: 'release', key: 'release/1', project, reason: 'ana asked.', heldAt: EARLIER, by: 'ana' },
    freezeOf(project),
    { action: 'unfreeze', key: 'unfreeze/1', project: 'churn', reason: 'ana asked.', by: 'ana' },
    {
      action: 'tag',
      key: 'tag/1',
      project,
      reason: 'Nobody knows whose it is.',
      target: find('i-tagged'),
      tags: { 'bursar:creator': 'ana' },
    },
    { action: 'canary', key: 'canary/2026-11-10', project, reason: 'Once a day.' },
  ];
}

/** Runs the batch, crashing at one step of each of the first processes, and gives what came of it. */
export async function play(ledger: GatedLedger, ...crashAt: readonly number[]) {
  const world = await createWorld(ledger);
  const fleet = await world.fleet();
  await prepare(world, fleet);
  const decisions = decisionsFor(fleet);
  const body = encodeCommandBatch({ id: 'batch', issuedAt: world.now(), decisions });
  let steps = 0;
  for (let delivery = 1; delivery <= MAX_DELIVERIES; delivery += 1) {
    const gate = new Gate(crashAt[delivery - 1]);
    const done = await world.deliver(body, delivery, gate).then(
      () => true,
      () => false,
    );
    if (delivery === 1) steps = gate.steps;
    // Longer than the lease, as the queue's visibility timeout is; an endpoint is in service again by then.
    world.pass(LEASE_SECONDS + 30);
    if (done) break;
  }
  return { world, decisions, steps };
}

/** Each effect once, told by the ledger and to people. */
export async function expectOnce(
  { world, decisions }: Awaited<ReturnType<typeof play>>,
  { most = 1 }: { readonly most?: number } = {},
): Promise<void> {
  const { account, iam, ledger, published, wakes } = world;
  // Each effect once …
  expect(account.effects.map(({ id }) => id).sort()).toEqual(['i-stop-1', 'i-stop-2', 'shut-down']);
  expect(account.restored.map(({ id }) => id).sort()).toEqual(['created-again', 'i-restored']);
  const keeps = await ledger.keeps(ACCOUNT, REGION, world.now());
  expect([...keeps.values()]).toMatchObject([{ count: 1, by: 'ana' }]);
  const marks = await ledger.projectMarks(world.now());
  expect(marks.get('recsys')?.frozenUntil).toEqual(new Date('2026-12-01T00:00:00Z'));
  expect(marks.get('churn')?.frozenUntil).toBeUndefined();
  expect([...iam.denied]).toEqual(['recsys-developers']);
  expect(account.instances.get('i-tagged')?.tags).toEqual({ ...TAGS, 'bursar:creator': 'ana' });
  expect(new Set(wakes.map((at) => at.toISOString())).has('2026-11-10T14:00:00.000Z')).toBe(true);
  for (const arn of ['i-stop-1', 'i-stop-2'].map((id) => `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${id}`)) {
    expect(await ledger.restoreRecord(arn)).toMatchObject({ state: 'stopped', trigger: 'idle' });
  }
  // … and the ledger tells it: an intent, and at the end that it was taken …
  const trail = [
    ...(await ledger.audit({ project: 'recsys' })),
    ...(await ledger.audit({ project: 'churn' })),
  ];
  for (const { key } of decisions) {
    const own = trail.filter(({ decision }) => decision.key === key);
    expect(own[0]?.event).toBe('intended');
    expect(own.at(-1)?.event, `${key}: ${own.at(-1)?.detail}`).toBe('taken');
    // A crash between the trail and the record of one settlement has the retry say it once more.
    expect(own.filter(({ event }) => event === 'taken').length).toBeLessThanOrEqual(most);
    expect(own.every(({ event }) => event === 'intended' || event === 'taken')).toBe(true);
  }
  // … and people were told of each, once: channels drop repeats of one alert id.
  const alerts = [...new Map(published.map((alert) => [alert.id, alert])).values()];
  const stopped = alerts.filter(({ kind }) => kind === 'idle').flatMap(({ items }) => items);
  expect(
    stopped
      .filter(({ requested }) => requested === 'stop')
      .map(({ id }) => id)
      .sort(),
  ).toEqual(['i-stop-1', 'i-stop-2', 'shut-down']);
  const count = (kind: Alert['kind']) => alerts.filter((alert) => alert.kind === kind).length;
  expect(count('restore')).toBeGreaterThan(0);
  for (const kind of ['freeze', 'unfreeze', 'tag', 'canary'] as const)
    expect([kind, count(kind)]).toEqual([kind, 1]);
}
