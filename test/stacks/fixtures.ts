import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type BudgetEnforcerProps, BudgetsStack, EnforcerStack } from '../../lib/stacks/index.ts';

/** The policy that the repository ships. */
export const POLICY_FILE = 'bursar.yaml';
export const POLICY_TEXT = readFileSync(POLICY_FILE, 'utf8');

const folder = mkdtempSync(join(tmpdir(), 'bursar-stacks-'));
let written = 0;

/** Writes a policy file of its own; its path. */
export function policyFile(text: string): string {
  written += 1;
  const file = join(folder, `policy-${written}.yaml`);
  writeFileSync(file, text);
  return file;
}

/** The shipped policy with one text replaced; throws where it is not in it, so that no test changes nothing. */
export function changedPolicy(from: string, to: string): string {
  if (!POLICY_TEXT.includes(from)) throw new Error(`${POLICY_FILE} does not hold ${from}`);
  return policyFile(POLICY_TEXT.replace(from, to));
}

/** The roles that `freezingPolicy` names. */
export const FREEZE_ROLES = ['fraud-developers', 'fraud-ci'] as const;

/** The shipped policy, with roles to freeze, and that stops what nobody has tagged. */
export function freezingPolicy(roles: readonly string[] = FREEZE_ROLES): string {
  const frozen = POLICY_TEXT.replace(
    '  fraud-detection: { owner: team-alpha,',
    `  fraud-detection: { owner: team-alpha, freezeRoles: [${roles.map((role) => `"${role}"`).join(', ')}],`,
  );
  const text = frozen.replace(/^untagged: .*$/m, 'untagged: { after: 24h, do: stop }');
  if (frozen === POLICY_TEXT || text === frozen) throw new Error(`${POLICY_FILE} is not what it was`);
  return policyFile(text);
}

/** The shipped policy, with the bill as a table of Athena and usage in S3 and CloudWatch. */
export function allocatingPolicy(): string {
  const others = POLICY_TEXT.replace(/^allocation:\n(?: .*\n|\n)*/m, '');
  return policyFile(`${others}
allocation:
  bill:
    location: s3://acme-billing/exports/cur
    format: cur2
    athena: { database: billing, table: cur, workgroup: finance }
  shared:
    - { name: gpu-pool, match: { tags: { shared: gpu-pool } }, split: { usage: gpu-seconds } }
    - { name: endpoint, match: { service: "Amazon SageMaker" }, split: { usage: invocations } }
    - { name: support, match: { service: "AWS Support*" }, split: { usage: tickets } }
  usage:
    gpu-seconds: { file: "s3://team-logs/gpu/{month}/", unit: GPU-seconds }
    invocations: { metric: { namespace: Acme, name: Invocations, tenant: Tenant } }
    tickets: { file: usage/tickets.csv }
`);
}

/** An app that bundles no Lambda: the code of the handlers is no matter of most tests. */
export const unbundledApp = (): App => new App({ context: { 'aws:cdk:bundling-stacks': [] } });

/** Slack and e-mail as well, so that everything there can be is there. */
export const EVERYTHING = { slackSecretName: 'bursar/slack', alertEmails: ['costs@example.com'] } as const;

/** Both stacks, as `bin/app.ts` makes them. */
export function bothStacks(app: App, props: Partial<BudgetEnforcerProps> & StackProps = {}) {
  const file = props.policyFile ?? POLICY_FILE;
  const enforcer = new EnforcerStack(app, 'Bursar', { ...props, policyFile: file });
  const { signalsTopic } = enforcer.enforcer;
  const budgets = new BudgetsStack(app, 'BursarBudgets', {
    ...(props.env === undefined ? {} : { env: props.env }),
    policyFile: file,
    signalsTopic,
  });
  return { enforcer, budgets };
}

export interface Templates {
  readonly enforcer: Template;
  readonly budgets: Template;
}

export function templates(props: Partial<BudgetEnforcerProps> = {}): Templates {
  const { enforcer, budgets } = bothStacks(unbundledApp(), props);
  return { enforcer: Template.fromStack(enforcer), budgets: Template.fromStack(budgets) };
}
