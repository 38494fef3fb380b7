import { fileURLToPath } from 'node:url';
import { DescribeInstancesCommand, StartInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeEndpointCommand } from '@aws-sdk/client-sagemaker';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeCommandBatch } from '../../lib/enforce/command.ts';
import { arnOf } from '../../lib/fleet/arn.ts';
import { ec2Instance } from '../../lib/fleet/ec2-instance.ts';
import { budgetName } from '../../lib/policy/policy.ts';
import { ACCOUNT, REGION } from '../../lib/sandbox/local-aws.ts';
import {
  BUSY,
  createEndpoint,
  IDLE,
  putEndpointUse,
  putInstanceUse,
  startInstance,
} from '../../lib/sandbox/seed.ts';
import { buildStage, messagesIn, type Stage } from '../../lib/sandbox/stage.ts';
import { budgetsText } from '../../lib/simulate/account/budgets-text.ts';
import { readPolicy } from '../../lib/stacks/policy-asset.ts';
import { gateAtRunTime } from './gate-at-run-time.ts';
import { recommendations } from './recommendations.ts';
import { reportOfTheMonth } from './report-of-the-month.ts';

/*
 * The product as it is deployed: `cdk deploy` of the real stacks, the real bundles in Lambda workers, the
 * real SDK on the wire. MiniStack and moto are kinder than AWS in one way that matters here: they check no
 * IAM policy. The grants are tested on the template (test/stacks).
 */
const POLICY = fileURLToPath(new URL('bursar.yaml', import.meta.url));
let stage: Stage;

beforeAll(async () => {
  stage = await buildStage({
    policyFile: POLICY,
    ageHours: 26,
  });
}, 180_000);
afterAll(() => stage?.stop());

const MINUTE_MS = 60_000;
const TEST_MS = 90_000;

const run = (tags: Record<string, string>, type: Parameters<typeof startInstance>[1]['type'] = 'm5.xlarge') =>
  startInstance(stage.clients, { type, tags });

async function stateOf(id: string): Promise<string | undefined> {
  const { Reservations } = await stage.clients.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations?.[0]?.Instances?.[0]?.State?.Name;
}

const arnOfInstance = (id: string): string => arnOf('ec2', REGION, ACCOUNT, `instance/${id}`);

/** What became of all decisions about an instance, oldest first: `taken stop`, `skipped Expired`. */
async function outcomes(id: string): Promise<readonly string[]> {
  const trail = await stage.ledger.audit({ arn: arnOfInstance(id) });
  return trail
    .filter(({ event }) => event !== 'intended')
    .map(({ event, code, decision }) => `${event} ${code ?? decision.action}`);
}

/** What Slack was sent while `work` ran, as text. */
async function slackDuring(work: () => Promise<unknown>): Promise<readonly string[]> {
  const before = stage.slack.messages().length;
  await work();
  await stage.quiet();
  return stage.slack
    .messages()
    .slice(before)
    .map((message) => JSON.stringify(message));
}

const policy = readPolicy(POLICY);
const nameOf = (project: string): string => budgetName(policy, project);

/** The text as it was captured in January 2026, for a budget of ours. Its amounts are those of the capture. */
const captured = (budgetName: string, type: 'ACTUAL' | 'FORECASTED' = 'FORECASTED') =>
  budgetsText({
    account: ACCOUNT,
    budgetName,
    type,
    date: new Date('2026-01-28T00:00:00Z'),
    limit: '$0.02',
    threshold: '$0.00',
    amount: '$0.95',
  });

// First: later there is a fleet that would use up what is left of the month.
gateAtRunTime(() => stage);

describe('a budget alert', () => {
  let dev: string;
  let prod: string;
  let other: string;

  beforeAll(async () => {
    dev = await run({ project: 'alpha', environment: 'dev' });
    prod = await run({ project: 'alpha', environment: 'prod' });
    other = await run({ project: 'beta', environment: 'dev' });
  });

  it('whose budget AWS says is not reached stops nothing', { timeout: TEST_MS }, async () => {
    await stage.setSpend({ alpha: { actual: '3999.99', forecasted: '3100' } });
    const { subject, message } = captured(nameOf('alpha'));
    const told = await slackDuring(() => stage.publish(subject, message));
    expect(await Promise.all([dev, prod, other].map(stateOf))).toEqual(['running', 'running', 'running']);
    expect(told.filter((text) => text.includes(dev))).toEqual([]);
  });

  it('stops the right instances of the right project, and tells of production', {
    timeout: TEST_MS,
  }, async () => {
    await stage.setSpend({ alpha: { actual: '4000', forecasted: '4100' } });
    const { subject, message } = captured(nameOf('alpha'), 'ACTUAL');
    const started = Date.now();
    const told = await slackDuring(async () => {
      await stage.publish(subject, message);
      await expect.poll(() => stateOf(dev), { timeout: 30_000, interval: 100 }).toMatch(/stop/);
    });
    expect(Date.now() - started).toBeLessThan(30_000);
    expect(await Promise.all([prod, other].map(stateOf))).toEqual(['running', 'running']);
    expect(told.some((text) => text.includes('alpha has spent $4,000.00 of $4,000.00'))).toBe(true);
    expect(told.filter((text) => text.includes(dev))).toHaveLength(1);
  });

  it('that comes five times, out of order, has one effect and is told once', {
    timeout: TEST_MS,
  }, async () => {
    const victim = await run({ project: 'beta', environment: 'dev' });
    await stage.setSpend({ beta: { actual: '1000', forecasted: '1000' } });
    const told = await slackDuring(async () => {
      const texts = [
        captured(nameOf('beta'), 'ACTUAL'),
        captured(nameOf('beta')),
        captured(nameOf('beta'), 'ACTUAL'),
      ];
      await Promise.all(
        [...texts, ...texts.slice(0, 2)].map(({ subject, message }) => stage.publish(subject, message)),
      );
    });
    expect(await stateOf(victim)).toMatch(/stop/);
    expect(await outcomes(victim)).toEqual(['taken stop']);
    expect(told.filter((text) => text.includes(victim))).toHaveLength(1);
  });

  it('does not stop again what a person started again', { timeout: TEST_MS }, async () => {
    await stage.clients.ec2.send(new StartInstancesCommand({ InstanceIds: [dev] }));
    const { subject, message } = captured(nameOf('alpha'), 'ACTUAL');
    await slackDuring(() => stage.publish(subject, message));
    expect(await stateOf(dev)).toBe('running');
  });
});

describe('a message on the topic that nobody understands', () => {
  const deadLetters = () => messagesIn(stage.sqs, stage.outputs.SignalsDeadLettersUrl);

  it.each([
    ['garbage', 'Your budget has exceeded everything, stop it all!'],
    ['JSON of something else', '{"budgetName":"bursar-alpha","account":"111122223333"}'],
    ['a budget that does not exist', captured('bursar-nobody-00000000', 'ACTUAL').message],
    ['a budget of another account', captured(nameOf('alpha')).message.replace(ACCOUNT, '999999999999')],
  ])('%s: is kept in the dead-letter queue and told', { timeout: TEST_MS }, async (_, text) => {
    const before = await deadLetters();
    const told = await slackDuring(() => stage.publish('AWS Budgets: something', text));
    expect(await deadLetters()).toBe(before + 1);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('was not understood');
  });

  it('is kept whole, with the reason', { timeout: TEST_MS }, async () => {
    const { Messages = [] } = await stage.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: stage.outputs.SignalsDeadLettersUrl,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
        VisibilityTimeout: 0,
      }),
    );
    const garbage = Messages.find(({ Body = '' }) => Body.includes('stop it all!'));
    expect(garbage?.MessageAttributes?.why?.StringValue).toContain('neither an AWS Budgets notification');
  });

  it('a cost anomaly is understood, and only told', { timeout: TEST_MS }, async () => {
    const before = await deadLetters();
    const anomaly = {
      accountId: ACCOUNT,
      anomalyId: 'a-1',
      anomalyStartDate: '2026-07-14T00:00:00Z',
      monitorName: 'services',
      impact: { maxImpact: 120.5, totalImpact: 240.75, totalActualSpend: 300, totalExpectedSpend: 59.25 },
      rootCauses: [{ service: 'Amazon SageMaker', region: REGION, usageType: 'Hosting:ml.p4d.24xlarge' }],
    };
    const told = await slackDuring(() => stage.publish('AWS Cost Management', JSON.stringify(anomaly)));
    expect(await deadLetters()).toBe(before);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('Amazon SageMaker');
  });
});

describe('idleness', () => {
  it('stops at 30 minutes and not at 29, what is idle and nothing else', {
    timeout: 3 * TEST_MS,
  }, async () => {
    const tags = { project: 'gamma', environment: 'dev' };
    const idle = await run(tags);
    const busy = await run(tags);
    const training = await run(tags, 'p3.2xlarge');
    const agentless = await run(tags, 'p3.8xlarge');
    const silent = await run(tags);
    const production = await run({ ...tags, environment: 'prod' });
    await createEndpoint(stage.clients, { name: 'gamma-scoring', type: 'ml.m5.xlarge', tags });
    const since = new Date(Math.ceil(stage.now().getTime() / (5 * MINUTE_MS)) * 5 * MINUTE_MS);
    const at = (minutes: number) => new Date(since.getTime() + minutes * MINUTE_MS);
    for (const id of [idle, busy, agentless, production])
      await putInstanceUse(stage.clients, id, BUSY, at(-60), at(0));
    await putInstanceUse(stage.clients, training, { ...IDLE, cpu: 2, gpu: 95 }, at(-60), at(60));
    await putInstanceUse(stage.clients, busy, BUSY, at(0), at(60));
    for (const id of [idle, agentless, production])
      await putInstanceUse(stage.clients, id, IDLE, at(0), at(60));
    await putEndpointUse(stage.clients, 'gamma-scoring', { cpu: 3, invocations: 10 }, at(-60), at(0));
    await putEndpointUse(stage.clients, 'gamma-scoring', { cpu: 3, invocations: 0 }, at(0), at(60));
    const everything = [idle, busy, training, agentless, silent, production];
    const sweepAt = async (minutes: number) => {
      await stage.advance(Math.ceil((at(minutes).getTime() - stage.now().getTime()) / 1000));
      await stage.sweep();
      await stage.quiet();
    };

    await sweepAt(29);
    expect(await Promise.all(everything.map(stateOf))).toEqual(everything.map(() => 'running'));

    await stage.advance(Math.ceil((at(30).getTime() - stage.now().getTime()) / 1000));
    const dry = await stage.sweep({ dryRun: true });
    await stage.quiet();
    expect(dry.decided.filter(({ action }) => action === 'stop').map(({ arn }) => arn)).toEqual(
      expect.arrayContaining([arnOfInstance(idle)]),
    );
    expect(await stateOf(idle)).toBe('running');

    const told = await slackDuring(() => sweepAt(30));
    const [stopped, ...others] = await Promise.all(everything.map(stateOf));
    expect(stopped).toMatch(/stop/);
    expect(others).toEqual(others.map(() => 'running'));
    await expect(
      stage.clients.sagemaker.send(new DescribeEndpointCommand({ EndpointName: 'gamma-scoring' })),
    ).rejects.toThrow(/find/i);
    // One message for both stops, another for what lacks its GPU metric.
    expect(told.filter((text) => text.includes(idle))).toHaveLength(1);
    expect(told.find((text) => text.includes(idle))).toContain('gamma-scoring');
    expect(told.filter((text) => text.includes(agentless))).toHaveLength(1);
  });

  it('keeps all that the endpoint needs to come back', async () => {
    const kept = await stage.ledger.restoreRecord(
      arnOf('sagemaker', REGION, ACCOUNT, 'endpoint/gamma-scoring'),
    );
    const record = RecordSchema.parse(kept?.record);
    expect(record).toMatchObject({
      endpointName: 'gamma-scoring',
      endpointConfigName: 'gamma-scoring-config',
      endpointConfig: { ProductionVariants: [{ VariantName: 'main', InstanceType: 'ml.m5.xlarge' }] },
      variants: [{ VariantName: 'main' }],
      tags: { project: 'gamma', environment: 'dev' },
      scalableTargets: [
        { ResourceId: 'endpoint/gamma-scoring/variant/main', MinCapacity: 1, MaxCapacity: 4 },
      ],
      scalingPolicies: [
        {
          PolicyName: 'gamma-scoring-scaling',
          TargetTrackingScalingPolicyConfiguration: { TargetValue: 100 },
        },
      ],
    });
  });
});

const RecordSchema = z.looseObject({ endpointName: z.string() });

describe('a command', () => {
  it('that is delivered twice, or waited too long, does nothing more', { timeout: TEST_MS }, async () => {
    const id = await run({ project: 'gamma', environment: 'dev' });
    const found = await ec2Instance.describe([id], {
      account: ACCOUNT,
      region: REGION,
      clients: stage.clients,
      prices: { hourly: async () => undefined, unit: async () => undefined, spot: async () => undefined },
      now: stage.now,
    });
    // MiniStack does not know the filter `instance-id` and answers with all instances.
    const target = found.find((one) => one.id === id);
    if (target === undefined) throw new Error('the instance is gone');
    const send = (issuedAt: Date, key: string) =>
      stage.sqs.send(
        new SendMessageCommand({
          QueueUrl: stage.outputs.CommandsQueueUrl,
          MessageBody: encodeCommandBatch({
            id: `test/${key}`,
            issuedAt,
            decisions: [
              {
                action: 'stop',
                trigger: 'idle',
                key,
                project: 'gamma',
                target,
                rule: { policy: 'development', rule: 'idle for 30 min: stop' },
                reason: 'A test says so.',
              },
            ],
          }),
        }),
      );
    await send(new Date(stage.now().getTime() - 20 * MINUTE_MS), `late/${id}`);
    await stage.quiet();
    expect(await stateOf(id)).toBe('running');

    const told = await slackDuring(async () => {
      await send(stage.now(), `twice/${id}`);
      await stage.quiet();
      await send(stage.now(), `twice/${id}`);
    });
    expect(await outcomes(id)).toEqual(['skipped Expired', 'taken stop']);
    expect(await stateOf(id)).toMatch(/stop/);
    expect(told.filter((text) => text.includes(id))).toHaveLength(1);
  });

  it('leaves no work and no letters of its own behind', async () => {
    await stage.quiet();
    expect(await messagesIn(stage.sqs, stage.outputs.CommandsDeadLettersUrl)).toBe(0);
  });
});

reportOfTheMonth(() => stage, POLICY);
recommendations(() => stage, POLICY);
