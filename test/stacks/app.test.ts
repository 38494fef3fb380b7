import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { changedPolicy } from './fixtures.ts';
import { resourcesOf } from './read-template.ts';

const folder = mkdtempSync(join(tmpdir(), 'bursar-app-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** As an `npm run` has it, but without anything of AWS. */
function environmentWithoutAws(): NodeJS.ProcessEnv {
  const rest = Object.entries(process.env).filter(([name]) => !/^(AWS|CDK|VITEST)_?/.test(name));
  const path = [resolve('node_modules/.bin'), process.env.PATH].join(delimiter);
  return { ...Object.fromEntries(rest), PATH: path, HOME: folder, AWS_EC2_METADATA_DISABLED: 'true' };
}

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}
const run = (program: string, args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Run> =>
  new Promise((done) => {
    const child = execFile(program, [...args], { env: environment }, (_error, out, err) =>
      done({ code: child.exitCode ?? -1, out, err }),
    );
  });
const cdk = (args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Run> =>
  run('node_modules/.bin/cdk', args, { ...environmentWithoutAws(), ...environment });
/** `bin/app.ts` as the CDK command runs it. */
const app = (context: Readonly<Record<string, string>>): Promise<Run> =>
  run('node_modules/.bin/node', ['--import', 'tsx', 'bin/app.ts'], {
    ...environmentWithoutAws(),
    CDK_OUTDIR: join(folder, 'app'),
    CDK_CONTEXT_JSON: JSON.stringify(context),
  });

const CodeSchema = z.object({ Code: z.object({ S3Key: z.string() }) });
const TemplateSchema = z.record(z.string(), z.unknown());

/** What a folder that CDK synthesised into would deploy: the code and the policy, by hash. */
function deployed(outdir: string) {
  const text = readFileSync(join(outdir, 'Bursar.template.json'), 'utf8');
  const template = Template.fromJSON(TemplateSchema.parse(JSON.parse(text)));
  return {
    code: resourcesOf(template, 'AWS::Lambda::Function').map(
      ({ properties }) => CodeSchema.parse(properties).Code.S3Key,
    ),
    policies: [...new Set([...text.matchAll(/[0-9a-f]{64}\.yaml/g)].map(([key]) => key))],
  };
}

describe('cdk synth', () => {
  it('needs no credentials and no AWS variables; another policy is another object, and the same code', async () => {
    const shipped = join(folder, 'shipped');
    const changed = join(folder, 'changed');
    const file = changedPolicy('budget: 4000 USD', 'budget: 4500 USD');
    const runs = await Promise.all([
      cdk(['synth', '--quiet', '--output', shipped]),
      // The CDK need not check the same template twice.
      cdk(['synth', '--quiet', '--output', changed, '-c', `policy=${file}`], { CDK_VALIDATION: 'false' }),
    ]);
    for (const { code, err } of runs) expect(code, err).toBe(0);

    const [before, after] = [deployed(shipped), deployed(changed)];
    expect(new Set(before.code).size).toBe(8);
    expect(after.code).toEqual(before.code);
    expect(before.policies).toHaveLength(1);
    expect(after.policies).toHaveLength(1);
    expect(after.policies).not.toEqual(before.policies);
    // Not the sources: what the handlers need is in one file each.
    for (const key of before.code)
      expect(readdirSync(join(shipped, `asset.${key.replace('.zip', '')}`))).toEqual(['index.mjs']);
  }, 180_000);

  it('tells a command line that is wrong, in the words of the app alone', async () => {
    const { code, err, out } = await cdk([
      'synth',
      '--quiet',
      '--output',
      join(folder, 'x'),
      '-c',
      'policy=nope.yaml',
    ]);
    expect(code).toBe(1);
    expect(`${out}${err}`.trim().split('\n')).toEqual([
      "The policy file cannot be read: ENOENT: no such file or directory, open 'nope.yaml'",
      expect.stringContaining('Subprocess exited with error 1'),
    ]);
  });
});

describe('bin/app.ts', () => {
  it.each([
    ['a bad address', () => ({ alertEmail: 'bad' }), /^-c alertEmail\.0=…: must be e-mail addresses.*\n$/],
    [
      'a mistake in the policy',
      () => ({ policy: changedPolicy('do: stop', 'do: halt') }),
      /^policy-\d+\.yaml:\d+:\d+: "halt" .*\n$/,
    ],
  ])('prints %s in one line and exits with 1', async (_, context, message) => {
    const { code, out, err } = await app(context());
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(message);
  });
});
