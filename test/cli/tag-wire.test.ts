import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRegionClients, type RegionClients } from '../../lib/fleet/clients.ts';
import { ec2Instance } from '../../lib/fleet/ec2-instance.ts';
import { tagsOf } from '../../lib/people/tags.ts';
import type { Tags } from '../../lib/people/tags-answer.ts';
import type { LoopbackServer } from '../../lib/sandbox/loopback.ts';
import { startTaggingFront } from '../../lib/sandbox/tagging-front.ts';
import { policyWith } from '../compliance/fixtures.ts';
import { ACCOUNT, contextOf, REGION, useEndpoint } from '../fleet/fixtures.ts';
import { type MiniStack, startMiniStack } from '../support/ministack.ts';
import { type FakeBursar, startFakeBursar } from './fake-bursar.ts';

/*
 * The real program in a process of its own, by the Node of the machine, over the instances of MiniStack: what it
 * writes is what the next look finds. The tagging API is the sandbox's front, since MiniStack's knows no instances.
 */

let ministack: MiniStack;
let front: LoopbackServer;
let fake: FakeBursar;
let clients: RegionClients;
let restoreEnvironment: () => void;

beforeAll(async () => {
  [ministack, fake] = await Promise.all([startMiniStack(), startFakeBursar()]);
  const { endpoint } = ministack;
  front = await startTaggingFront({
    ec2: endpoint,
    rds: endpoint,
    sagemaker: endpoint,
    groups: endpoint,
    others: endpoint,
    account: ACCOUNT,
  });
  restoreEnvironment = useEndpoint(endpoint);
  clients = createRegionClients(REGION);
}, 60_000);

afterAll(async () => {
  for (const client of Object.values(clients ?? {})) client.destroy();
  restoreEnvironment?.();
  await Promise.all([front?.stop(), fake?.stop(), ministack?.stop()]);
});

const policy = policyWith('{ project: any, owner: any, environment: [dev, staging, prod] }');

async function look(): Promise<Tags> {
  const fleet = await ec2Instance.discover(contextOf(clients));
  return { ...tagsOf(policy, fleet), unread: [] };
}

const start = (tags: Readonly<Record<string, string>>) =>
  clients.ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-12c6146b',
      InstanceType: 'm5.large',
      MinCount: 1,
      MaxCount: 1,
      TagSpecifications: [
        { ResourceType: 'instance', Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
      ],
    }),
  );

const PROGRAM = fileURLToPath(new URL('../../bin/bursar.mjs', import.meta.url));

/** Runs `bursar tag` over these tags, or what is there now. */
async function tag(
  args: readonly string[] = [],
  seen?: Tags,
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const tags = seen ?? (await look());
  fake.behave({ request: () => ({ payload: { tags } }) });
  const env = {
    ...process.env,
    ...fake.env,
    AWS_ACCESS_KEY_ID: ACCOUNT,
    AWS_PROFILE: undefined,
    AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API: front.url,
  };
  return new Promise((resolve) => {
    const child = execFile('node', [PROGRAM, 'tag', ...args], { env, encoding: 'utf8' }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

it('mends what is surely meant, then what is likely, and the coverage rises to the whole', async () => {
  await start({ project: 'recsys', owner: 'team-beta', environment: 'dev' });
  await start({ Project: 'RECSYS', Environment: 'Prod' });
  await start({ project: 'visoin', Owner: 'ana', environment: 'dev' });
  expect((await look()).coverage.account).toMatchObject({ resources: 3, compliant: 1, byCount: 33.3 });

  const shown = await tag();
  expect(shown.code).toBe(1);
  expect(shown.out).toContain('no project is named "visoin"');
  expect((await look()).problemCount).toBe(5);

  const sure = await tag(['--fix', '--yes']);
  expect(sure).toMatchObject({ code: 1, out: expect.stringContaining('4 tags written, 1 problem remains') });
  expect((await look()).coverage.account).toMatchObject({ compliant: 2, byCount: 66.6 });

  const likely = await tag(['--fix', '--yes', '--likely', '--json']);
  expect(likely.code).toBe(0);
  expect(JSON.parse(likely.out)).toMatchObject({ ok: true, mended: 1, remaining: 0 });
  const { coverage, problems } = await look();
  expect({ problems, byCount: coverage.account.byCount }).toEqual({ problems: [], byCount: 100 });
  expect((await tag()).code).toBe(0);
});

it('tells what could not be written', async () => {
  await start({ Project: 'vision', Owner: 'ana', environment: 'dev' });
  const tags = await look();
  const lost = 'arn:aws:lambda:us-east-1:000000000000:function:x';
  const proposals = tags.proposals.map((one, n) => (n === 0 ? { ...one, arn: lost } : one));
  const { code, out } = await tag(['--fix', '--yes'], { ...tags, proposals });
  expect(code).toBe(1);
  expect(out).toMatch(
    /^failed .*The sandbox tags nothing of lambda\. Mend that, then run this once more\.$/m,
  );
  expect(out).toContain('1 tag written, 1 failed, 1 problem remains');
});
