import {
  CreateTagsCommand,
  type EC2Client,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRegionClients, type RegionClients } from '../../lib/fleet/clients.ts';
import { ec2Instance } from '../../lib/fleet/ec2-instance.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { type Moto, startMoto } from '../support/moto.ts';
import { ACCOUNT, contextOf, instanceArn, REGION, stopContextOf, usd, useEndpoint } from './fixtures.ts';

let moto: Moto;
let clients: RegionClients;
let restoreEnvironment: () => void;

beforeAll(async () => {
  moto = await startMoto();
  restoreEnvironment = useEndpoint(moto.endpoint);
  clients = createRegionClients(REGION);
}, 60_000);

afterAll(async () => {
  for (const client of Object.values(clients ?? {})) client.destroy();
  restoreEnvironment?.();
  await moto?.stop();
});

type Tags = Readonly<Record<string, string>>;

/** Starts one instance in a reservation of its own. */
async function run(tags: Tags, input: Partial<RunInstancesCommandInput> = {}): Promise<string> {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const { Instances } = await clients.ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-12c6146b',
      InstanceType: 'm5.large',
      MinCount: 1,
      MaxCount: 1,
      ...(Tags.length === 0 ? {} : { TagSpecifications: [{ ResourceType: 'instance', Tags }] }),
      ...input,
    }),
  );
  const id = Instances?.[0]?.InstanceId;
  if (id === undefined) throw new Error('moto started nothing');
  return id;
}

/** A client whose every listing comes in pages of `size`, and how many pages it was sent. */
function paged(client: EC2Client, size: number): { readonly pages: () => number } {
  let pages = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      pages += 1;
      Object.assign(args.input, { MaxResults: size });
      return next(args);
    },
    { step: 'initialize', name: 'smallPages' },
  );
  return { pages: () => pages };
}

async function discovered(id: string): Promise<Resource> {
  const found = (await ec2Instance.discover(contextOf(clients))).find((one) => one.id === id);
  if (found === undefined) throw new Error(`${id} was not discovered`);
  return found;
}

describe('discover', () => {
  it('reads all that a decision needs', async () => {
    const id = await run({ project: 'recsys', owner: 'alice' }, { InstanceType: 'g5.xlarge' });
    const found = await discovered(id);
    expect(found).toEqual({
      kind: 'ec2-instance',
      arn: instanceArn(id),
      id,
      account: ACCOUNT,
      region: REGION,
      tags: { project: 'recsys', owner: 'alice' },
      state: 'running',
      since: found.since,
      size: 'g5.xlarge',
      protections: [],
      hourly: usd('1.006'),
    });
    expect(found.since).toBeInstanceOf(Date);
  });

  it('reads every page', async () => {
    const ids = await Promise.all(Array.from({ length: 7 }, () => run({ batch: 'pages' })));
    const own = createRegionClients(REGION);
    const { pages } = paged(own.ec2, 2);
    const found = await ec2Instance.discover(contextOf(own));
    own.ec2.destroy();
    expect(found.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
    expect(new Set(found.map(({ id }) => id)).size, 'none twice').toBe(found.length);
    expect(pages()).toBe(Math.ceil(found.length / 2));
  });

  it('leaves terminated ones out and keeps stopped ones', async () => {
    const gone = await run({});
    const stopped = await run({});
    await clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [gone] }));
    await clients.ec2.send(new StopInstancesCommand({ InstanceIds: [stopped] }));
    const found = await ec2Instance.discover(contextOf(clients));
    expect(found.some(({ id }) => id === gone)).toBe(false);
    expect(found.find(({ id }) => id === stopped)?.state).toBe('stopped');
  });

  it('has no tags where there are none, and no price where none is known', async () => {
    const found = await discovered(await run({}, { InstanceType: 'm5.large' }));
    expect(found.tags).toEqual({});
    expect(found.hourly).toBeUndefined();
  });

  // Unlike AWS, moto names no Spot request of an instance: what cannot be known protects.
  it('gives a Spot instance whose request is not known its protection', async () => {
    const id = await run({}, { InstanceMarketOptions: { MarketType: 'spot' } });
    expect((await discovered(id)).protections.map(({ code }) => code)).toEqual(['spot']);
  });

  // moto lets anyone set the tags that AWS keeps for its services, so they can be put by hand.
  it.each([
    {
      tags: { 'aws:autoscaling:groupName': 'web' },
      code: 'auto-scaling-group',
      detail: 'It is part of Auto Scaling group web, which would replace it.',
    },
    { tags: { 'aws:eks:cluster-name': 'ml' }, code: 'eks', detail: /Kubernetes cluster ml,/ },
    { tags: { 'kubernetes.io/cluster/blue': 'owned' }, code: 'eks', detail: /Kubernetes cluster blue,/ },
    { tags: { 'karpenter.sh/nodepool': 'gpu' }, code: 'eks', detail: /Kubernetes cluster gpu,/ },
    { tags: { 'aws:elasticmapreduce:job-flow-id': 'j-1' }, code: 'emr', detail: /EMR cluster j-1,/ },
    { tags: { AWSBatchServiceTag: 'batch' }, code: 'batch', detail: /AWS Batch compute environment batch,/ },
    { tags: { 'aws:batch:compute-environment': 'ce' }, code: 'batch', detail: /environment ce,/ },
    { tags: { 'aws:ec2:fleet-id': 'fleet-1' }, code: 'managed-elsewhere', detail: /EC2 Fleet fleet-1,/ },
  ])('protects what $code manages by its tag $tags', async ({ tags, code, detail }) => {
    const { protections } = await discovered(await run({ project: 'recsys', ...tags }));
    expect(protections).toHaveLength(1);
    expect(protections[0]?.code).toBe(code);
    expect(protections[0]?.detail).toMatch(detail);
  });

  it('is not misled by a tag that only resembles one of AWS', async () => {
    const id = await run({ 'my:aws:eks:cluster-name': 'ml', 'team-AWSBatchServiceTag': 'x' });
    expect((await discovered(id)).protections).toEqual([]);
  });
});

describe('describe', () => {
  it('reads the given ones anew, and one that is gone is absent', async () => {
    const id = await run({ project: 'recsys' });
    const other = await run({});
    const ended = await run({});
    await clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [ended] }));
    await clients.ec2.send(
      new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'project', Value: 'fraud' }] }),
    );
    const found = await ec2Instance.describe([id, ended, 'i-0123456789abcdef0'], contextOf(clients));
    expect(found.map((one) => one.id)).toEqual([id]);
    expect(found[0]?.tags).toEqual({ project: 'fraud' });
    expect(found.some((one) => one.id === other)).toBe(false);
  });

  it('of nothing is nothing', async () => {
    expect(await ec2Instance.describe([], contextOf(clients))).toEqual([]);
  });
});

describe('stop', () => {
  it('stops, and a second time finds it stopped', async () => {
    const id = await run({ project: 'recsys' });
    const target = await discovered(id);
    const first = await ec2Instance.stop([target], stopContextOf(contextOf(clients)));
    expect(first.get(target.arn)).toMatchObject({ status: 'taken' });
    expect((await ec2Instance.describe([id], contextOf(clients)))[0]?.state).toBe('stopped');
    const second = await ec2Instance.stop([target], stopContextOf(contextOf(clients)));
    expect(second.get(target.arn)).toMatchObject({ status: 'skipped', code: 'AlreadyStopped' });
  });

  it('is undone by a restore, and a second one finds it running', async () => {
    const id = await run({ project: 'recsys' });
    const target = await discovered(id);
    const context = stopContextOf(contextOf(clients));
    await ec2Instance.stop([target], context);
    const record: unknown = JSON.parse(JSON.stringify(context.saved[0]?.record));
    const first = await ec2Instance.restore(target, record, context);
    expect(first).toMatchObject({ outcome: { status: 'taken' }, finished: true });
    expect((await discovered(id)).state).toBe('running');
    const second = await ec2Instance.restore(target, record, context);
    expect(second).toMatchObject({ outcome: { status: 'skipped', code: 'AlreadyRunning' }, finished: true });
  });

  it('finds the stop protection that somebody has switched on', async () => {
    const [free, guarded] = [await run({}), await run({})];
    await clients.ec2.send(
      new ModifyInstanceAttributeCommand({ InstanceId: guarded, DisableApiStop: { Value: true } }),
    );
    const both = await ec2Instance.describe([free, guarded], contextOf(clients));
    const found = await ec2Instance.inspect?.(both, contextOf(clients));
    expect([...(found ?? new Map()).keys()]).toEqual([instanceArn(guarded)]);
  });

  it('stops the others where one is gone', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => run({})));
    const targets = (await ec2Instance.describe(ids, contextOf(clients))).toSorted((a, b) =>
      a.id.localeCompare(b.id),
    );
    const [first] = targets;
    if (first === undefined) throw new Error('nothing to stop');
    const gone: Resource = { ...first, id: 'i-0123456789abcdef0', arn: instanceArn('i-0123456789abcdef0') };
    const outcomes = await ec2Instance.stop([...targets, gone], stopContextOf(contextOf(clients)));
    expect(outcomes.get(gone.arn)).toMatchObject({ status: 'skipped', code: 'Gone' });
    const after = await ec2Instance.describe(ids, contextOf(clients));
    expect(after.map(({ state }) => state)).toEqual(Array.from({ length: 5 }, () => 'stopped'));
  });
});
