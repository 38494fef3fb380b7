import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { BudgetsStack, EnforcerStack } from '../lib/stacks/index.ts';
import { readSettings } from '../lib/stacks/settings.ts';

const app = new App();
const settings = readSettings((name) => app.node.tryGetContext(name));
const { signalsTopic } = new EnforcerStack(app, 'Bursar', settings).enforcer;
new BudgetsStack(app, 'BursarBudgets', { policyFile: settings.policyFile, signalsTopic });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
