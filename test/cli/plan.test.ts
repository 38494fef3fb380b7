import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { awsContexts } from '../../lib/cli/aws-contexts.ts';
import { findLedger } from '../../lib/cli/find-ledger.ts';
import { type ExitCode, UsageError } from '../../lib/cli/io.ts';
import { aheadOf, planBy } from '../../lib/cli/plan.ts';
import { PlanJsonSchema } from '../../lib/cli/plan-json.ts';
import type { PlanParts } from '../../lib/cli/plan-run.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import { type FakeBursar, startFakeBursar } from './fake-bursar.ts';
import { instance } from './fixtures.ts';
import { PLAN } from './plan-fixtures.ts';
import { recordedIo, useFake } from './run-cli.ts';

const MADE: Plan = { ...PLAN, lists: new Map([['development', [instance('i-now')]]]) };
const OUTPUTS = { SweepFunctionName: 'the-sweep', LedgerTableName: 'the-ledger' };

let fake: FakeBursar;
beforeAll(async () => {
  fake = await startFakeBursar();
});
afterAll(() => fake.stop());
beforeEach(() => {
  useFake(fake);
  fake.behave({ outputs: OUTPUTS });
});

const folder = mkdtempSync(join(tmpdir(), 'bursar-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));
const written = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
const POLICY = written(
  'bursar.yaml',
  "version: 1\nprojects: { recsys: { budget: 12000 USD } }\npolicies: [{ name: development, match: { environment: dev }, idle: 'off' }]\nscope: { regions: [us-east-1, eu-west-1] }\n",
);

type Given = Parameters<PlanParts['makePlan']>[0];

/** Runs the command in this process over a plan that is made already; AWS is the fake. */
async function plan(args: readonly string[], made: Plan = MADE) {
  const given: Given[] = [];
  let code: ExitCode | undefined;
  const { io, said } = recordedIo({ now: () => PLAN.at });
  const parts: PlanParts = {
    awsContexts,
    findLedger,
    makePlan: async (asked) => {
      given.push(asked);
      return made;
    },
  };
  const command = planBy(async () => parts)(io, (result) => {
    code = result;
  });
  await command.parseAsync(['--policy', POLICY, ...args], { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    said.err += error.message;
    code = 2;
  });
  return { code, ...said, given };
}

describe('bursar plan', () => {
  it('plans the account of the credentials, in the regions of the policy, with the deployed ledger', async () => {
    const { code, out, err, given } = await plan([]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^Plan of account 123456789012 in us-east-1, eu-west-1\n/);
    expect(out).toContain(`\nHash ${PLAN.hash}\n`);
    expect(given).toMatchObject([{ account: '123456789012', policyFile: POLICY, aheadSeconds: 86_400 }]);
    expect([...(given[0]?.regions.keys() ?? [])]).toEqual(['us-east-1', 'eu-west-1']);
    expect([...(given[0]?.regions.values() ?? [])].map(({ account, region }) => [account, region])).toEqual([
      ['123456789012', 'us-east-1'],
      ['123456789012', 'eu-west-1'],
    ]);
  });

  it('hands on a ledger that cannot be written', async () => {
    const { given } = await plan([]);
    const ledger: Ledger | undefined = given[0]?.ledger;
    await expect(ledger?.freeze('recsys', PLAN.at)).rejects.toThrow('it may only be read here');
  });

  it('plans as if Bursar were new where it is not deployed', async () => {
    fake.behave({ outputs: undefined });
    const { code, out, given } = await plan(['--ahead', '7d']);
    expect(code).toBe(0);
    expect(out).toContain('There is no stack Bursar in us-east-1.');
    expect(given[0]).not.toHaveProperty('ledger');
    expect(given[0]?.aheadSeconds).toBe(7 * 86_400);
  });

  it('refuses a stack that was named and is not there, by the option or the environment', async () => {
    fake.behave({ outputs: undefined });
    const told =
      'There is no stack Other in us-east-1. Name another by --stack, --region or --profile. Give --new to plan as if Bursar were new here.';
    expect(await plan(['--stack', 'Other'])).toMatchObject({ code: 2, err: told, given: [] });
    vi.stubEnv('BURSAR_STACK', 'Other');
    expect(await plan([])).toMatchObject({ code: 2, err: told, given: [] });
  });

  it('refuses a stack that is no Bursar', async () => {
    fake.behave({ outputs: { Something: 'else' } });
    expect((await plan([])).err).toBe(
      'The stack Bursar in us-east-1 has no output LedgerTableName: it is no Bursar. Name its stack by --stack. Give --new to plan as if Bursar were new here.',
    );
  });

  it('looks for the stack in the first region of the policy where no other is set', async () => {
    vi.stubEnv('AWS_REGION', undefined);
    vi.stubEnv('AWS_DEFAULT_REGION', undefined);
    fake.behave({ outputs: undefined });
    expect((await plan([])).out).toContain('There is no stack Bursar in us-east-1.');
  });

  it('says in one line that AWS does not know the caller, or does not let it', async () => {
    fake.behave({
      refuse: { status: 403, code: 'InvalidClientTokenId', message: 'The security token is invalid.' },
    });
    expect(await plan([])).toMatchObject({
      code: 2,
      out: '',
      err: 'Asking AWS whose credentials these are: AWS does not accept the credentials (InvalidClientTokenId). Sign in again.',
    });
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
    expect((await plan([])).err).toMatch(
      /^Asking AWS whose credentials these are: No AWS credentials were found\. Sign in, or set AWS_PROFILE/,
    );
  });

  it('prints what bursar approve reads', async () => {
    const { out } = await plan(['--json', '--new']);
    const json = PlanJsonSchema.parse(JSON.parse(out));
    expect(json.hash).toBe(PLAN.hash);
    expect(json.lists).toEqual({ development: [instance('i-now')] });
    expect(json.policyHash).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(json.notes).toEqual([]);
  });

  it('fails on a stop where that is asked for', async () => {
    expect((await plan(['--new', '--fail-on-stop'])).code).toBe(1);
    const calm = {
      ...MADE,
      lines: MADE.lines.filter(({ now, stopAt }) => now.action === 'none' && stopAt === undefined),
    };
    expect((await plan(['--new', '--fail-on-stop'], calm)).code).toBe(0);
  });

  it('writes a page', async () => {
    const page = join(folder, 'plan.html');
    const { code, out } = await plan(['--new', '--html', page]);
    expect(code).toBe(0);
    expect(out.trimEnd().split('\n').at(-1)).toBe(`The page: ${page}`);
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>[\s\S]*Plan of account 123456789012/i);
  });

  it('names the mistakes of the policy with their places, before AWS is asked', async () => {
    const bad = written('bad.yaml', 'version: 1\nprojects: { a: { budget: $5 } }\npolicies: []\n');
    const { code, err, given } = await plan(['--policy', bad]);
    expect({ code, given }).toEqual({ code: 2, given: [] });
    expect(err).toMatch(/bad\.yaml:2:\d+: /);
  });
});

describe('bursar plan --iam-policy', () => {
  it('prints a policy that only reads, and asks AWS nothing', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    const { code, out, given } = await plan(['--iam-policy']);
    expect({ code, given }).toEqual({ code: 0, given: [] });
    const { Version, Statement } = JSON.parse(out);
    expect(Version).toBe('2012-10-17');
    const actions: readonly string[] = Statement.flatMap(
      ({ Action }: { readonly Action: string[] }) => Action,
    );
    expect(actions).toContain('ec2:DescribeInstances');
    expect(
      actions.filter((action) => !/:(Describe|Get|List|View|Lookup|Query|Decrypt)/.test(action)),
    ).toEqual([]);
  });

  it('names the partition of the region', async () => {
    expect((await plan(['--iam-policy', '--region', 'cn-north-1'])).out).toContain('arn:aws-cn:dynamodb');
    expect((await plan(['--iam-policy', '--region', 'us-gov-west-1'])).out).toContain(
      'arn:aws-us-gov:dynamodb',
    );
    expect((await plan(['--iam-policy'])).out).toContain('arn:aws:dynamodb');
  });
});

it('looks ahead for 5 minutes to 31 days', () => {
  expect(['5m', '24h', '31d'].map(aheadOf)).toEqual([300, 86_400, 31 * 86_400]);
  expect(() => aheadOf('soon')).toThrow('--ahead: "soon" is no length of time. Write 6h, 24h or 7d.');
  expect(() => aheadOf('4m')).toThrow('--ahead: 4m is too short. Write 5m to 31d.');
  expect(() => aheadOf('32d')).toThrow('--ahead: 32d is too long. Write 5m to 31d.');
});
