import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type ExitCode, type Io, UsageError } from '../../lib/cli/io.ts';
import { atMostOf, savingsBy } from '../../lib/cli/savings.ts';
import { SavingsJsonSchema } from '../../lib/cli/savings-json.ts';
import { savingsLines } from '../../lib/cli/savings-lines.ts';
import type { SavingsParts } from '../../lib/cli/savings-run.ts';
import { createBudgetsClient, createCostExplorerClient } from '../../lib/fleet/clients.ts';
import type { AuditEntry } from '../../lib/ledger/ledger.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { endpoint, FRIDAY, resource, restore, savings, stop } from '../savings/fixtures.ts';
import { NOW, recordedIo } from './run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'bursar-savings-'));
afterAll(() => rmSync(folder, { recursive: true }));
const POLICY = join(folder, 'bursar.yaml');
writeFileSync(
  POLICY,
  "version: 1\nprojects: { recsys: { budget: 12000 USD } }\npolicies: [{ name: development, match: {}, idle: 'off' }]\nscope: { regions: [us-east-1] }\n",
);

const MONDAY = new Date('2026-11-16T09:00:00.000Z');
const TRAIL: readonly AuditEntry[] = [
  stop(endpoint('ranker'), FRIDAY),
  restore(endpoint('ranker'), MONDAY),
  stop(resource('i-0aaa'), new Date('2026-11-25T08:30:00.000Z'), { project: undefined, trigger: 'person' }),
  stop(resource('i-0bbb', { hourly: undefined, size: 'x9.large' }), FRIDAY),
];

/** Runs the command in this process over a ledger that tells this trail. */
async function run(args: readonly string[], parts: Partial<SavingsParts> = {}, world: Partial<Io> = {}) {
  let code: ExitCode | undefined;
  const { io, said } = recordedIo(world);
  const fleet = [resource('i-0aaa', { state: 'stopped' }), resource('i-0bbb', { state: 'stopped' })];
  const all: SavingsParts = {
    awsContexts: async () => ({
      account: '111122223333',
      regions: new Map(),
      cloudTrails: new Map(),
      budgets: createBudgetsClient(),
      costExplorer: createCostExplorerClient(),
    }),
    findLedger: async ({ stack }) => ({
      stack,
      region: 'us-east-1',
      ledger: {
        ...createMemoryLedger(),
        audit: async (of) =>
          'arn' in of ? [] : TRAIL.filter(({ decision }) => decision.project === of.project),
      },
    }),
    discoverFleet: async () => fleet,
    ...parts,
  };
  const command = savingsBy(async () => all)(io, (result) => {
    code = result;
  });
  await command.parseAsync(['--policy', POLICY, ...args], { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    said.err += error.message;
    code = 2;
  });
  return { code, ...said };
}

describe('bursar savings', () => {
  it('tells what was saved this month, by project and stop, and what that assumes', async () => {
    const { code, out, err } = await run([]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [head] = out.split('\n');
    expect(head).toBe('Saved $2,348.08 by 3 stops from 2026-11-01 00:00 UTC to 2026-11-25 10:30 UTC');
    expect(out).toMatch(/recsys +\$2,346\.08 +2\n/);
    expect(out).toMatch(/no project +\$2\.00 +1\n/);
    expect(out).toMatch(
      /11-13 18:45 +11-16 09:00, ran again +62\.3 h +ranker +ml\.p4d\.24xlarge +recsys +\$37\.69 +\$2,346\.08 +Idle for 45 min\. \(development\)\n/,
    );
    expect(out).toMatch(/i-0bbb +x9\.large +recsys +\? +\$0\.00/);
    expect(out).toContain('  At most 30 days of one stop count,');
    expect(out).toContain('  Without a known price, and counted as nothing: i-0bbb (x9.large).');
  });

  it('prints the same as JSON', async () => {
    const { out } = await run([
      '--json',
      '--since',
      '2026-11-14T00:00Z',
      '--at-most',
      '24h',
      '--project',
      'recsys',
    ]);
    const json = SavingsJsonSchema.parse(JSON.parse(out));
    expect(json).toMatchObject({
      account: '111122223333',
      from: '2026-11-14T00:00:00.000Z',
      to: NOW.toISOString(),
      // From midnight to Saturday 18:45.
      total: '706.65',
      byProject: [{ project: 'recsys', saved: '706.65', stops: 2 }],
      stops: [
        { id: 'ranker', by: 'cap', hourly: '37.688' },
        { id: 'i-0bbb', hourly: null, saved: '0' },
      ],
    });
  });

  it('goes by one time, however long the reading takes', async () => {
    let now = NOW.getTime();
    const ticking = () => {
      now += 1_000;
      return new Date(now);
    };
    const { out } = await run(['--json', '--project', 'recsys', '--at-most', '20d'], {}, { now: ticking });
    const { to, stops } = SavingsJsonSchema.parse(JSON.parse(out));
    expect(stops.find(({ id }) => id === 'i-0bbb')).toMatchObject({ by: 'now', until: to });
  });

  it('says that nothing was stopped', async () => {
    expect((await run(['--month', '2026-09'])).out).toMatch(
      /^Nothing was stopped that saved anything from 2026-09-01 00:00 UTC to 2026-10-01 00:00 UTC\.\n/,
    );
  });

  it('knows a misspelt project from one of which nothing was stopped', async () => {
    expect(await run(['--project', 'recsis'])).toMatchObject({
      code: 2,
      out: '',
      err: '--project: "recsis" is not in the policy file, and nothing of it was stopped. Write the value of a project tag.',
    });
  });

  it('needs a deployed Bursar', async () => {
    const findLedger: SavingsParts['findLedger'] = async ({ stack }) => ({
      stack,
      region: 'eu-west-1',
      ledger: undefined,
    });
    expect(await run([], { findLedger })).toMatchObject({
      code: 2,
      out: '',
      err: 'There is no stack Bursar in eu-west-1: nothing tells what was stopped. Name the stack of Bursar by --stack, --region or --profile.',
    });
  });

  it('says in one line that the account may not be read', async () => {
    const denied = Object.assign(new Error('You are not authorized to perform: ec2:DescribeInstances.'), {
      name: 'UnauthorizedOperation',
      $metadata: {},
    });
    const discoverFleet: SavingsParts['discoverFleet'] = async () => {
      throw denied;
    };
    expect((await run([], { discoverFleet })).err).toBe(
      'Reading the account 111122223333: AWS does not allow it. You are not authorized to perform: ec2:DescribeInstances. bursar plan --iam-policy prints a policy that allows all it needs.',
    );
  });
});

describe('on a terminal', () => {
  const found = savings(TRAIL);

  it.each([40, 60, 80, 100, 120, 160])('of %i columns no line is wider', (width) => {
    const { io } = recordedIo({ width });
    for (const line of savingsLines(found, io)) expect([...line].length).toBeLessThanOrEqual(width);
  });

  it('shows the stops that saved most, and what the others came to', () => {
    const many = savings(
      Array.from({ length: 25 }, (_, n) =>
        stop(resource(`i-${n}`), new Date(MONDAY.getTime() + n * 3_600_000)),
      ),
    );
    const text = savingsLines(many, recordedIo({ width: 100 }).io).join('\n');
    expect(text).toContain('i-19');
    expect(text).not.toContain('i-20');
    expect(text).toMatch(/5 more of them saved \$[\d,.]+: --json has all\./);
    expect(savingsLines(many, recordedIo().io).join('\n')).toContain('i-24');
  });
});

it('takes months that have begun', async () => {
  const before = SavingsJsonSchema.parse(JSON.parse((await run(['--json', '--month', '2025-12'])).out));
  expect(before).toMatchObject({ from: '2025-12-01T00:00:00.000Z', to: '2026-01-01T00:00:00.000Z' });
  expect(await run(['--month', '2026-12'])).toMatchObject({
    code: 2,
    err: '--month: 2026-12 has not begun. The current month is 2026-11 (UTC).',
  });
});

it('believes from a minute to as long as the trail is kept', () => {
  expect(['1m', '7d', '400d'].map(atMostOf)).toEqual([60, 7 * 86_400, 400 * 86_400]);
  expect(() => atMostOf('long')).toThrow('--at-most: "long" is no length of time. Write 24h or 7d.');
  expect(() => atMostOf('30s')).toThrow('--at-most: 30s is too short. Write 1m to 400d.');
  expect(() => atMostOf('401d')).toThrow('--at-most: 401d is too long. Write 1m to 400d.');
});
