import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FakeBursar, startFakeBursar } from './fake-bursar.ts';
import { STATE } from './fixtures.ts';
import { run, useFake } from './run-cli.ts';

let fake: FakeBursar;
beforeAll(async () => {
  fake = await startFakeBursar();
});
afterAll(() => fake.stop());
beforeEach(() => {
  useFake(fake);
  fake.behave({ request: () => ({ payload: { state: STATE } }) });
});

/** One line, red on a terminal, and exit code 2. */
async function fails(args: readonly string[] = ['status']): Promise<string> {
  const { code, out, err } = await run(args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err.trimEnd()).not.toContain('\n');
  return err.trimEnd();
}

describe('a deployed Bursar', () => {
  it('that is not there', async () => {
    fake.behave({ outputs: undefined });
    expect(await fails()).toBe(
      'Reading the stack Bursar in us-east-1: There is no such stack in this account and region. Deploy it, or name another by --stack, --region or --profile.',
    );
    vi.stubEnv('BURSAR_STACK', 'Other');
    expect(await fails(['status', '--region', 'eu-west-1'])).toMatch(
      /^Reading the stack Other in eu-west-1: /,
    );
    expect(await fails(['status', '--stack', 'Third'])).toMatch(/^Reading the stack Third in us-east-1: /);
  });

  it('of an older version', async () => {
    fake.behave({ outputs: { SweepFunctionName: 'the-sweep' } });
    expect(await fails()).toBe(
      'The stack Bursar in us-east-1 (UPDATE_COMPLETE) has no output RequestFunctionName: it is no Bursar, or an older one. Deploy this version, or name another stack by --stack.',
    );
  });

  it('whose function fails', async () => {
    fake.behave({
      request: () => ({
        error: { errorType: 'LedgerError', errorMessage: 'DynamoDB\n  said no', trace: ['a', 'b'] },
      }),
    });
    expect(await fails()).toBe(
      "Bursar's request function failed: LedgerError: DynamoDB said no. Its log: aws logs tail /aws/lambda/the-request",
    );
    fake.behave({
      sweep: () => ({ error: { errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out.' } }),
    });
    expect(await fails(['stop', 'i-1', '--yes'])).toMatch(
      /^Bursar's sweep function failed: Sandbox\.Timedout: Task timed out\.\. Its log: aws logs tail \/aws\/lambda\/the-sweep$/,
    );
  });

  it('that answers in another form', async () => {
    fake.behave({ request: () => ({ payload: { state: { keeps: 'none' } } }) });
    expect(await fails()).toMatch(
      /^The request function the-request answered in another form \(state\.keeps: .*\): it is of another version than this command line\. Deploy this version\.$/,
    );
    fake.behave({ request: () => ({ payload: null }) });
    expect(await fails()).toContain('answered in another form');
  });
});

describe('AWS', () => {
  it.each([
    [
      {
        status: 403,
        code: 'AccessDenied',
        message: 'User ana is not authorized to perform: cloudformation:DescribeStacks',
      },
      'Reading the stack Bursar in us-east-1: AWS does not allow it. User ana is not authorized to perform: cloudformation:DescribeStacks.',
    ],
    [
      { status: 403, code: 'ExpiredToken', message: 'The security token is expired' },
      'Reading the stack Bursar in us-east-1: The AWS session has expired. Sign in again.',
    ],
    [
      { status: 403, code: 'InvalidClientTokenId', message: 'The security token is invalid' },
      'Reading the stack Bursar in us-east-1: AWS does not accept the credentials (InvalidClientTokenId). Sign in again.',
    ],
    [
      { status: 400, code: 'SomethingNew', message: 'It is\nthis' },
      'Reading the stack Bursar in us-east-1: SomethingNew: It is this.',
    ],
  ])('refuses with %j', async (refuse, says) => {
    fake.behave({ refuse });
    expect(await fails()).toBe(says);
  });

  it('does not know anybody', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined);
    expect(await fails()).toMatch(
      /^Reading the stack Bursar in us-east-1: No AWS credentials were found\. Sign in, or set AWS_PROFILE or give --profile\. /,
    );
  });

  it('knows the profile that is named', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined);
    const folder = mkdtempSync(join(tmpdir(), 'bursar-profile-'));
    const file = join(folder, 'credentials');
    writeFileSync(file, '[ml]\naws_access_key_id = AKIAML\naws_secret_access_key = fake\n');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file);
    expect((await run(['status', '--profile', 'ml'])).code).toBe(0);
    await fails(['status', '--profile', 'other']);
    rmSync(folder, { recursive: true });
  });

  it('is told no region', async () => {
    vi.stubEnv('AWS_REGION', undefined);
    expect(await fails()).toBe(
      'Reading the stack Bursar: No AWS region is set. Give --region, or set AWS_REGION.',
    );
  });

  it('cannot be reached', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:9');
    expect(await fails()).toBe(
      'Reading the stack Bursar in us-east-1: AWS cannot be reached (ECONNREFUSED). Check the network and the region.',
    );
  });
});

describe('who asks', () => {
  it.each([
    ['arn:aws:iam::123456789012:user/ml/ana', 'ana'],
    ['arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_1/ana@example.com', 'ana@example.com'],
    ['arn:aws:iam::123456789012:root', 'root'],
  ])('%s', async (caller, name) => {
    fake.behave({ caller, request: () => ({ payload: { answered: [] } }) });
    expect(await run(['release', '2026-11-25T10:25:00Z', '--yes'])).toMatchObject({
      code: 0,
      out: 'Nothing to do.\n',
    });
    expect(fake.asked[0]?.payload).toMatchObject({ by: { via: 'cli', id: caller, name } });
  });
});
