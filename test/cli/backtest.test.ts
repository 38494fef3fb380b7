import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { backtestBy } from '../../lib/cli/backtest.ts';
import { BacktestJsonSchema } from '../../lib/cli/backtest-json.ts';
import type { BacktestParts } from '../../lib/cli/backtest-run.ts';
import type { ExitCode, Io } from '../../lib/cli/io.ts';
import { ACCOUNT, REGION } from '../../lib/simulate/account/state.ts';
import { accountOf, at, cloudwatchOf, NOW, scratch, steady } from '../backtest/fixtures.ts';
import { type MadeStop, runOf } from '../backtest/runs.ts';
import { recordedIo } from './run-cli.ts';

const POLICY = `version: 1
projects: { recsys: {}, fraud: {} }
policies:
  - { name: development, match: { environment: dev }, idle: { after: 30m, do: stop } }
scope: { regions: [${REGION}] }
`;

const STOPS: readonly MadeStop[] = [
  { id: 'i-1', at: at('2026-11-02T10:00:00Z'), until: at('2026-11-02T12:00:00Z') },
  { id: 'i-2', project: 'fraud', at: at('2026-11-02T20:00:00Z'), until: at('2026-11-03T08:00:00Z') },
];

/** Runs the command over an account in memory, in a folder of its own. */
async function run(
  args: readonly string[],
  {
    stops = STOPS,
    otherStops = [] as readonly MadeStop[],
    dir = scratch(),
    ...world
  }: Partial<Io> & {
    stops?: readonly MadeStop[];
    otherStops?: readonly MadeStop[];
    dir?: string;
  } = {},
) {
  const { add, regions, cloudTrails } = accountOf();
  add('i-1', () => ({ cpu: 1, network: 0 }));
  const { cloudwatch, inputs } = cloudwatchOf(steady(0));
  const asked: string[][] = [];
  const parts: BacktestParts = {
    awsContexts: async ({ policy }) => {
      asked.push([...policy.scope.regions]);
      return { account: ACCOUNT, regions: regions({ cloudwatch }), cloudTrails };
    },
    replay: async ({ resources }, _policy, { policyFile }) => {
      expect(resources.map(({ resource }) => resource.id)).toEqual(['i-1']);
      return runOf(policyFile, policyFile.endsWith('other.yaml') ? otherStops : stops);
    },
    trailPace: async () => {},
  };
  const policy = join(dir, 'bursar.yaml');
  const other = join(dir, 'other.yaml');
  writeFileSync(policy, POLICY);
  writeFileSync(other, POLICY.replace('30m', '2h'));
  let code: ExitCode | undefined;
  const { io, said } = recordedIo({ now: () => NOW, ...world });
  const command = backtestBy(async () => parts)(io, (result) => {
    code = result;
  });
  const own = ['--policy', policy, '--cache', join(dir, 'cache'), '--days', '3'];
  await new Command()
    .addCommand(command)
    .parseAsync(['backtest', ...own, ...args.map((arg) => (arg === 'OTHER' ? other : arg))], {
      from: 'user',
    });
  return { code, ...said, inputs, asked };
}

describe('bursar backtest', () => {
  it('says what would have been stopped, what it saved, and what is proposed', async () => {
    const { code, out, err } = await run(['--yes'], { width: 100 });
    expect(code).toBe(0);
    expect(err).toBe(
      'Reading the history: 3 metrics in 1 call of GetMetricData, less than $0.01 ($0.01 for 1,000 metrics).\n',
    );
    expect(out).toContain('i-2');
    expect(out).toMatch(/fraud +1 +0 +\$12\.00 +\$84\.00 +\$96\.00/);
    expect(out).toMatch(/All +2 +0 +\$14\.00/);
    expect(out).toContain('Idle thresholds without a false stop');
    expect(out).toContain('What could not be known');
    for (const line of out.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(100);
  });

  it('answers no where a stop would have been false, or while busy', async () => {
    const [stop] = STOPS;
    if (stop === undefined) throw new Error('no stop');
    const early = await run(['--yes'], { stops: [{ ...stop, falseStop: true }] });
    expect(early.code).toBe(1);
    expect(early.out).toContain('False stops (in use again within 15 min): 1');
    const busy = await run(['--yes'], { stops: [{ ...stop, whileBusy: true }] });
    expect(busy.code).toBe(1);
    expect(busy.out).toContain('Stopped while busy: 1');
  });

  it('reads nothing that costs before somebody agrees, and asks of no price that is none', async () => {
    const questions: string[] = [];
    const answering = (answer: boolean) => async (question: string) => {
      questions.push(question);
      return answer;
    };
    const dir = scratch();
    const refused = await run([], { dir, confirm: answering(false) });
    expect([refused.code, refused.inputs.length, refused.out]).toEqual([1, 0, '']);
    await expect(run([], { dir })).rejects.toThrow('Give --yes');
    const agreed = await run([], { dir, confirm: answering(true) });
    expect([agreed.code, agreed.inputs.length]).toEqual([0, 1]);
    expect(questions).toEqual(['Go on?', 'Go on?']);
    const again = await run([], { dir, confirm: answering(true) });
    expect(again.err, 'today is read again').toContain('75% of it from the cache');
  });

  it('compares two policies', async () => {
    const [first, second] = STOPS;
    if (first === undefined || second === undefined) throw new Error('no stops');
    const { out } = await run(['--yes', '--against', 'OTHER'], {
      otherStops: [second, { ...first, at: at('2026-11-04'), until: at('2026-11-04T01:00:00Z') }],
    });
    expect(out).toMatch(/Side by side\n {2}A is .*bursar\.yaml\n {2}B is .*other\.yaml\n/);
    expect(out).toMatch(/recsys +\$2\.00 +\$1\.00 +1 +1 +0 +0/);
    expect(out).toContain('Only A makes 1 stop');
    expect(out).toContain('Only B makes 1 stop');
  });

  it('prints JSON of a stable shape', async () => {
    const { out } = await run(['--yes', '--json', '--against', 'OTHER'], { otherStops: STOPS });
    const json = BacktestJsonSchema.parse(JSON.parse(out));
    expect(json).toMatchObject({
      account: ACCOUNT,
      saved: '14',
      read: { metrics: 3, calls: 1, usd: '0.00003', cachedDays: 0, missingDays: 12 },
      byProject: [
        { project: 'fraud', stops: 1, saved: '12' },
        { project: 'recsys', stops: 1, saved: '2' },
      ],
      against: { onlyThis: [], onlyAgainst: [] },
    });
    expect(json.proposals[0]).toMatchObject({ policy: 'development', advice: 'keep' });
    expect(json.gaps.at(-1)).toBe('Tags, sizes and prices are those of now.');
  });

  it('writes a page', async () => {
    const file = join(scratch(), 'page.html');
    const { out } = await run(['--yes', '--html', file, '--against', 'OTHER'], { otherStops: STOPS });
    expect(out).toContain(`The page: ${file}`);
    const page = readFileSync(file, 'utf8');
    expect(page).toMatch(/^<!doctype html>/i);
    expect(page).toContain('Tags, sizes and prices are those of now.');
  });

  it('reads one region alone where that is asked, and refuses a span that AWS does not keep', async () => {
    expect((await run(['--yes', '--region', 'eu-west-1'])).asked).toEqual([['eu-west-1']]);
    await expect(run(['--days', '500'])).rejects.toThrow(
      '--days: "500" is no number of days from 1 to 454. Write 30.',
    );
  });
});
