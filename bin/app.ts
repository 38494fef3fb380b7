import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { PolicyError } from '../lib/policy/policy-error.ts';
import { createStacks } from '../lib/stacks/all-stacks.ts';
import { readSettings } from '../lib/stacks/settings.ts';
import { SetupError } from '../lib/stacks/setup-error.ts';

/** Synthesises the stacks, from what `cdk -c name=value` sets. */
function synthesise(): void {
  // Not by itself as well: after a mistake there would be half an app to synthesise.
  const app = new App({ autoSynth: false });
  const settings = readSettings((name) => app.node.tryGetContext(name));
  createStacks(app, settings, process.env.CDK_DEFAULT_REGION);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
}

try {
  synthesise();
} catch (error) {
  if (!(error instanceof PolicyError || error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
