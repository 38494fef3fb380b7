import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { LISTED_PRICES } from '../../lib/sandbox/pricing-stub.ts';
import type { Stage } from '../../lib/sandbox/stage.ts';

const TEST_MS = 60_000;
const PROJECT = 'delta';
const TYPE = 'ml.p3.2xlarge';

/** As docs/gate-at-run-time.md shows it: what would train is stood in for by states that only say so. */
const machineOf = (gateArn: string): string =>
  JSON.stringify({
    StartAt: 'Ask',
    States: {
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Parameters: {
          FunctionName: gateArn,
          Payload: {
            'requestId.$': '$$.Execution.Id',
            project: PROJECT,
            'job.$': '$.job',
            'failOver.$': '$.failOver',
          },
        },
        ResultPath: '$.gate',
        // AWS names the error of a Lambda by its own name, `OverBudget`; MiniStack names all of them alike.
        Catch: [
          { ErrorEquals: ['OverBudget', 'Runtime.HandlerError'], ResultPath: '$.error', Next: 'Caught' },
        ],
        Next: 'MayIt',
      },
      MayIt: {
        Type: 'Choice',
        Choices: [{ Variable: '$.gate.Payload.verdict', StringEquals: 'pass', Next: 'Train' }],
        Default: 'TooDear',
      },
      Train: { Type: 'Pass', Result: 'trains', ResultPath: '$.end', End: true },
      TooDear: { Type: 'Pass', Result: 'too dear', ResultPath: '$.end', End: true },
      Caught: { Type: 'Pass', Result: 'caught', ResultPath: '$.end', End: true },
    },
  });

const OutputSchema = z.object({
  end: z.string(),
  gate: z
    .object({
      Payload: z.looseObject({ verdict: z.string(), cost: z.number(), pick: z.string(), reason: z.string() }),
    })
    .optional(),
  error: z.object({ Error: z.string(), Cause: z.string() }).optional(),
});

/** A state machine of the local AWS asks the deployed gate before it trains. */
export function gateAtRunTime(stage: () => Stage): void {
  describe('the gate at run time', () => {
    let sfn: SFNClient;
    let stateMachineArn = '';

    beforeAll(async () => {
      sfn = new SFNClient({});
      const made = await sfn.send(
        new CreateStateMachineCommand({
          name: 'asks-the-gate',
          definition: machineOf(stage().outputs.GateFunctionArn),
          roleArn: 'arn:aws:iam::123456789012:role/states',
        }),
      );
      stateMachineArn = made.stateMachineArn ?? '';
      // What is spent must be known of the last half hour.
      await stage().sweep();
      await stage().quiet();
    }, TEST_MS);
    afterAll(async () => {
      if (stateMachineArn !== '') await sfn.send(new DeleteStateMachineCommand({ stateMachineArn }));
      sfn.destroy();
    });

    async function run(input: object): Promise<z.infer<typeof OutputSchema>> {
      const { executionArn } = await sfn.send(
        new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
      );
      const look = () => sfn.send(new DescribeExecutionCommand({ executionArn }));
      await expect
        .poll(async () => (await look()).status, { timeout: 30_000, interval: 100 })
        .not.toBe('RUNNING');
      const { status, output, error, cause } = await look();
      expect({ status, error, cause }).toEqual({ status: 'SUCCEEDED', error: undefined, cause: undefined });
      return OutputSchema.parse(JSON.parse(output ?? ''));
    }

    const reserved = async () =>
      (await stage().ledger.reservations(PROJECT, stage().now())).reservations.map(({ jobs }) => jobs[0]);

    it('lets a job start that the budget holds, and reserves it', { timeout: TEST_MS }, async () => {
      const job = { instanceType: TYPE, count: 1, maxRuntimeSeconds: 3_600 };
      const { end, gate } = await run({ job, failOver: true });
      expect(end).toBe('trains');
      expect(gate?.Payload).toMatchObject({ verdict: 'pass', cost: Number(LISTED_PRICES[TYPE]), pick: TYPE });
      expect(await reserved()).toMatchObject([{ cost: 3_825_000n, size: `1 × ${TYPE}` }]);
    });

    it('does not where the budget does not, by a choice or by an error', { timeout: TEST_MS }, async () => {
      const job = { instanceType: TYPE, count: 100, maxRuntimeSeconds: 86_400 };
      const [told, thrown] = [await run({ job, failOver: false }), await run({ job, failOver: true })];
      expect(told.end).toBe('too dear');
      expect(told.gate?.Payload).toMatchObject({ verdict: 'over', cost: 9_180, pick: '' });
      expect(thrown.end).toBe('caught');
      expect(thrown.error?.Cause).toContain('over the limit of $1,000.00');
      expect(await reserved()).toHaveLength(1);
    });
  });
}
