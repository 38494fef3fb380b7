import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { autoScalingGroup } from '../../lib/fleet/auto-scaling-group.ts';
import { ebsVolume } from '../../lib/fleet/ebs-volume.ts';
import { ec2Instance } from '../../lib/fleet/ec2-instance.ts';
import { loadBalancer } from '../../lib/fleet/load-balancer.ts';
import { natGateway } from '../../lib/fleet/nat-gateway.ts';
import { createAccount, type MemoryAccount } from '../../lib/simulate/account/account.ts';
import { adoptEc2 } from '../../lib/simulate/account/adopt-ec2.ts';
import type { MemoryGroup } from '../../lib/simulate/account/auto-scaling.ts';
import type { Ec2Entry } from '../../lib/simulate/account/ec2-entry.ts';
import { ELSEWHERE, REGION } from '../../lib/simulate/account/state.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { fixedPrices, stopContextOf } from '../fleet/fixtures.ts';

const NOW = new Date('2026-11-10T10:00:00.000Z');
const OWNER = '999988887777';
const minutesAgo = (n: number): Date => new Date(NOW.getTime() - n * 60_000);

const { unit, hourly } = fixedPrices();
/** By type alone. */
const prices = {
  unit,
  hourly,
  spot: ({ region, instanceType }: { readonly region: string; readonly instanceType: string }) =>
    hourly({ service: 'ec2', region, instanceType, system: 'Linux' }),
};

const contextOf = (account: MemoryAccount, region: string) => ({
  account: OWNER,
  region,
  clients: account.clientsOf(region),
  prices,
  now: () => NOW,
});

const KINDS = [ec2Instance, autoScalingGroup, ebsVolume, natGateway, loadBalancer];

async function discover(account: MemoryAccount): Promise<readonly Resource[]> {
  const contexts = [REGION, ELSEWHERE].map((region) => contextOf(account, region));
  const found = await Promise.all(contexts.flatMap((context) => KINDS.map((kind) => kind.discover(context))));
  return found.flat().toSorted((a, b) => (a.arn < b.arn ? -1 : 1));
}

const use = () => undefined;

function adopted(resources: readonly Resource[]): MemoryAccount {
  const account = createAccount(() => NOW);
  for (const one of resources) adoptEc2(account, one, { use });
  return account;
}

const ago = fc.integer({ min: 1, max: 50_000 }).map(minutesAgo);
const type = fc.constantFrom('g5.xlarge', 'p3.8xlarge', 'p4d.24xlarge', 'm5.large');
const region = fc.constantFrom(REGION, ELSEWHERE);
const tags = fc.dictionary(
  fc.constantFrom('project', 'owner', 'eks:nodegroup-name', 'AWSBatchServiceTag', 'aws:ec2:fleet-id'),
  fc.constantFrom('a', 'b'),
  { maxKeys: 2 },
);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.oneof(fc.constant({}), value);

/** What an instance may be, each in a way that a resource tells of. */
const facts: fc.Arbitrary<Partial<Ec2Entry>> = fc
  .tuple(
    maybe<Partial<Ec2Entry>>(
      fc.constantFrom<Partial<Ec2Entry>>(
        { spot: true },
        { spot: true, request: 'unknown' },
        { spot: true, request: { type: 'persistent', launchGroup: 'blue' } },
        { tenancy: 'dedicated' },
        { rootDevice: 'instance-store' },
        { hibernates: true },
      ),
    ),
    maybe<Partial<Ec2Entry>>(fc.constantFrom({ operator: 'eks.amazonaws.com' }, { operator: '' })),
    maybe<Partial<Ec2Entry>>(fc.constantFrom({ stoppedAt: minutesAgo(0) }, { pendingUntil: minutesAgo(-2) })),
  )
  .map(([a, b, c]) => ({ ...a, ...b, ...c }));

const instance = fc
  .record({ type, region, tags, since: ago, facts })
  .map(({ facts: more, ...one }) => ({ ...one, use, owner: OWNER, ...more }));

const group = fc
  .record({
    region,
    tags,
    created: ago,
    operator: fc.constantFrom(undefined, '', 'emr.amazonaws.com'),
    isSuspended: fc.boolean(),
    members: fc.array(fc.record({ type, since: ago, isPending: fc.boolean(), own: fc.boolean() }), {
      maxLength: 4,
    }),
    /** What a service puts on all that it launches. */
    marks: tags,
  })
  .map(({ members, operator, isSuspended, created, ...one }) => ({
    ...one,
    use,
    owner: OWNER,
    created,
    since: created,
    type: 'g5.xlarge',
    min: 0,
    max: 9,
    desired: members.length,
    ...(operator === undefined ? {} : { operator }),
    ...(isSuspended ? { suspended: ['Terminate'] } : {}),
    members,
  }));

it('what was discovered is discovered again, in whatever order it is adopted', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(instance, { maxLength: 6 }),
      fc.array(group, { maxLength: 3 }),
      fc.nat(),
      async (instances, groups, seed) => {
        const account = createAccount(() => NOW);
        instances.forEach((one, n) => {
          account.instances.set(`i-${n}`, { ...one, id: `i-${n}` });
        });
        groups.forEach(({ members, marks, ...one }, g) => {
          const entry: MemoryGroup = {
            ...one,
            name: `group-${g}`,
            members: members.map(({ isPending, own, ...member }, n) => ({
              ...member,
              id: `i-${g}-${n}`,
              tags: { ...one.tags, ...marks, ...(own ? { Name: `${n}` } : {}) },
              ...(isPending ? { pendingUntil: minutesAgo(-1) } : {}),
            })),
          };
          account.groups.set(entry.name, entry);
        });
        const before = await discover(account);
        const order = before
          .map((one, n) => ({ one, key: (n * 7919 + seed) % 104_729 }))
          .toSorted((a, b) => a.key - b.key);
        expect(await discover(adopted(order.map(({ one }) => one)))).toEqual(before);
      },
    ),
    { numRuns: 60 },
  );
});

it('so is what lies beside', async () => {
  const account = createAccount(() => NOW);
  const common = { tags: { project: 'a' }, since: minutesAgo(90), use };
  const volumes = [
    { type: 'gp3', gib: 500 },
    { type: 'gp3', gib: 500, iops: 6_000, throughput: 250 },
    { type: 'io2', gib: 100, iops: 70_000 },
    { type: 'standard', gib: 8, state: 'error' },
    { type: 'sc1', gib: 125, state: 'creating' },
    { type: 'gp2', gib: 8, outpost: 'arn:aws:outposts:us-east-1:999988887777:outpost/op-1' },
  ] as const;
  volumes.forEach((one, n) => {
    account.volumes.set(`vol-${n}`, { ...common, ...one, id: `vol-${n}` });
  });
  const gateways = [
    { type: 'zonal' },
    { type: 'regional' },
    { type: 'zonal', state: 'pending' },
    { type: 'zonal', state: 'failed' },
  ] as const;
  gateways.forEach((one, n) => {
    account.gateways.set(`nat-${n}`, { ...common, ...one, id: `nat-${n}` });
  });
  const balancers = [
    { type: 'application' },
    { type: 'network', state: 'provisioning' },
    { type: 'gateway', state: 'failed' },
    { type: 'application', outpost: 'op-1' },
  ] as const;
  balancers.forEach((one, n) => {
    const arn = `arn:aws:elasticloadbalancing:${REGION}:${OWNER}:loadbalancer/app/lb-${n}/${n}`;
    account.balancers.set(arn, { ...common, ...one, arn, name: `lb-${n}` });
  });
  const before = await discover(account);
  expect(before).toHaveLength(14);
  expect(await discover(adopted(before))).toEqual(before);
});

describe('a group that is adopted without its members', () => {
  const resource: Resource = {
    kind: 'auto-scaling-group',
    arn: `arn:aws:autoscaling:${REGION}:${OWNER}:autoScalingGroup:1234:autoScalingGroupName/web`,
    id: 'web',
    account: OWNER,
    region: REGION,
    tags: { project: 'a' },
    state: 'running',
    since: minutesAgo(90),
    pricedSince: minutesAgo(30),
    size: '2 × g5.xlarge, 1 × p3.8xlarge',
    parts: [
      { name: 'g5.xlarge', type: 'g5.xlarge', count: 2 },
      { name: 'p3.8xlarge', type: 'p3.8xlarge', count: 1 },
    ],
    protections: [],
    consent: 'scale-to-zero',
    hourly: undefined,
  };
  const one = async (account: MemoryAccount) =>
    (await autoScalingGroup.describe(['web'], contextOf(account, REGION)))[0];

  it.each<{ what: string; protections: Resource['protections'] }>([
    { what: 'nothing', protections: [] },
    {
      what: 'EMR, which its members alone tell of',
      protections: [{ code: 'emr', detail: 'It belongs to EMR cluster j-1, which sets its size.' }],
    },
    {
      what: 'ECS, which its members alone tell of',
      protections: [
        {
          code: 'managed-elsewhere',
          detail: 'It belongs to an ECS capacity provider, which sets its size.',
        },
      ],
    },
    {
      what: 'members that outlive zero',
      protections: [
        {
          code: 'managed-elsewhere',
          detail: 'It is at zero already; members that stand by or are protected from scale-in run on: 5.',
        },
      ],
    },
  ])('is the same, protected by $what', async ({ protections }) => {
    const target = { ...resource, protections };
    expect(await one(adopted([target]))).toEqual(target);
  });

  it('is scaled to zero and back to the sizes that it is given', async () => {
    const account = createAccount(() => NOW);
    adoptEc2(account, resource, { use, sizes: { min: 2, desired: 3, max: 8 } });
    expect(await one(account)).toEqual(resource);
    const context = stopContextOf(contextOf(account, REGION));
    const outcomes = await autoScalingGroup.stop([resource], context);
    expect(outcomes.get(resource.arn)?.detail).toContain('its sizes were min 2, desired 3, max 8');
    expect((await one(account))?.state).toBe('stopped');
    await autoScalingGroup.restore(resource, context.saved[0]?.record, context);
    expect((await one(account))?.size).toBe('3 × g5.xlarge');
  });
});

it('stop protection is carried over where it is told', async () => {
  const account = createAccount(() => NOW);
  const source = createAccount(() => NOW);
  source.instances.set('i-1', { id: 'i-1', type: 'm5.large', tags: {}, since: minutesAgo(9), use });
  for (const one of await discover(source)) adoptEc2(account, one, { use, isProtected: true });
  const context = contextOf(account, REGION);
  const found = await ec2Instance.describe(['i-1'], context);
  const looked = await ec2Instance.inspect?.(found, context);
  expect([...(looked ?? [])].map(([, { code }]) => code)).toEqual(['stop-protection']);
});

it('another kind is refused', () => {
  const account = createAccount(() => NOW);
  const resource: Resource = {
    kind: 'rds-instance',
    arn: 'arn:aws:rds:us-east-1:999988887777:db:orders',
    id: 'orders',
    account: OWNER,
    region: REGION,
    tags: {},
    state: 'running',
    since: NOW,
    size: 'db.m5.large',
    protections: [],
    hourly: undefined,
  };
  expect(() => adoptEc2(account, resource, { use })).toThrow('rds-instance');
});
