import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { ACCOUNT, type LocalAws, REGION, ROOT } from './local-aws.ts';

const OutputsSchema = z.object({
  Bursar: z.object({
    SignalsTopicArn: z.string(),
    AlertsTopicArn: z.string(),
    FallbackTopicArn: z.string(),
    LedgerTableName: z.string(),
    SweepFunctionName: z.string(),
    BudgetAlertFunctionName: z.string(),
    EnforceFunctionName: z.string(),
    LaunchGuardFunctionName: z.string(),
    LaunchesDeadLettersUrl: z.string(),
    RequestFunctionName: z.string(),
    NotifyFunctionName: z.string(),
    ChatFunctionName: z.string(),
    SlackRequestUrl: z.url(),
    GateFunctionArn: z.string(),
    GateFunctionName: z.string(),
    ReportsBucketName: z.string(),
    ReportFunctionName: z.string(),
    /** Absent where the policy turns the weekly alert off. */
    ReportLinkFunctionName: z.string().optional(),
    ReportLinkUrl: z.url().optional(),
    OperatorPolicyArn: z.string(),
    WakeGroupName: z.string(),
    CommandsQueueUrl: z.string(),
    CommandsDeadLettersUrl: z.string(),
    SignalsDeadLettersUrl: z.string(),
    AlertsDeadLettersUrl: z.string(),
    RequestsDeadLettersUrl: z.string(),
  }),
});

/** What the deployed stack tells of itself. */
export type Outputs = z.infer<typeof OutputsSchema>['Bursar'];

export interface DeployOptions {
  /** Path of the policy file. */
  readonly policyFile: string;
  readonly slackSecretName: string;
  /** Seconds by which the Lambdas' clock is ahead. */
  readonly clockAhead: number;
  /** A folder of this run's own, for what the CDK writes. */
  readonly scratch: string;
  /** Told each line that the CDK prints. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Ends the CDK in the middle. */
  readonly signal?: AbortSignal | undefined;
}

/** The real `cdk bootstrap`, which needs no app: in a folder that has none, it synthesises none. */
export async function bootstrap(
  aws: LocalAws,
  options: Pick<DeployOptions, 'onLine' | 'signal'>,
): Promise<void> {
  const cwd = mkdtempSync(join(tmpdir(), 'bursar-bootstrap-'));
  try {
    await cdk(aws, ['bootstrap', `aws://${ACCOUNT}/${REGION}`], { ...options, cwd });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** The real `cdk deploy` of the enforcer. @returns the outputs of the stack. */
export async function deploy(aws: LocalAws, options: DeployOptions): Promise<Outputs> {
  const { policyFile, slackSecretName, clockAhead, scratch } = options;
  const outputs = join(scratch, 'outputs.json');
  const context = { policy: policyFile, slackSecret: slackSecretName, sandboxClockAhead: String(clockAhead) };
  await cdk(
    aws,
    [
      'deploy',
      'Bursar',
      '--exclusively',
      '--require-approval',
      'never',
      '--output',
      assemblyOf(scratch),
      '--outputs-file',
      outputs,
      ...Object.entries(context).flatMap(([name, value]) => ['--context', `${name}=${value}`]),
    ],
    options,
  );
  return OutputsSchema.parse(JSON.parse(readFileSync(outputs, 'utf8'))).Bursar;
}

/** Where the CDK leaves the templates of a run. */
export const assemblyOf = (scratch: string): string => join(scratch, 'cdk.out');

/** @throws Error with the last lines that the CDK printed, where it does not succeed. */
function cdk(
  aws: LocalAws,
  args: readonly string[],
  {
    onLine = () => {},
    signal,
    cwd = ROOT,
  }: Pick<DeployOptions, 'onLine' | 'signal'> & { readonly cwd?: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('node', [join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...args], {
      cwd,
      env: {
        ...aws.env,
        // Where what tsx compiles is kept for the next.
        TMPDIR: tmpdir(),
        CI: 'true',
        CDK_DISABLE_CLI_TELEMETRY: 'true',
        // Takes as long as to make the templates, which are the same that every synth checks.
        CDK_VALIDATION: 'false',
        NO_COLOR: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-8_000);
        for (const line of text.split('\n')) if (line.trim() !== '') onLine(line.trim());
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`cdk ${args[0]} failed with exit code ${code}.\n${said}`));
    });
  });
}
