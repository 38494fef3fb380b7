import { Annotations, type App } from 'aws-cdk-lib';
import { BudgetsStack } from './budgets-stack.ts';
import { EnforcerStack } from './enforcer-stack.ts';
import { LaunchEventsStack } from './launch-events-stack.ts';
import { readPolicy } from './policy-asset.ts';
import { ScpStack } from './scp-stack.ts';
import type { Settings } from './settings.ts';

/**
 * All stacks: the enforcer, the budgets, one for each other region that is watched, and where it is asked for that of
 * the management account. `defaultRegion` is where the CDK deploys a stack that names no region, where that is known.
 */
export function createStacks(
  app: App,
  { enforcer: props, region, scp }: Settings,
  defaultRegion: string | undefined,
): void {
  const { policyFile } = props;
  const place = region === undefined ? {} : { env: { region } };
  const enforcer = new EnforcerStack(app, 'Bursar', { ...props, ...place });
  const { signalsTopic } = enforcer.enforcer;
  new BudgetsStack(app, 'BursarBudgets', { ...place, policyFile, signalsTopic });
  const mainRegion = region ?? defaultRegion;
  if (mainRegion === undefined) {
    Annotations.of(enforcer).addWarningV2(
      'bursar:region-unknown',
      'Launches in other regions than that of this stack are seen by the next sweep only: which region that is was ' +
        'not known at synth. Give it (-c region=eu-west-1).',
    );
  } else {
    for (const other of readPolicy(policyFile).scope.regions.filter((one) => one !== mainRegion))
      new LaunchEventsStack(app, `BursarEvents-${other}`, {
        env: { region: other },
        policyFile,
        mainRegion,
      });
  }
  if (scp !== undefined) new ScpStack(app, 'BursarScp', scp);
}
