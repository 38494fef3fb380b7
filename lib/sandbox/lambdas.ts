import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import * as z from 'zod';
import type { Outputs } from './deploy.ts';

/** Sets the clock of all deployed Lambdas, in seconds ahead of the machine's. */
export async function setClockAhead(lambda: LambdaClient, outputs: Outputs, seconds: number): Promise<void> {
  const names = [
    outputs.SweepFunctionName,
    outputs.BudgetAlertFunctionName,
    outputs.EnforceFunctionName,
    outputs.NotifyFunctionName,
  ];
  for (const FunctionName of names) {
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    await lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName,
        Environment: { Variables: { ...Environment?.Variables, SANDBOX_CLOCK_AHEAD: String(seconds) } },
      }),
    );
  }
}

const SummarySchema = z.object({
  at: z.iso.datetime(),
  resources: z.number(),
  decisions: z.record(z.string(), z.number()),
  verdicts: z.record(z.string(), z.number()),
  metricsRequested: z.number(),
  metricCalls: z.number(),
  dryRun: z.boolean(),
  decided: z.array(z.object({ action: z.string(), arn: z.string().optional(), reason: z.string() })),
  leftAlone: z.array(
    z.object({ arn: z.string(), policy: z.string().optional(), verdict: z.string(), why: z.string() }),
  ),
});
export type DeployedSweep = z.infer<typeof SummarySchema>;

/** Runs the deployed sweep now, as the schedule does every 5 minutes; a dry run only says what it would do. */
export async function runSweep(
  lambda: LambdaClient,
  { SweepFunctionName }: Outputs,
  { dryRun }: { readonly dryRun: boolean },
): Promise<DeployedSweep> {
  const answer = await lambda.send(
    new InvokeCommand({ FunctionName: SweepFunctionName, Payload: JSON.stringify({ dryRun }) }),
  );
  const payload = Buffer.from(answer.Payload ?? []).toString('utf8');
  if (answer.FunctionError !== undefined) throw new Error(`The sweep failed: ${payload}`);
  return SummarySchema.parse(JSON.parse(payload));
}
