import { type ExecFileOptions, execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import about from '../../package.json' with { type: 'json' };
import { startFakeBursar } from './fake-bursar.ts';
import { STATE, SWEEP } from './fixtures.ts';
import { run } from './run-cli.ts';

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the real program in a process of its own. */
const bursar = (...args: readonly string[]): Promise<Run> => spawn('node_modules/.bin/node', args);

const spawn = (node: string, args: readonly string[], options: ExecFileOptions = {}): Promise<Run> =>
  new Promise((resolve) => {
    const child = execFile(node, [PROGRAM, ...args], { ...options, encoding: 'utf8' }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
const PROGRAM = fileURLToPath(new URL('../../bin/bursar.mjs', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'bursar-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const written = (name: string, content: string | Uint8Array): string => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};
const WRONG = 'version: 1\nprojects: { a: { budget: $5 } }\npolicies: []\n';

describe('bursar validate', () => {
  it('says what bursar.yaml means, without colours off a terminal', async () => {
    expect(await bursar('validate')).toEqual({
      code: 0,
      err: '',
      out: [
        'OK bursar.yaml: 5 projects, 4 policies, 4 budgets of $48,500.00 a month in all',
        '',
        'Projects',
        '  fraud-detection  team-alpha  #fraud-ml      $4,000.00   alerts at 80%, 100%, 120%, 80% forecasted, 90% estimated',
        '  recsys           team-beta   #recsys        $12,000.00  alerts at 80%, 100%, 120%, 80% forecasted, 90% estimated',
        '    $800.00 a day, alerts at 100% estimated',
        '  demand-forecast  team-gamma                 $2,500.00   alerts at 80%, 100%, 120%, 80% forecasted, 90% estimated',
        '  llm-finetuning   team-delta  #llm-training  $30,000.00  alerts at 80%, 100%, 120%, 80% forecasted, 90% estimated',
        '    launches p4d.*, g5.*, m5.*, ml.* and no other type',
        '    may cost $150.00 an hour in all',
        '  ml-platform      platform    #ml-platform   no budget',
        '',
        'Teams',
        '  personalisation  ana    no budget  recsys',
        '',
        'Policies, the first that matches counts',
        '  production       environment prod|production                       idle: off                  budget: 80% notify, 100% notify',
        '  gpu-training     project llm-finetuning, environment dev|research  idle: stop after 120 min   budget: 80% forecasted notify, 100% freeze  launch: stop',
        '  development      environment dev|staging                           idle: stop after 30 min    budget: 80% forecasted notify, 90% estimated notify, 100% stop, 120% freeze, 100% estimated per day freeze',
        '  everything-else  everything                                        idle: notify after 30 min',
        '',
        'Shared costs, the first that matches counts',
        '  support  service AWS Support (Business)|AWS Support (Enterprise)  by direct spend',
        '  tax      charge tax                                               by direct spend',
        '',
        'Tags and alerts',
        '  untagged       told of after 24 h',
        '  required tags  project, environment (prod|production|staging|dev|research)',
        '  burn rate      told of at 10 times the usual hour',
        '  weekly alert   on',
        '',
      ].join('\n'),
    });
  });

  it('says the limits of teams and models, and how shared costs are split', async () => {
    const file = written(
      'allocation.yaml',
      `version: 1
teams: { alpha: { budget: { monthly: 9000 USD, daily: 500 USD } }, beta: {} }
projects:
  fraud: { team: alpha, models: { scorer: { budget: 100 USD } } }
  recsys: {}
policies: [{ name: all, match: {}, idle: off }]
allocation:
  shared:
    - { name: gpus, match: { tags: { shared: gpu } }, split: { usage: gpu, idle: { to: fraud } } }
    - { name: platform, match: { project: platform }, to: recsys }
    - { name: rest, match: { charge: [fee, tax] }, split: { weights: { fraud: 2, recsys: 1 } } }
  usage: { gpu: { file: gpu.csv } }
`,
    );
    const { code, out } = await run(['validate', file]);
    expect(code).toBe(0);
    expect(out).toContain('    model scorer: $100.00 a month\n');
    expect(out).toContain(
      'Teams\n  alpha      $9,000.00 a month, $500.00 a day  fraud\n  beta       no budget                         no project\n',
    );
    expect(out).toContain('  gpus      tag shared gpu    by the usage gpu of each day, idle: to fraud\n');
    expect(out).toContain('  platform  project platform  to recsys\n');
    expect(out).toContain('  rest      charge fee|tax    by weights: fraud 2, recsys 1\n');
    const { out: json } = await run(['validate', file, '--json']);
    expect(JSON.parse(json)).toMatchObject({
      teams: [{ name: 'alpha', budgetUsd: '9000', dailyUsd: '500' }, { name: 'beta' }],
      projects: [{ team: 'alpha', models: [{ name: 'scorer', budgetUsd: '100' }] }, { models: [] }],
      allocation: { shared: [{ name: 'gpus' }, { name: 'platform' }, { name: 'rest' }] },
    });
  });

  it('says every limit of a project, and what of it the meter watches', async () => {
    const file = written(
      'limits.yaml',
      `version: 1
projects:
  fraud:
    budget: { monthly: 4000 USD, daily: 300 USD, total: 50000 USD, since: 2026-01-01 }
    types: [g5.*, ml.g5.*]
    maxHourly: 50 USD
    freezeRoles: [fraud-developers]
    discount: 28%
  day: { budget: { daily: 20 USD } }
policies:
  - name: dev
    match: { environment: dev }
    launch: stop
    budget:
      - { at: 100%, of: actual, do: stop }
      - { at: 80%, of: estimated, do: notify }
      - { at: 100%, of: estimated, per: day, do: freeze }
      - { at: 90%, of: estimated, per: total, do: notify }
untagged: { after: 4h, do: stop, warn: 1h }
requiredTags: { project: any, environment: [dev, prod] }
alerts: { burnRate: off, weekly: off }
`,
    );
    expect((await bursar('validate', file)).out.split('\n').slice(2)).toEqual([
      'Projects',
      '  fraud      $4,000.00          alerts at 100%, 80% estimated',
      '    $300.00 a day, alerts at 100% estimated',
      '    $50,000.00 in all since 2026-01, alerts at 90% estimated',
      '    launches g5.*, ml.g5.* and no other type',
      '    may cost $50.00 an hour in all',
      '    a freeze denies launches to fraud-developers',
      '    28% off list prices',
      '  day        no monthly budget',
      '    $20.00 a day, alerts at 100% estimated',
      '',
      'Policies, the first that matches counts',
      '  dev  environment dev  idle: off  budget: 100% stop, 80% estimated notify, 100% estimated per day freeze, 90% estimated per total notify  launch: stop',
      '',
      'Tags and alerts',
      '  untagged       stopped after 4 h, told of 60 min before',
      '  required tags  project, environment (dev|prod)',
      '  burn rate      off',
      '  weekly alert   off',
      '',
    ]);
    expect(JSON.parse((await bursar('validate', file, '--json')).out)).toMatchObject({
      projects: [
        {
          budgetUsd: '4000',
          dailyUsd: '300',
          totalUsd: '50000',
          totalSince: '2026-01-01',
          maxHourlyUsd: '50',
          discount: 28,
          alerts: [
            { at: 100, of: 'actual', per: 'month' },
            { at: 80, of: 'estimated', per: 'month' },
            { at: 100, of: 'estimated', per: 'day' },
            { at: 90, of: 'estimated', per: 'total' },
          ],
        },
        { dailyUsd: '20', alerts: [{ at: 100, of: 'estimated', per: 'day' }] },
      ],
      requiredTags: { project: 'any', environment: ['dev', 'prod'] },
      alerts: { weekly: false },
    });
  });

  it('lists the mistakes on stderr', async () => {
    const file = written('wrong.yaml', WRONG);
    expect(await bursar('validate', file)).toEqual({
      code: 1,
      out: '',
      err: [
        `${file}:2:26: "$5" is not an amount. Write 5 USD.`,
        `${file}:3:11: \`policies\` is empty, so nothing would be watched. Write at least one, such as { name: everything, match: {}, idle: off }.`,
        `${file}: 2 mistakes`,
        '',
      ].join('\n'),
    });
  });

  it('gives mistakes to machines', async () => {
    const file = written('wrong.json.yaml', WRONG);
    const { code, out, err } = await bursar('validate', file, '--json');
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(JSON.parse(out)).toEqual({
      ok: false,
      file,
      hidden: 0,
      problems: [
        { line: 2, col: 26, message: '"$5" is not an amount. Write 5 USD.' },
        {
          line: 3,
          col: 11,
          message:
            '`policies` is empty, so nothing would be watched. Write at least one, such as { name: everything, match: {}, idle: off }.',
        },
      ],
    });
  });

  it('gives the policy to machines', async () => {
    const { code, out } = await bursar('validate', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      file: 'bursar.yaml',
      projects: [{ name: 'fraud-detection', budgetUsd: '4000', slack: '#fraud-ml' }, {}, {}, {}, {}],
      policies: [{ name: 'production', idle: 'off' }, {}, {}, {}],
      limits: { maxStopsPerSweep: 25, maxFleetShare: 30 },
    });
  });

  it('makes visible what a terminal would obey', async () => {
    const file = written(
      'escape.yaml',
      'version: 1\nprojects: { a: { owner: "\\e[31mred" } }\npolicies: [ { name: p, match: {}, idle: off } ]\n',
    );
    const { code, out } = await bursar('validate', file);
    expect(code).toBe(0);
    expect(out).toContain('\\u{1b}[31mred');
    expect(out).not.toContain('\u001b');
  });

  it.each([
    [
      'a missing file',
      () => join(folder, 'none.yaml'),
      'No such file. Name the policy file, or run this where bursar.yaml is.',
    ],
    ['a folder', () => folder, 'This is a folder. Name the policy file in it.'],
    [
      'a file that is no text',
      () => written('binary', new Uint8Array([0xff, 0xfe, 0x00])),
      'Not UTF-8 text. Save it as UTF-8.',
    ],
  ])('tells of %s in one line', async (_title, file, says) => {
    const path = file();
    expect(await bursar('validate', path)).toEqual({ code: 2, out: '', err: `${path}: ${says}\n` });
  });
});

describe('bursar', () => {
  it('prints the JSON Schema that lies at the root', async () => {
    const { code, out } = await bursar('schema');
    expect(code).toBe(0);
    expect(out).toBe(readFileSync('bursar.schema.json', 'utf8'));
  });

  it('answers an unknown command or option in a few words, without a stack', async () => {
    const command = await bursar('validat');
    expect(command).toEqual({
      code: 2,
      out: '',
      err: "error: unknown command 'validat'\n(Did you mean validate?)\n(bursar --help shows the commands)\n",
    });
    const option = await bursar('validate', '--yaml');
    expect(option.code).toBe(2);
    expect(option.err).toBe("error: unknown option '--yaml'\n(bursar --help shows the commands)\n");
    expect((await bursar('validate', 'a', 'b')).code).toBe(2);
  });

  it('shows its commands, what its exit codes mean, and its version', async () => {
    const { code, out } = await bursar('--help');
    expect(code).toBe(0);
    expect(out).toContain('validate [options] [file]');
    expect(out).toContain('schema');
    expect(out).toMatch(/Exit codes:\n {2}0 .*\n {2}1 /);
    expect(await bursar('--version')).toEqual({ code: 0, out: `${about.version}\n`, err: '' });
  });

  it.each([
    'status',
    'audit',
    'keep',
    'stop',
    'restore',
    'release',
    'tag',
    'validate',
    'schema',
    'completion',
  ])('shows examples of %s', async (command) => {
    const { code, out, err } = await run([command, '--help']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(new RegExp(`Examples?:\\n  \\$ (source <\\()?bursar ${command}`));
  });

  it('runs from any folder, and by the Node of the machine', async () => {
    expect(await spawn('node', ['--version'], { cwd: folder })).toEqual({
      code: 0,
      out: `${about.version}\n`,
      err: '',
    });
    const npx = spawnSync('npx', ['--yes', '--offline', 'bursar', '--version'], { encoding: 'utf8' });
    expect(npx.stdout).toBe(`${about.version}\n`);
  });

  it('speaks to a deployed Bursar, and leaves its input to the caller', async () => {
    const fake = await startFakeBursar();
    fake.behave({
      sweep: () => ({ payload: SWEEP }),
      request: ({ ask }) => ({ payload: ask === 'state' ? { state: STATE } : { answered: [] } }),
    });
    const env = { ...process.env, ...fake.env, AWS_PROFILE: undefined };
    for (const node of ['node', 'node_modules/.bin/node']) {
      const status = await spawn(node, ['status'], { env });
      expect(status).toMatchObject({ code: 0, err: '' });
      expect(status.out).toMatch(/^Bursar in us-east-1, 2026-11-25 10:30 UTC: 6 resources/);
    }
    expect(await spawn('node', ['stop', 'i-0aaa'], { env })).toEqual({
      code: 2,
      out: '',
      err: 'Nobody is at a terminal to confirm it. Give --yes to go on without asking.\n',
    });
    await fake.stop();
  });
});
