import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

/*
 * The package as another CDK app gets it: packed, unpacked into its node_modules, beside the packages that
 * it depends on (linked here, so that the test needs no network).
 */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
let app: string;

function run(command: string, args: readonly string[], cwd: string): string {
  // What test/stacks has the CDK check is not checked once more.
  const env = { ...process.env, CDK_VALIDATION: 'false' };
  const { status, stdout, stderr } = spawnSync(command, [...args], { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}\n${stderr}`);
  return stdout;
}

beforeAll(() => {
  app = mkdtempSync(join(tmpdir(), 'bursar-consumer-'));
  const modules = join(app, 'node_modules');
  mkdirSync(join(modules, 'bursar'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  run('npm', ['pack', '--silent', '--pack-destination', app], ROOT);
  const [tarball = ''] = readdirSync(app).filter((name) => name.endsWith('.tgz'));
  run('tar', ['xzf', join(app, tarball), '-C', join(modules, 'bursar'), '--strip-components', '1'], app);
  cpSync(join(ROOT, 'bursar.yaml'), join(app, 'bursar.yaml'));
  writeFileSync(join(app, 'package.json'), '{ "name": "app", "type": "module" }');
  writeFileSync(join(app, 'package-lock.json'), '{ "lockfileVersion": 3 }');
  writeFileSync(
    join(app, 'app.ts'),
    `import { App, Stack } from 'aws-cdk-lib';
     import { BudgetEnforcer, ProjectBudgets } from 'bursar';
     const app = new App({ outdir: 'out' });
     const stack = new Stack(app, 'Mine');
     const bursar = new BudgetEnforcer(stack, 'Bursar', { policyFile: 'bursar.yaml' });
     new ProjectBudgets(stack, 'Budgets', { policyFile: 'bursar.yaml', signalsTopic: bursar.signalsTopic });
     app.synth();`,
  );
}, 60_000);
afterAll(() => rmSync(app, { recursive: true, force: true }));

it('synthesises in an app that is not ours, bundles and all', { timeout: 90_000 }, () => {
  run('node', ['--import', 'tsx', 'app.ts'], app);
  const template = readFileSync(join(app, 'out', 'Mine.template.json'), 'utf8');
  expect(template.match(/"AWS::Lambda::Function"/g)).toHaveLength(8);
  expect(template.match(/"AWS::Budgets::Budget"/g)).toHaveLength(4);
  const bundles = readdirSync(join(app, 'out'), { recursive: true, encoding: 'utf8' });
  expect(bundles.filter((name) => name.endsWith('index.mjs'))).toHaveLength(8);
});

it('brings the command line, with scenarios to play and their schema', () => {
  const bursar = join(app, 'node_modules', 'bursar');
  const said = run(join(bursar, 'bin', 'bursar.mjs'), ['validate'], app);
  expect(said).toContain('OK bursar.yaml: 5 projects');
  const played = run(
    join(bursar, 'bin', 'bursar.mjs'),
    ['simulate', join(bursar, 'scenarios', '05-gate.yaml')],
    app,
  );
  expect(played).toContain('As expected');
  expect(readFileSync(join(bursar, 'bursar-scenario.schema.json'), 'utf8')).toBe(
    readFileSync(join(ROOT, 'bursar-scenario.schema.json'), 'utf8'),
  );
});
