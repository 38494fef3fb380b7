import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { createCache } from '../../lib/backtest/cache.ts';
import { prepareHistory } from '../../lib/backtest/prepare-history.ts';
import { readHistory } from '../../lib/backtest/read-history.ts';
import type { RegionClients } from '../../lib/fleet/clients.ts';

import { meteredKinds } from '../../lib/fleet/metered-kinds.ts';
import { kinds } from '../../lib/fleet/registry.ts';
import { createLedger } from '../../lib/ledger/dynamodb.ts';
import { readOnlyLedger } from '../../lib/ledger/read-only.ts';
import { copyOfState } from '../../lib/plan/copy-state.ts';
import { planIamPolicy } from '../../lib/plan/iam-policy.ts';
import { makePlan } from '../../lib/plan/look-ahead.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { createAccount } from '../../lib/simulate/account/account.ts';
import { putApp, putEndpoint, putJob, putNotebook } from '../../lib/simulate/account/sagemaker-put.ts';
import { putComponent } from '../../lib/simulate/account/sagemaker-variants.ts';
import { parseUsd } from '../../lib/types/money.ts';
import { scratch } from '../backtest/fixtures.ts';

const statements = planIamPolicy().Statement;
const actions = statements.flatMap(({ Action }) => Action);

it('allows nothing that changes anything, each action by its name', () => {
  const reads = /^[a-z0-9-]+:(Describe|Get|List|Lookup|View|Query$)[A-Za-z]*$/;
  expect(actions.filter((action) => !reads.test(action))).toEqual(['kms:Decrypt']);
  expect(statements.find(({ Action }) => Action.includes('kms:Decrypt'))?.Condition).toEqual({
    StringLike: { 'kms:ViaService': 'dynamodb.*.amazonaws.com' },
  });
});

it('allows all that seeing any kind needs', () => {
  const needed = [...kinds, ...meteredKinds].flatMap(({ permissions }) =>
    permissions.observe.flatMap((permission) => permission.actions),
  );
  expect(needed.length).toBeGreaterThan(20);
  expect(actions).toEqual(expect.arrayContaining(needed));
  expect(actions).toEqual(
    expect.arrayContaining([
      'cloudwatch:GetMetricData',
      'pricing:GetProducts',
      'cloudtrail:LookupEvents',
      'budgets:ViewBudget',
      'cloudformation:DescribeStacks',
      'dynamodb:Query',
    ]),
  );
});

it('names each action once, in order, and each statement', () => {
  expect(planIamPolicy()).toEqual(planIamPolicy());
  expect(new Set(actions).size).toBe(actions.length);
  for (const { Sid, Action, Resource } of statements) {
    expect(Sid).toMatch(/^[A-Za-z]+$/);
    expect(Action).toEqual([...Action].sort());
    expect(Resource).not.toEqual([]);
  }
  // IAM takes 6,144 characters of a managed policy, blanks left out.
  expect(JSON.stringify(planIamPolicy()).length).toBeLessThan(6_144);
});

it('reads the ledger of the partition alone', () => {
  const text = JSON.stringify(planIamPolicy('aws-cn'));
  expect(text).toContain('arn:aws-cn:dynamodb:*:*:table/*Ledger*');
  expect(text).not.toContain('arn:aws:');
});

/** How IAM names the service of each client. */
const PREFIXES = {
  ec2: 'ec2',
  cloudwatch: 'cloudwatch',
  sagemaker: 'sagemaker',
  autoscaling: 'application-autoscaling',
  groups: 'autoscaling',
  rds: 'rds',
  tagging: 'tag',
  balancers: 'elasticloadbalancing',
} as const satisfies Record<keyof RegionClients, string>;

/** Notes what a client sends as IAM names it. */
function note(client: object, prefix: string, sent: Set<string>): void {
  if (!('send' in client) || typeof client.send !== 'function') throw new Error(`${prefix} sends nothing`);
  const { send } = client;
  Object.assign(client, {
    send: (command: object, ...rest: readonly unknown[]) => {
      sent.add(`${prefix}:${command.constructor.name.replace(/Command$/, '')}`);
      return send.call(client, command, ...rest);
    },
  });
}

it('allows each call that a plan and a backtest make of an account with everything in it', async () => {
  const now = new Date('2026-11-25T10:30:00.000Z');
  const account = createAccount(() => now, ['us-east-1']);
  const since = new Date('2026-11-20T00:00:00.000Z');
  const member = {
    tags: { project: 'recsys', environment: 'dev' },
    since,
    region: 'us-east-1',
    use: () => ({ cpu: 0.1, gpu: 0, network: 0, invocations: 0, connections: 0, backlog: 0 }),
  };
  const endpoint = { ...member, type: 'ml.p3.2xlarge', cores: 8, gpus: 1 };
  account.instances.set('i-1', { ...member, id: 'i-1', type: 'p3.8xlarge' });
  account.instances.set('i-2', { ...member, id: 'i-2', type: 'm5.large', spot: true });
  account.groups.set('g', { ...member, name: 'g', type: 'p3.8xlarge', min: 0, max: 2, desired: 1 });
  account.databases.set('d', { ...member, id: 'd', type: 'db.m5.large', engine: 'postgres' });
  putEndpoint(account, { ...endpoint, name: 'e' });
  putEndpoint(account, { ...endpoint, name: 'a', asynchronous: true });
  const hosting = { name: 'main', type: 'ml.p3.2xlarge', instances: 1, hostsComponents: { least: 0 } };
  putEndpoint(account, { ...endpoint, name: 'c', variants: [hosting] });
  putComponent(account, 'us-east-1', { name: 'c-1', endpoint: 'c', variant: 'main', tags: {}, copies: 1 });
  putNotebook(account, { ...member, name: 'n', type: 'ml.p3.2xlarge' });
  const app = { domain: 'd-1', space: 's', app: 'default', appType: 'JupyterLab', type: 'ml.m5.large' };
  putApp(account, 'd-1/spaces/s/JupyterLab/default', { ...member, ...app });
  for (const kind of ['sagemaker-training-job', 'sagemaker-processing-job'] as const) {
    putJob(account, { ...member, kind, name: 'j', type: 'ml.m5.large', count: 1 });
  }
  account.volumes.set('vol-1', { ...member, id: 'vol-1', type: 'gp3', gib: 100 });
  account.gateways.set('nat-1', { ...member, id: 'nat-1', type: 'zonal' });
  const balancer = 'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/b/50dc6c495c0c9188';
  account.balancers.set(balancer, { ...member, arn: balancer, name: 'b', type: 'application' });

  const policy = parsePolicy(
    `version: 1
projects: { recsys: { budget: 100 USD } }
policies:
  - name: development
    match: { environment: dev }
    idle: { after: 30m, do: stop }
    budget: [{ at: 100%, do: stop }]
    allow: [scale-to-zero, terminate-spot, stop-jobs]
untagged: { after: 24h, warn: 2h, do: stop }
limits: { maxStopsPerSweep: 100, maxFleetShare: 100% }
scope: { regions: [us-east-1] }
`,
    'bursar.yaml',
  );
  const sent = new Set<string>();
  const clients = account.clientsOf('us-east-1');
  for (const [name, client] of Object.entries(clients)) {
    const [, prefix] = Object.entries(PREFIXES).find(([one]) => one === name) ?? [];
    if (prefix === undefined) throw new Error(`${name} has no name in IAM.`);
    note(client, prefix, sent);
  }
  note(account.budgetsClient, 'budgets', sent);
  for (const trail of account.cloudTrails.values()) note(trail, 'cloudtrail', sent);
  const prices = {
    hourly: async () => parseUsd('1'),
    unit: async () => parseUsd('0.1'),
    spot: async () => parseUsd('1'),
  };
  const regions = new Map([
    ['us-east-1', { account: '111122223333', region: 'us-east-1', clients, prices, now: () => now }],
  ]);
  const effects = account.effects.length;
  const plan = await makePlan({
    policy,
    policyFile: 'bursar.yaml',
    account: '111122223333',
    regions,
    aheadSeconds: 7_200,
    now: () => now,
    budgets: account.budgetsClient,
  });
  expect(plan.lines).toHaveLength(15);
  expect(plan.ahead.events.filter(({ event }) => event === 'stopped').length).toBeGreaterThan(5);
  const cache = createCache(scratch());
  const prepared = await prepareHistory({ regions, from: since, to: now, now, cache });
  await readHistory(prepared, { cloudTrails: account.cloudTrails, cache, trailPace: async () => {} });

  expect(account.effects).toHaveLength(effects);
  expect(sent.size).toBeGreaterThan(20);
  const needed = [...sent].map((action) =>
    action.startsWith('budgets:Describe') ? 'budgets:ViewBudget' : action,
  );
  expect(needed.filter((action) => !actions.includes(action))).toEqual([]);
});

it('allows each call that reading what a deployed Bursar remembers makes', async () => {
  const client = new DynamoDBClient({ region: 'us-east-1' });
  const sent = new Set<string>();
  client.middlewareStack.add(
    (_next, { commandName }) =>
      async () => {
        sent.add(`dynamodb:${(commandName ?? '').replace(/Command$/, '')}`);
        const found = commandName?.startsWith('Query') === true ? { Items: [] } : {};
        return { output: { $metadata: {}, ...found }, response: {} };
      },
    { step: 'initialize', priority: 'high' },
  );
  const policy = parsePolicy(
    'version: 1\nprojects: { recsys: {} }\npolicies: [{ name: all, match: {}, idle: off }]\n',
    'bursar.yaml',
  );
  const now = new Date('2026-11-25T10:30:00.000Z');
  const ledger = readOnlyLedger(createLedger(client, 'Bursar-Ledger'));
  const copy = await copyOfState(ledger, policy, '111122223333', ['us-east-1'], now);
  await copy.seen('told/idle/x', now);
  await ledger.approval();
  await ledger.restoreRecord('arn');
  await ledger.alert('a');
  await ledger.audit({ project: 'recsys' });
  await ledger.meterRecord('111122223333', 'us-east-1', 'arn');
  await ledger.price('p');
  await ledger.told('b');
  expect([...sent].sort()).toEqual(['dynamodb:GetItem', 'dynamodb:Query']);
  expect(actions).toEqual(expect.arrayContaining([...sent]));
});
