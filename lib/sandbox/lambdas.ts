import { renameSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { SweepAnswerSchema } from '../cli/sweep-answer.ts';
import type { Request } from '../people/request.ts';
import type { Outputs } from './deploy.ts';

/** All that have a clock. */
const lambdasOf = (outputs: Outputs): readonly string[] => [
  outputs.SweepFunctionName,
  outputs.BudgetAlertFunctionName,
  outputs.EnforceFunctionName,
  outputs.LaunchGuardFunctionName,
  outputs.GateFunctionName,
  outputs.RequestFunctionName,
  outputs.NotifyFunctionName,
  outputs.ChatFunctionName,
  outputs.GateFunctionName,
  outputs.ReportFunctionName,
  ...(outputs.ReportLinkFunctionName === undefined ? [] : [outputs.ReportLinkFunctionName]),
];

/**
 * Has the deployed Lambdas read from a file how many seconds their clock is ahead of the machine's. MiniStack ends a Lambda
 * whose settings change, so that the time cannot be one of them: each would start anew whenever it passes.
 */
export async function readClockFrom(lambda: LambdaClient, outputs: Outputs, file: string): Promise<void> {
  await Promise.all(
    lambdasOf(outputs).map(async (FunctionName) => {
      const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      const Variables = { ...Environment?.Variables, SANDBOX_CLOCK_AHEAD: pathToFileURL(file).href };
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
    }),
  );
}

/** Writes how many seconds the clock is ahead. Whoever reads the file meanwhile finds the old one or the new one whole. */
export function writeClock(file: string, seconds: number): void {
  writeFileSync(`${file}.new`, String(seconds));
  renameSync(`${file}.new`, file);
}

/** Invokes a deployed Lambda with a payload. @throws Error with what it said, where it fails. */
async function invoke(lambda: LambdaClient, FunctionName: string, payload: unknown): Promise<unknown> {
  const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload) }));
  const said = Buffer.from(answer.Payload ?? []).toString('utf8');
  if (answer.FunctionError !== undefined) throw new Error(`${FunctionName} failed: ${said}`);
  return JSON.parse(said);
}

/** Asks the deployed request Lambda, as the command line does. */
export async function ask<T>(
  lambda: LambdaClient,
  { RequestFunctionName }: Outputs,
  request: Request,
  answer: z.ZodType<T>,
): Promise<T> {
  return answer.parse(await invoke(lambda, RequestFunctionName, request));
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
  spend: SweepAnswerSchema.shape.spend,
  spendLevels: SweepAnswerSchema.shape.spendLevels,
});
export type DeployedSweep = z.infer<typeof SummarySchema>;

/** Runs the deployed sweep now, as the schedule does every 5 minutes; a dry run only says what it would do. */
export async function runSweep(
  lambda: LambdaClient,
  { SweepFunctionName }: Outputs,
  { dryRun }: { readonly dryRun: boolean },
): Promise<DeployedSweep> {
  return SummarySchema.parse(await invoke(lambda, SweepFunctionName, { dryRun }));
}

const WrittenSchema = z.object({ state: z.enum(['written', 'repeat']), pages: z.array(z.string()) });

/** Has the deployed Lambda write the reports that are due now, as the schedule does each Monday. */
export async function runReport(
  lambda: LambdaClient,
  { ReportFunctionName }: Outputs,
): Promise<z.infer<typeof WrittenSchema>> {
  return WrittenSchema.parse(await invoke(lambda, ReportFunctionName, {}));
}

const LogSchema = z.object({ events: z.array(z.object({ message: z.string() })).default([]) });

/**
 * How many sweeps have ended since a time of the machine, whoever invoked them: MiniStack's log of the function tells,
 * as that of AWS does. Asked for by hand, since one question is no reason for another client of the SDK.
 */
export async function sweepsEnded(
  lambda: LambdaClient,
  { SweepFunctionName: FunctionName }: Outputs,
  { endpoint, since }: { readonly endpoint: string; readonly since: Date },
): Promise<number> {
  const { LoggingConfig } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Logs_20140328.FilterLogEvents',
    },
    body: JSON.stringify({
      logGroupName: LoggingConfig?.LogGroup ?? `/aws/lambda/${FunctionName}`,
      startTime: since.getTime(),
    }),
  });
  // Before the first run there is no log.
  const { events } = LogSchema.parse(answer.ok ? await answer.json() : {});
  return events.filter(({ message }) => message.startsWith('REPORT RequestId')).length;
}
