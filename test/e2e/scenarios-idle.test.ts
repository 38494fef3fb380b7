import { fileURLToPath } from 'node:url';
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arnOf } from '../../lib/fleet/arn.ts';
import { WishAnswerSchema } from '../../lib/people/answer.ts';
import { ACCOUNT, REGION } from '../../lib/sandbox/local-aws.ts';
import { createEndpoint, type InstanceUse, putEndpointUse, putInstanceUse } from '../../lib/sandbox/seed.ts';
import { buildStage, type Stage } from '../../lib/sandbox/stage.ts';
import { readPolicy } from '../../lib/stacks/policy-asset.ts';
import { formatUsd, microUsd } from '../../lib/types/money.ts';
import { minutesTo, simulated } from './as-simulated.ts';
import { type EndpointAsItIs, endpointAsItIs, scalingAsItIs } from './endpoint-as-it-is.ts';
import { cost, postedDuring, taken, textOf, theOnly } from './looks.ts';
import {
  type Acts,
  actsOn,
  after,
  arnOfInstance,
  HOUR_MS,
  isWithinTheMinute,
  MINUTE_MS,
} from './on-stage.ts';
import { scheduledDay } from './scheduled-day.ts';

/*
 * Acceptance scenarios 1 and 3 on the deployed stack, in one weekend: an endpoint that nobody uses from Friday 18:00,
 * and training that runs from then until 02:10. The tests of this file follow each other, as the clock does.
 *
 * The local AWS stamps what is made with the machine's time, so everything looks days old at once: an endpoint that was
 * brought back as well, which on AWS would be too young to be judged.
 */
const POLICY = fileURLToPath(new URL('scenarios-idle.yaml', import.meta.url));
const TEST_MS = 120_000;

/** Nobody uses the endpoint until then … */
const WEEKEND_MS = 63 * HOUR_MS;
/** … and the training takes as long, from the same minute on. */
const TRAINING_MS = 8 * HOUR_MS + 10 * MINUTE_MS;

/** By the CPU alone it looks idle. */
const TRAINING: InstanceUse = { cpu: 2, network: 60_000, gpu: 95 };
const DONE: InstanceUse = { cpu: 0.5, network: 30_000, gpu: 0 };
const SERVING = { cpu: 900, gpu: 240, invocations: 1200 };
const UNUSED = { cpu: 4, gpu: 0, invocations: 0 };
/** No agent tells of its GPUs. */
const BLIND: InstanceUse = { cpu: 0.5, network: 60_000 };

const RANKER = arnOf('sagemaker', REGION, ACCOUNT, 'endpoint/ranker');

let stage: Stage;
let acts: Acts;
/** The last use of the endpoint: a Friday, 18:00. */
let friday: Date;
let jobEnds: Date;
let trainer: string;
let disturbed: string;
let blind: string;

beforeAll(async () => {
  stage = await buildStage({ policyFile: POLICY, ageHours: 4 });
  acts = actsOn(stage, readPolicy(POLICY));
  friday = nextFriday(stage.now());
  jobEnds = new Date(friday.getTime() + TRAINING_MS);
  await createEndpoint(stage.clients, {
    name: 'ranker',
    type: 'ml.p4d.24xlarge',
    tags: { project: 'recsys', environment: 'dev', team: 'beta' },
  });
  await putEndpointUse(stage.clients, 'ranker', SERVING, after(friday, -90), friday);
  await putEndpointUse(stage.clients, 'ranker', UNUSED, friday, after(friday, 45));

  const tags = { project: 'llm', environment: 'dev' };
  [trainer = ''] = await acts.launch({ tags, type: 'g5.xlarge' });
  [disturbed = ''] = await acts.launch({ tags, type: 'g5.xlarge' });
  [blind = ''] = await acts.launch({ tags, type: 'p3.8xlarge' });
  const morning = after(jobEnds, 70);
  for (const id of [trainer, disturbed]) {
    await putInstanceUse(stage.clients, id, TRAINING, after(friday, -90), jobEnds);
    await putInstanceUse(stage.clients, id, DONE, jobEnds, morning);
  }
  await putInstanceUse(stage.clients, blind, BLIND, after(friday, -90), morning);
  await stage.clients.cloudwatch.send(
    new PutMetricDataCommand({
      Namespace: 'CWAgent',
      MetricData: [
        {
          MetricName: 'nvidia_smi_utilization_gpu',
          Dimensions: Object.entries({
            InstanceId: disturbed,
            index: '0',
            name: 'NVIDIA A10G',
            host: 'ip-10-0-0-1',
          }).map(([Name, Value]) => ({ Name, Value })),
          Timestamp: after(jobEnds, 29),
          Value: 80,
        },
      ],
    }),
  );
}, 240_000);
afterAll(() => stage?.stop());

/** 18:00 UTC of a Friday, some hours ahead. */
function nextFriday(now: Date): Date {
  const at = new Date(now);
  at.setUTCHours(18, 0, 0, 0);
  while (at.getUTCDay() !== 5 || at.getTime() - now.getTime() < HOUR_MS) at.setUTCDate(at.getUTCDate() + 1);
  return at;
}

describe('scenario 1: an endpoint on ml.p4d.24xlarge that nobody uses from Friday 18:00', () => {
  let before: EndpointAsItIs;

  it('is warned of after 30 idle minutes, with the minute of its stop', { timeout: TEST_MS }, async () => {
    before = await endpointAsItIs(stage, 'ranker');
    expect(before).toMatchObject({
      config: [{ InstanceType: 'ml.p4d.24xlarge' }],
      variants: [{ VariantName: 'main', CurrentInstanceCount: 1 }],
      tags: { team: 'beta' },
      targets: [{ MinCapacity: 1, MaxCapacity: 4 }],
      policies: [{ tracking: { TargetValue: 100 } }],
    });
    await acts.sweepAt(friday);
    const told = await postedDuring(stage, () => acts.sweepAt(after(friday, 30)));
    const { decision } = theOnly(await taken(stage, RANKER, 'warn'));
    expect(decision.stopAt).toEqual(after(friday, 45));
    const text = textOf(theOnly(told.filter((message) => textOf(message).includes('ranker'))));
    expect(text).toContain('18:45 UTC');
    expect(text).toContain('$37.69/h');
    expect(text).toContain('Keep 2 h ($75.38)');
    expect((await stage.schedules()).map(({ at }) => at.toISOString())).toEqual([
      after(friday, 45).toISOString(),
    ]);
  });

  it('is shut down at 18:45: $28.27 were spent, $2,346.08 of $2,374.34 are saved', {
    timeout: TEST_MS,
  }, async () => {
    // By the one-time schedule of the announced minute alone: no sweep is run by hand.
    await stage.advanceTo(after(friday, 45));
    expect(await stage.fireDue()).toBe(1);
    await expect(endpointAsItIs(stage, 'ranker')).rejects.toThrow(/find/i);
    expect(await scalingAsItIs(stage, 'ranker')).toEqual({ targets: [], policies: [] });

    const { at: stoppedAt, decision } = theOnly(await taken(stage, RANKER, 'stop'));
    const { at: warnedAt, decision: warning } = theOnly(await taken(stage, RANKER, 'warn'));
    const { stopAt } = warning;
    const watch = (await stage.ledger.watches(ACCOUNT, REGION, stage.now())).get(RANKER);
    const lastUse = watch?.busyAt ?? new Date(0);
    const monday = new Date(lastUse.getTime() + WEEKEND_MS);
    const { hourly } = decision.target;
    const spent = cost(hourly, lastUse, stopAt);
    const saved = cost(hourly, stopAt, monday);
    const whole = cost(hourly, lastUse, monday);
    console.info(
      `Weekend endpoint: idle from ${lastUse.toISOString()}, announced for ${stopAt.toISOString()}, shut down at ` +
        `${stoppedAt.toISOString()}: ${spent} spent, ${saved} of ${whole} saved until ${monday.toISOString()}; ` +
        `${cost(hourly, stopAt, stoppedAt)} more for the seconds that the stop took.`,
    );
    expect(lastUse).toEqual(friday);
    expect(monday.getUTCDay()).toBe(1);
    expect({ spent, saved, whole }).toEqual({ spent: '$28.27', saved: '$2,346.08', whole: '$2,374.34' });
    expect(isWithinTheMinute(stoppedAt, stopAt)).toBe(true);

    const { result, course, minutes, events } = await simulated('01-weekend-endpoint.yaml');
    expect(await acts.outcomes(RANKER)).toEqual(['taken warn', 'taken stop']);
    expect(course('ranker')).toEqual(['warned', 'stopped']);
    expect(minutes('warned', 'ranker', result.from)).toEqual([minutesTo(warnedAt, friday)]);
    expect(minutes('stopped', 'ranker', result.from)).toEqual([minutesTo(stoppedAt, friday)]);
    expect({
      spent: formatUsd(result.spent),
      saved: formatUsd(microUsd(result.without - result.spent)),
      whole: formatUsd(result.without),
    }).toEqual({ spent, saved, whole });
    // The figures of its metrics are others there, and so is the name of the policy.
    const span = (reason = ''): string => reason.slice(0, reason.indexOf(': '));
    expect(span(events('stopped', 'ranker')[0]?.reason)).toBe(span(decision.reason));
    expect(span(decision.reason)).toBe('Idle from 18:00 UTC to 18:45 UTC');
  });

  it('is brought back by the command line as it was', { timeout: TEST_MS }, async () => {
    // Somebody wants it back, and uses it. On AWS it would be too young to be judged; see above.
    const use = { from: after(friday, 45), to: after(jobEnds, 70) };
    await putEndpointUse(stage.clients, 'ranker', SERVING, use.from, use.to);
    const ran = await acts.bursar(['restore', 'ranker', '--reason', 'a demo on Saturday']);
    console.info(`$ bursar restore ranker --reason "a demo on Saturday"\n${ran.out}`);
    expect(ran).toMatchObject({ code: 0, err: '' });
    const [first] = await taken(stage, RANKER, 'restore');
    expect(first?.decision.reason).toContain('a demo on Saturday');
    // Its scaling can be put back once it is in service: the next sweep does.
    expect((await stage.ledger.restoreRecord(RANKER))?.state).toBe('restoring');
    await acts.sweepAt(after(friday, 50));
    expect((await stage.ledger.restoreRecord(RANKER))?.state).toBe('restored');
    expect(await endpointAsItIs(stage, 'ranker')).toEqual(before);
  });

  it('is left as it is where it is asked for once more', { timeout: TEST_MS }, async () => {
    const answer = await stage.request(
      {
        ask: 'restore',
        what: { arns: [RANKER] },
        by: { via: 'cli', id: 'arn:aws:iam::111122223333:user/ana', name: 'ana' },
        id: 'once-more',
      },
      WishAnswerSchema,
    );
    expect(answer.answered).toMatchObject([{ status: 'nothing-to-do', text: 'It was restored before.' }]);
    await stage.quiet();
    expect(await endpointAsItIs(stage, 'ranker')).toEqual(before);
  });
});

describe('scenario 3: training, CPU 2 % and GPU 95 %', () => {
  const stateOf = async (id: string): Promise<string | undefined> => (await acts.states()).get(id);

  it('is neither stopped nor warned of, in any sweep of eight hours', { timeout: 2 * TEST_MS }, async () => {
    for (let at = after(friday, 60); at < jobEnds; at = after(at, 60)) {
      await acts.sweepAt(at);
      await stage.fireDue();
    }
    await acts.sweepAt(jobEnds);
    for (const id of [trainer, disturbed]) {
      expect(await acts.outcomes(arnOfInstance(id))).toEqual([]);
      expect(await stateOf(id)).toBe('running');
    }
  });

  it('that ended at 02:10 is warned of at 02:30, and not at 02:29', { timeout: TEST_MS }, async () => {
    expect(jobEnds.toISOString()).toContain('T02:10');
    await acts.sweepAt(after(jobEnds, 19));
    expect(await acts.outcomes(arnOfInstance(trainer))).toEqual([]);
    const told = await postedDuring(stage, () => acts.sweepAt(after(jobEnds, 20)));
    expect(await acts.outcomes(arnOfInstance(trainer))).toEqual(['taken warn']);
    expect(theOnly(await taken(stage, arnOfInstance(trainer), 'warn')).decision.stopAt).toEqual(
      after(jobEnds, 30),
    );
    expect(textOf(theOnly(told))).toContain('02:40 UTC');
  });

  it('is stopped at 02:40 by its schedule; a busy sample at 02:39 starts the clock again', {
    timeout: TEST_MS,
  }, async () => {
    await acts.sweepAt(after(jobEnds, 29));
    expect(await stateOf(trainer)).toBe('running');
    await stage.advanceTo(after(jobEnds, 30));
    expect(await stage.fireDue()).toBe(1);
    const { at } = theOnly(await taken(stage, arnOfInstance(trainer), 'stop'));
    console.info(`Training that ended at 02:10 was stopped at ${at.toISOString()}.`);
    expect(isWithinTheMinute(at, after(jobEnds, 30))).toBe(true);
    expect(await stateOf(trainer)).toMatch(/stop/);
    expect(await stateOf(disturbed)).toBe('running');
    expect(await acts.outcomes(arnOfInstance(disturbed))).toEqual(['taken warn']);
  });

  it('that was busy at 02:39 is warned of anew at 03:00 and stopped at 03:10', {
    timeout: TEST_MS,
  }, async () => {
    await acts.sweepAt(after(jobEnds, 49));
    expect(await acts.outcomes(arnOfInstance(disturbed))).toEqual(['taken warn']);
    await acts.sweepAt(after(jobEnds, 50));
    expect(await acts.outcomes(arnOfInstance(disturbed))).toEqual(['taken warn', 'taken warn']);
    await stage.advanceTo(after(jobEnds, 60));
    expect(await stage.fireDue()).toBe(1);
    const { at } = theOnly(await taken(stage, arnOfInstance(disturbed), 'stop'));
    console.info(`Training that was busy at 02:39 was stopped at ${at.toISOString()}.`);
    expect(isWithinTheMinute(at, after(jobEnds, 60))).toBe(true);
    expect(await stateOf(disturbed)).toMatch(/stop/);
  });

  it('without its GPU metric is told of once a day and never stopped', { timeout: TEST_MS }, async () => {
    expect(await stateOf(blind)).toBe('running');
    expect(await acts.outcomes(arnOfInstance(blind))).toEqual(['taken notify', 'taken notify']);
    const told = stage.slack.messages().map(textOf);
    const about = told.filter((text) => text.includes(blind));
    expect(about).toHaveLength(2);
    expect(about[0]).toContain('No metric shows the use of its accelerator (p3.8xlarge).');
  });

  it('comes to what a simulation of it comes to', { timeout: TEST_MS }, async () => {
    const { result, course, minutes, events } = await simulated('03-training.yaml');
    const ends = new Date(result.from.getTime() + TRAINING_MS);
    const done = async (id: string, action: 'warn' | 'stop') =>
      (await taken(stage, arnOfInstance(id), action)).map(({ at }) => minutesTo(at, jobEnds));
    for (const [id, inMemory] of [
      [trainer, 'finisher'],
      [disturbed, 'disturbed'],
    ] as const) {
      expect(minutes('warned', inMemory, ends)).toEqual(await done(id, 'warn'));
      expect(minutes('stopped', inMemory, ends)).toEqual(await done(id, 'stop'));
    }
    // In memory it trains all night; here the one that ends at 02:10 was not told of before either.
    expect(course('trainer')).toEqual([]);
    // Of another type there, and another number of days: each is told of once a day, in the same words.
    expect(new Set(course('blind'))).toEqual(new Set(['notified']));
    const [told] = await taken(stage, arnOfInstance(blind), 'notify');
    const words = (reason = ''): string => reason.replace(/ \(\S+\)\./, '.');
    expect(words(events('notified', 'blind')[0]?.reason)).toBe(words(told?.decision.reason));
  });

  it('the endpoint that is used again was left alone all night', { timeout: TEST_MS }, async () => {
    expect(await acts.outcomes(RANKER)).toEqual([
      'taken warn',
      'taken stop',
      'taken restore',
      'taken restore',
    ]);
  });
});

scheduledDay(() => stage);
