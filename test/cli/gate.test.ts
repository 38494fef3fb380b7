import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { gateBy } from '../../lib/cli/gate.ts';
import { gatePrices } from '../../lib/cli/gate-prices.ts';
import { type ExitCode, UsageError } from '../../lib/cli/io.ts';
import { type SweepAnswer, SweepAnswerSchema } from '../../lib/cli/sweep-answer.ts';
import { GateJsonSchema } from '../../lib/gate/json.ts';
import { recordedIo } from './run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'bursar-gate-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));
function written(name: string, text: string): string {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const PRICES = written(
  'prices.yaml',
  `version: 1
prices:
  us-east-1:
    ec2/g5.xlarge/Linux: 1.006 USD
    sagemaker-training/ml.m5.xlarge: 0.23 USD
`,
);
const POLICY = written(
  'policy.yaml',
  `version: 1
teams: { ranking: { budget: 10000 USD } }
projects:
  nlp: { budget: 5000 USD, team: ranking, models: { scorer: { budget: 500 USD } } }
  recsys: { budget: 9000 USD }
  free: {}
policies: [{ name: all, match: {}, idle: off }]
`,
);

const instance = (name: string, project: string | undefined, count = 1): string =>
  written(
    name,
    JSON.stringify({
      Resources: Object.fromEntries(
        Array.from({ length: count }, (_, n) => [
          `Node${n}`,
          {
            Type: 'AWS::EC2::Instance',
            Properties: {
              InstanceType: 'g5.xlarge',
              ImageId: 'ami-1',
              BlockDeviceMappings: [],
              ...(project === undefined ? {} : { Tags: [{ Key: 'project', Value: project }] }),
            },
          },
        ]),
      ),
    }),
  );

const figures = (billed: string, estimated: string, forecast: string) => ({
  asOf: '2026-11-25T10:00:00Z',
  billed,
  estimated,
  low: billed,
  high: forecast,
  band: 'learned',
  today: '1',
  burn: '1',
  worstCase: '0',
  detectionSeconds: 300,
  forecast: { amount: forecast, low: forecast, high: forecast, basis: 'burn' },
  running: 1,
  unpriced: { count: 0, some: [] },
});

const ANSWER: SweepAnswer = SweepAnswerSchema.parse({
  at: '2026-11-25T10:00:00Z',
  decisions: {},
  verdicts: {},
  decided: [],
  leftAlone: [],
  spend: [
    { project: 'nlp', ...figures('1000', '200', '3900'), discount: 0, discountBy: 'learned' },
    { project: null, ...figures('7', '0', '9'), discount: 0, discountBy: 'learned' },
  ],
  spendLevels: [{ level: 'model', name: 'scorer', projects: ['nlp'], ...figures('100', '0', '450') }],
});

/** Runs the command in this process, on prices of a file, beside a Bursar that answers so. */
async function gate(args: readonly string[], answer: SweepAnswer = ANSWER) {
  let code: ExitCode | undefined;
  let asked = 0;
  const { io, said } = recordedIo();
  const command = gateBy(async () => ({
    prices: gatePrices,
    connect: async () => ({
      dryRun: async () => {
        asked += 1;
        return answer;
      },
    }),
  }))(io, (result) => {
    code = result;
  });
  let error: unknown;
  const all = [...args, '--policy', POLICY, ...(args.includes('--prices') ? [] : ['--prices', PRICES])];
  await command.parseAsync(all, { from: 'user' }).catch((thrown: unknown) => {
    error = thrown;
  });
  return { code, asked, error: error instanceof UsageError ? error.message : error, ...said };
}

const json = async (...args: readonly string[]) => {
  const { out, error, ...rest } = await gate([...args, '--json']);
  expect(error).toBeUndefined();
  return { ...rest, said: GateJsonSchema.parse(JSON.parse(out)) };
};

describe('bursar gate', () => {
  it('holds a change against what the deployed Bursar says of its project, its team and its model', async () => {
    const { code, said } = await json(instance('one.json', 'nlp'), '--model', 'scorer');
    expect(code).toBe(1);
    expect(said.projects[0]?.levels).toMatchObject([
      {
        level: 'project',
        billed: '1000',
        estimated: '200',
        runsOn: '2700',
        committed: '3900',
        delta: '734.38',
        projected: '4634.38',
        verdict: 'pass',
      },
      { level: 'team', name: 'ranking', projected: '4634.38', verdict: 'pass' },
      {
        level: 'model',
        name: 'scorer',
        committed: '450',
        projected: '1184.38',
        over: '684.38',
        verdict: 'over',
      },
    ]);
  });

  it('asks nothing where nothing changes, or no limit is known', async () => {
    const file = instance('same.json', 'nlp');
    expect(await json(file, '--base', file)).toMatchObject({ code: 0, asked: 0, said: { verdict: 'pass' } });
    expect(await gate([instance('free.json', 'free')])).toMatchObject({
      code: 2,
      asked: 0,
      err: expect.stringContaining('Something that costs more could not be held against a limit.'),
    });
  });

  it('compares with a template of the base branch, and with a saved estimate alike', async () => {
    const base = instance('base/app.json', 'nlp', 1);
    const now = instance('app.json', 'nlp', 3);
    const saved = join(folder, 'estimate.json');
    expect((await gate([base, '--save', saved])).code).toBe(0);
    for (const before of [base, saved]) {
      const { code, said } = await json(now, '--base', before);
      expect([code, said.delta, said.items.map(({ id, change }) => [id, change])]).toEqual([
        1,
        '1468.76',
        [
          ['app/Node0', 'same'],
          ['app/Node1', 'added'],
          ['app/Node2', 'added'],
        ],
      ]);
    }
    expect((await json(base, '--base', now)).said).toMatchObject({ verdict: 'pass', delta: '-1468.76' });
  });

  it('knows a job, a pipeline, a state machine and Infracost by what is in them', async () => {
    const job = {
      TrainingJobName: 'train',
      ResourceConfig: { InstanceType: 'ml.m5.xlarge', InstanceCount: 2 },
      StoppingCondition: { MaxRuntimeInSeconds: 36_000 },
    };
    const files = [
      written('job.json', JSON.stringify(job)),
      written(
        'pipeline.json',
        JSON.stringify({ Version: '2020-12-01', Steps: [{ Name: 'Fit', Type: 'Training', Arguments: job }] }),
      ),
      written(
        'states.asl.json',
        JSON.stringify({
          StartAt: 'Fit',
          States: {
            Fit: {
              Type: 'Task',
              Resource: 'arn:aws:states:::sagemaker:createTrainingJob.sync',
              Parameters: job,
              End: true,
            },
          },
        }),
      ),
      written(
        'infracost.json',
        JSON.stringify({
          version: '0.2',
          currency: 'USD',
          projects: [
            {
              name: 'infra',
              breakdown: {
                resources: [
                  {
                    name: 'aws_instance.web',
                    costComponents: [{ name: 'Linux', price: '1', monthlyCost: '12.5' }],
                  },
                ],
              },
            },
          ],
        }),
      ),
    ];
    const { said } = await json(...files, '--project', 'nlp');
    expect(said.items.map(({ id, after, frequency }) => [id, after, frequency])).toEqual([
      ['train', '4.6', 'once'],
      ['pipeline/Fit', '4.6', 'once'],
      ['states/Fit', '4.6', 'once'],
      ['aws_instance.web', '12.5', 'month'],
    ]);
  });

  it('names what has no project; alone it is no pass', async () => {
    const { code, out, err } = await gate([instance('nobody.json', undefined)]);
    expect(code).toBe(2);
    expect(out).toContain(
      'No project: 1 thing (nobody/Node0), +$734.38. Tag them, or say by --project whose they are.',
    );
    expect(err).toContain('Say by --project whose it is');
    expect((await json(instance('nobody.json', undefined), '--project', 'recsys')).said.verdict).toBe('pass');
  });

  it('warns from a share on, and passes all the same', async () => {
    const { code, said } = await json(instance('one.json', 'nlp'), '--warn-at', '90%');
    expect([code, said.verdict]).toEqual([0, 'warn']);
  });

  it('does not pass what has no price where that is refused', async () => {
    const none = written('none.yaml', 'version: 1\nprices: {}\n');
    const args = [instance('one.json', 'nlp'), '--prices', none];
    const { code, out } = await gate(args);
    expect(code).toBe(0);
    expect(out).toContain('No price, and in no figure\n  one/Node0: ');
    expect((await gate([...args, '--fail-on-unpriced'])).code).toBe(1);
  });

  it('takes a limit that is stated in place of the policy’s, and what is committed in place of asking', async () => {
    expect(
      (await json(instance('one.json', 'nlp'), '--limit', '4600')).said.projects[0]?.levels[0],
    ).toMatchObject({
      limit: '4600',
      committed: '3900',
      over: '34.38',
    });
    const { asked, said } = await json(
      instance('free.json', 'free'),
      '--limit',
      '1,000',
      '--committed',
      '$265.62',
    );
    expect([asked, said.verdict, said.projects[0]?.levels[0]?.projected]).toEqual([0, 'pass', '1000']);
  });

  it('writes the comment and SARIF, and annotates after commands of templates are off', async () => {
    const markdown = join(folder, 'comment.md');
    const sarif = join(folder, 'gate.sarif');
    const { out, code } = await gate([
      instance('many.json', 'nlp', 5),
      '--markdown',
      markdown,
      '--sarif',
      sarif,
      '--annotations',
      '--comment-key',
      'infra',
    ]);
    expect(code).toBe(1);
    expect(readFileSync(markdown, 'utf8')).toMatch(/^<!-- bursar-gate:infra -->\n\*\*❌ Bursar: Over/);
    expect(JSON.parse(readFileSync(sarif, 'utf8'))).toMatchObject({ version: '2.1.0' });
    const lines = out.trimEnd().split('\n');
    const [, token = '?'] = /^::stop-commands::(.+)$/.exec(lines[0] ?? '') ?? [];
    const end = lines.indexOf(`::${token}::`);
    expect(end).toBeGreaterThan(1);
    expect(lines.slice(end + 1).every((line) => /^::(error|warning) file=/.test(line))).toBe(true);
    expect((await gate([instance('one.json', 'nlp'), '--markdown', '-'])).out).toMatch(
      /^<!-- bursar-gate:default -->/,
    );
  });

  it('reads the folder that cdk synth writes, and tells that a pick there is undone by the next', async () => {
    const template = {
      Resources: {
        Node: {
          Type: 'AWS::EC2::Instance',
          Properties: {
            InstanceType: 'g5.12xlarge',
            ImageId: 'ami-1',
            Tags: [{ Key: 'project', Value: 'nlp' }],
          },
        },
      },
    };
    written(
      'cdk.out/manifest.json',
      JSON.stringify({
        version: '36.0.0',
        artifacts: {
          App: {
            type: 'aws:cloudformation:stack',
            environment: 'aws://unknown-account/us-east-1',
            properties: { templateFile: 'App.template.json' },
          },
        },
      }),
    );
    const file = written('cdk.out/App.template.json', JSON.stringify(template, null, 1));
    const prices = written(
      'two.yaml',
      'version: 1\nprices:\n  us-east-1:\n    ec2/g5.xlarge/Linux: 1.006 USD\n    ec2/g5.12xlarge/Linux: 5.672 USD\n',
    );
    const args = [join(folder, 'cdk.out'), '--prices', prices, '--needs', 'gpu=1', '--pick'];
    const { code, out } = await gate(args);
    expect(code).toBe(1);
    expect(out).toContain('Passes with g5.xlarge for $734.38 a month, with 1 GPU, for App/Node.');
    expect(out).toContain('is made by cdk synth: change App/Node in its source as well');
    expect(readFileSync(file, 'utf8')).toBe(
      JSON.stringify(template, null, 1).replace('g5.12xlarge', 'g5.xlarge'),
    );
    expect((await gate(args)).code).toBe(0);
  });

  it('saves the prices that it asked', async () => {
    const file = join(folder, 'asked.yaml');
    await gate([instance('one.json', 'nlp'), '--prices', PRICES, '--save-prices', file]);
    expect(readFileSync(file, 'utf8')).toContain('    ec2/g5.xlarge/Linux: 1.006 USD\n');
  });
});

describe('mistakes are one line each', () => {
  const file = instance('one.json', 'nlp');
  it.each<[string, readonly string[], RegExp]>([
    [
      'a path that is not there',
      [join(folder, 'nope.yaml')],
      /nope\.yaml: No such file or folder\. Name a template/,
    ],
    ['a folder of something else', [folder], /has no manifest\.json, so it is no output of cdk synth/],
    ['something else', [written('x.txt', 'hello: world\n')], /x\.txt: It is nothing that the gate knows\./],
    ['a template that is broken', [written('b.yaml', 'Resources:\n  A: [\n')], /b\.yaml:\d+:\d+: /],
    ['a saved estimate as the change', [written('s.json', '{"bursar":"estimate"}')], /Give it by --base\./],
    [
      'no percentage',
      [file, '--warn-at', '80'],
      /--warn-at: "80" is no share of a limit\. Write a percentage, such as 80%\./,
    ],
    ['no amount', [file, '--committed', 'lots'], /--committed: "lots" is no amount\./],
    ['no need', [file, '--needs', 'memory=16'], /--needs: .*Such as vcpu=4,memory=16GiB/],
    ['another need', [file, '--needs', 'ram=16GiB'], /--needs: Unknown key "ram"/],
    ['no instance type', [file, '--or', 'big'], /--or: "big" is no instance type\./],
    [
      'no parameter',
      [file, '--parameter', 'Size'],
      /--parameter: "Size" states nothing\. Write name=value\./,
    ],
    ['no price file', [file, '--prices', join(folder, 'no.yaml')], /--prices .*no\.yaml: No such file\./],
    ['no usage file', [file, '--usage', join(folder, 'no.yaml')], /--usage .*no\.yaml: No such file\./],
    ['two that print', [file, '--json', '--markdown', '-'], /--json and --markdown - both print\./],
    [
      'figures of nobody in particular',
      [file, instance('r.json', 'recsys'), '--committed', '1'],
      /--committed and --limit are of one project, and the change is about nlp, recsys\. Say by --project whose they are\./,
    ],
    [
      'no limit',
      [instance('free.json', 'free'), '--committed', '1'],
      /No limit of project "free" is known: .* State one by --limit/,
    ],
  ])('%s', async (_, args, message) => {
    const { error, code } = await gate(args);
    expect(error).toMatch(message);
    expect(code).toBeUndefined();
  });

  it('a Bursar without a meter', async () => {
    const { spend: _, ...older } = ANSWER;
    expect((await gate([file], older)).error).toMatch(/knows of no spend/);
  });
});
