import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type GateJson, GateJsonSchema } from '../../lib/gate/json.ts';
import { run } from '../cli/run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'bursar-gate-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** SageMaker hosting in us-east-1. */
const PRICES = written(
  'prices.yaml',
  `version: 1
prices:
  us-east-1:
    sagemaker-hosting/ml.g5.12xlarge: 7.09 USD
    sagemaker-hosting/ml.g5.2xlarge: 1.515 USD
    sagemaker-hosting/ml.g5.xlarge: 1.408 USD
`,
);

/** An endpoint of project nlp, for each type a file of its own. */
const endpoint = (type: string, name = type): string =>
  written(
    `${name}.yaml`,
    `Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        # what answers
        - { VariantName: main, ModelName: m, InitialInstanceCount: 1, InstanceType: ${type} } # one GPU is enough
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt Config.EndpointConfigName
      Tags: [{ Key: project, Value: nlp }]
`,
  );

const STATED = ['--prices', PRICES, '--committed', '3900', '--limit', '5000'];

async function gate(...args: readonly string[]): Promise<{ readonly code: number; readonly said: GateJson }> {
  const { code, out, err } = await run(['gate', ...args, ...STATED, '--json']);
  expect(err).toBe('');
  return { code, said: GateJsonSchema.parse(JSON.parse(out)) };
}

describe('$5,000 a month, $3,900 of them committed', () => {
  it.each([
    ['ml.g5.12xlarge', 1, 'over', '5175.7', '9075.7', '4075.7'],
    ['ml.g5.2xlarge', 1, 'over', '1105.95', '5005.95', '5.95'],
    ['ml.g5.xlarge', 0, 'pass', '1027.84', '4927.84', null],
  ])('%s: exit code %d, %s', async (type, exit, verdict, adds, projected, over) => {
    const { code, said } = await gate(endpoint(type));
    expect(code).toBe(exit);
    expect(said.verdict).toBe(verdict);
    expect(said.delta).toBe(adds);
    expect(said.projects[0]?.levels[0]).toMatchObject({
      limit: '5000',
      committed: '3900',
      delta: adds,
      projected,
      over,
    });
    expect(said.picks).toEqual([]);
  });

  it('tells the sum to people', async () => {
    const { code, out } = await run(['gate', endpoint('ml.g5.2xlarge'), ...STATED]);
    expect(code).toBe(1);
    expect(out).toContain('Over: nlp comes to $5,005.95 a month, $5.95 over its limit of $5,000.00.');
    expect(out).toMatch(
      / limit +\$5,000\.00\n +committed +\$3,900\.00\n +change +\+\$1,105\.95\n +comes to +\$5,005\.95 +\$5\.95 over/,
    );
  });

  const OR = ['--or', 'ml.g5.2xlarge,ml.g5.xlarge'];

  it('picks ml.g5.xlarge where 16 GiB and a GPU are needed', async () => {
    const { code, said } = await gate(endpoint('ml.g5.12xlarge'), '--needs', 'memory=16GiB,gpu=1', ...OR);
    expect(code).toBe(1);
    expect(said.picks).toEqual([
      {
        id: 'ml.g5.12xlarge/Endpoint/main',
        project: 'nlp',
        from: 'ml.g5.12xlarge',
        instanceType: 'ml.g5.xlarge',
        spot: false,
        cost: '1027.84',
        frequency: 'month',
        meets: '16 GiB of memory, 1 GPU',
        written: null,
        refused: null,
      },
    ]);
  });

  it('picks the same of all types that it knows', async () => {
    const { said } = await gate(endpoint('ml.g5.12xlarge'), '--needs', 'memory=16GiB,gpu=1,gpuMemory=24GiB');
    expect(said.picks).toMatchObject([
      { instanceType: 'ml.g5.xlarge', meets: '16 GiB of memory, 1 GPU, 24 GiB of GPU memory' },
    ]);
  });

  it.each(['memory=32GiB,gpu=1', 'memory=16GiB,gpu=4', 'gpuMemory=48GiB', 'vcpu=8'])(
    'picks none where the needs are %s',
    async (needs) => {
      const { code, said } = await gate(endpoint('ml.g5.12xlarge'), '--needs', needs, ...OR);
      expect(code).toBe(1);
      expect(said.picks).toEqual([]);
      const xlarge = said.alternatives[0]?.offers.find(({ instanceType }) => instanceType === 'ml.g5.xlarge');
      expect(xlarge?.verdict).toBe('unfit');
    },
  );

  it('picks none where no needs are stated, and says so', async () => {
    const { said } = await gate(endpoint('ml.g5.12xlarge'), ...OR);
    expect(said.picks).toEqual([]);
    expect(said.alternatives[0]?.offers.map(({ verdict }) => verdict)).toEqual(['unfit', 'unfit']);
    expect(said.alternatives[0]?.notes).toEqual([expect.stringContaining('It states no needs')]);
  });

  it('writes the pick, and nothing else of the file; then it passes', async () => {
    const file = endpoint('ml.g5.12xlarge', 'picked');
    const before = readFileSync(file, 'utf8');
    const { said } = await gate(file, '--needs', 'memory=16GiB,gpu=1', '--pick');
    expect(said.picks[0]?.written).toEqual({ file: expect.stringContaining('picked.yaml'), line: 7 });
    expect(readFileSync(file, 'utf8')).toBe(before.replace('ml.g5.12xlarge', 'ml.g5.xlarge'));
    expect((await gate(file)).code).toBe(0);
  });
});
