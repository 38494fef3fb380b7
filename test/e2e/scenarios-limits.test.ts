import { fileURLToPath } from 'node:url';
import {
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import { CreateDBInstanceCommand, DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { arnOf } from '../../lib/fleet/arn.ts';
import { StateAnswerSchema, WishAnswerSchema } from '../../lib/people/answer.ts';
import type { Person } from '../../lib/people/request.ts';
import { ACCOUNT, REGION } from '../../lib/sandbox/local-aws.ts';
import { LISTED_PRICES } from '../../lib/sandbox/pricing-stub.ts';
import { BUSY, IDLE, putSeries } from '../../lib/sandbox/seed.ts';
import { buildStage, messagesIn, type Stage } from '../../lib/sandbox/stage.ts';
import { readPolicy } from '../../lib/stacks/policy-asset.ts';
import {
  costOver,
  formatUsd,
  microUsd,
  parseUsd,
  sumUsd,
  type Usd,
  usdToDecimal,
} from '../../lib/types/money.ts';
import { simulated } from './as-simulated.ts';
import {
  type Acts,
  actsOn,
  after,
  arnOfInstance,
  HOUR_MS,
  nextWhole,
  pauseRegularSweeps,
  withDaysAhead,
} from './on-stage.ts';

/*
 * Limits and faults on the deployed product, each scenario with a fleet of its own. What MiniStack does otherwise than
 * AWS is said where it matters; lib/sandbox/ec2-front.ts stands before its EC2 and refuses what AWS refuses.
 */
const POLICY = fileURLToPath(new URL('limits.yaml', import.meta.url));
const policy = readPolicy(POLICY);
const TEST_MS = 90_000;
/** A second region, in which the stack is not. */
const ELSEWHERE = 'eu-west-1';
const OPERATOR: Person = { via: 'cli', id: `arn:aws:iam::${ACCOUNT}:user/olga`, name: 'olga' };

let stage: Stage;
let acts: Acts;

beforeAll(async () => {
  stage = await buildStage({ policyFile: POLICY, ageHours: 26 });
  acts = actsOn(stage, policy);
  await pauseRegularSweeps();
  await withDaysAhead(stage, 5);
}, 180_000);
afterAll(() => stage?.stop());

/** Figures that were computed, for whoever reads the run. */
const say = (line: string): void => console.info(`      ${line}`);

const dev = (project: string) => ({ project, environment: 'dev' });

function priceOf(type: string): Usd {
  const price = parseUsd(LISTED_PRICES[type] ?? '');
  if (price === undefined) throw new Error(`${type} has no price`);
  return price;
}

/** What people were asked to look at first in a project, oldest first. */
const holds = async (project: string | undefined, since?: Date) =>
  (await stage.ledger.audit({ project }, since)).flatMap(({ event, decision }) =>
    event === 'taken' && decision.action === 'hold' ? [decision] : [],
  );

const spent = (actual: Usd, forecasted: Usd = actual) => ({
  actual: usdToDecimal(actual),
  forecasted: usdToDecimal(forecasted),
});

const restore = (arn: string, id: string) =>
  stage.request({ ask: 'restore', what: { arns: [arn] }, by: OPERATOR, id }, WishAnswerSchema);

// Scenario 2 with the alert of AWS Budgets alone; that of the meter is in live-spend.test.ts.
describe('a hidden region and a late billing alert: four p3.8xlarge, a budget of $1,000', () => {
  const hourly = sumUsd(Array.from({ length: 4 }, () => priceOf('p3.8xlarge')));
  const budget = policy.projects['late-12h']?.budget ?? microUsd(0n);
  const crossedMs = Math.round((Number(budget) / Number(hourly)) * HOUR_MS);
  const fleets = new Map<string, readonly string[]>();
  let bystander: readonly string[];
  let begun: Date;

  beforeAll(async () => {
    for (const project of ['late-12h', 'late-24h']) {
      const launched = { tags: dev(project), type: 'p3.8xlarge', count: 4, region: ELSEWHERE } as const;
      fleets.set(project, await acts.launch(launched));
    }
    bystander = await acts.launch({ tags: dev('recsys'), region: ELSEWHERE });
    begun = stage.now();
  });
  afterAll(() => acts.clear());

  it('costs $48.96 an hour, and is over after 20 h 25 m', () => {
    expect(formatUsd(hourly)).toBe('$48.96');
    const minutes = Math.floor(crossedMs / 60_000);
    expect(`${Math.floor(minutes / 60)} h ${minutes % 60} m`).toBe('20 h 25 m');
    say(`${formatUsd(hourly)}/h, ${formatUsd(budget)} crossed after 20 h 25 m`);
  });

  it.each([
    { project: 'late-12h', hours: 12, overrun: '$587.52' },
    { project: 'late-24h', hours: 24, overrun: '$1,175.04' },
  ])(
    'the alert that comes $hours h late overruns by $overrun, and stops all four where they are',
    {
      timeout: TEST_MS,
    },
    async ({ project, hours, overrun }) => {
      const ids = fleets.get(project) ?? [];
      const lateMs = hours * HOUR_MS;
      const alertAt = new Date(begun.getTime() + crossedMs + lateMs);
      await acts.goTo(alertAt);
      const actual = costOver(hourly, crossedMs + lateMs);
      await stage.setSpend({ [project]: spent(actual) });
      expect(await acts.counted(ids, ELSEWHERE)).toEqual({ running: 4 });

      const started = Date.now();
      const told = await acts.alert(project, 'ACTUAL', formatUsd(actual));
      const took = Date.now() - started;

      expect(await acts.counted(ids, ELSEWHERE)).toEqual({ stopped: 4 });
      expect(formatUsd(microUsd(actual - budget))).toBe(overrun);
      const [first = ''] = ids;
      const stoppedAt = await acts.stoppedAt(arnOfInstance(first, ELSEWHERE));
      const late = (stoppedAt?.getTime() ?? 0) - alertAt.getTime();
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(60_000);
      const costOfStop = formatUsd(costOver(hourly, late));
      say(
        `${hours} h late: ${formatUsd(actual)} spent, ${overrun} over; stopped ${(took / 1000).toFixed(1)} s after the alert (${costOfStop})`,
      );
      expect(told.filter((text) => ids.every((id) => text.includes(id)))).toHaveLength(1);
      expect(await acts.counted(bystander, ELSEWHERE)).toEqual({ running: 1 });
    },
  );

  it('comes to what a simulation of it comes to', async () => {
    const { result, scenario, events } = await simulated('02b-hidden-region-late-bill.yaml');
    expect(events('stopped')).toHaveLength(4);
    const [vision] = result.projects.filter(({ project }) => project === 'vision');
    const last = vision?.points.at(-1);
    const over = microUsd((last?.billed ?? 0n) + (last?.estimated ?? 0n) - (vision?.limit ?? 0n));
    expect(formatUsd(over)).toBe('$587.52');
    const [begun] = scenario.resources;
    const crossedAt = (begun?.since.getTime() ?? 0) + crossedMs;
    for (const { at } of events('stopped')) {
      expect(Math.abs(at.getTime() - crossedAt - 12 * HOUR_MS)).toBeLessThan(1_000);
    }
  });
});

describe('the billing bug: $183,965,812,157.54 for a fleet of $40 an hour', () => {
  const BUG = '183965812157.54';
  const FLEET = [
    { type: 'p3.8xlarge', count: 3 },
    { type: 'c5.4xlarge', count: 2 },
    { type: 'm5.xlarge', count: 10 },
  ] as const;
  let ids: readonly string[];

  beforeAll(async () => {
    ids = (
      await Promise.all(FLEET.map(({ type, count }) => acts.launch({ tags: dev('fraud'), type, count })))
    ).flat();
  });
  afterAll(() => acts.clear());

  it.each([
    { of: 'forecasted', type: 'FORECASTED', spend: { actual: '8000', forecasted: BUG } },
    { of: 'actual', type: 'ACTUAL', spend: { actual: BUG, forecasted: BUG } },
  ] as const)(
    'as $of spend: nothing is stopped, and one alert holds it for a human',
    {
      timeout: TEST_MS,
    },
    async ({ type, spend }) => {
      const hourly = sumUsd(
        FLEET.flatMap((one) => Array.from({ length: one.count }, () => priceOf(one.type))),
      );
      expect(formatUsd(hourly)).toBe('$40.00');
      await stage.setSpend({ fraud: spend });
      // SNS may deliver twice.
      const told = await acts.alert(['fraud', 'fraud'], type, '$183,965,812,157.54');
      expect(await acts.counted(ids)).toEqual({ running: 15 });
      expect(told).toHaveLength(1);
      expect(told[0]).toContain('Budget of fraud reports an implausible amount: nothing was stopped');
      expect(told[0]).toContain('$183,965,812,157.54');
      expect(told[0]).toContain('$40.00 an hour');
      say(`${formatUsd(hourly)}/h cannot explain $183,965,812,157.54 (${type}): ${ids.length} of 15 run on`);
    },
  );

  it('the sweep that reviews all budgets stops nothing either', { timeout: TEST_MS }, async () => {
    const told = await acts.slackDuring(() => acts.sweepAt(nextWhole(stage.now(), 60)));
    expect(await acts.counted(ids)).toEqual({ running: 15 });
    expect(told.filter((text) => text.includes('stopped: over budget'))).toEqual([]);
    await stage.setSpend({});
  });

  it('comes to what a simulation of it comes to', async () => {
    const { events, result } = await simulated('06-billing-bug.yaml');
    expect(formatUsd(sumUsd(result.resources.map(({ hourly }) => hourly ?? microUsd(0n))))).toBe('$40.00');
    expect([...events('stopped'), ...events('frozen')]).toEqual([]);
    const held = await holds('fraud');
    // Once for each of the two figures; the instances of the fleet are others there.
    expect(held).toHaveLength(2);
    expect(events('held').map(({ cause }) => cause)).toEqual(held.map(({ cause }) => cause));
    const words = ({ reason }: { readonly reason: string }): string => reason.replaceAll('fraud', 'recsys');
    expect(events('held').map(words)).toEqual(held.map(words));
  });
});

describe('a fleet of 20', () => {
  let ids: readonly string[];
  let hour: Date;
  let heldAt: string;

  beforeAll(async () => {
    ids = await acts.launch({ tags: dev('recsys'), count: 20 });
    hour = nextWhole(stage.now(), 60);
    await acts.use(ids, BUSY, after(hour, -60), hour);
  });
  afterAll(() => acts.clear());

  it('CloudWatch returns no data for any of it: nothing is stopped, and one alert says why', {
    timeout: TEST_MS,
  }, async () => {
    const told = await acts.slackDuring(async () => {
      await acts.sweepAt(after(hour, 40));
      await acts.sweepAt(after(hour, 45));
    });
    expect(await acts.counted(ids)).toEqual({ running: 20 });
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('CloudWatch returns no metrics: nothing is stopped for idleness');
    expect(told[0]).toContain('no data for any of the 20 resources judged in us-east-1');
    // In memory its metrics come back, and what was idle is then stopped; until then nothing is.
    const { events, result } = await simulated('07a-metrics-outage.yaml');
    const [hold, ...others] = events('held');
    expect(others).toEqual([]);
    expect(events('stopped').every(({ at }) => at >= after(result.from, 60))).toBe(true);
    const silent = (await holds(undefined, hour)).filter(({ cause }) => cause === hold?.cause);
    expect(silent.map(({ reason }) => reason)).toEqual([hold?.reason]);
  });

  it('60 % turns idle in one sweep: the limit holds the rest back and asks', {
    timeout: TEST_MS,
  }, async () => {
    const idle = ids.slice(0, 12);
    expect(idle.length / ids.length).toBe(0.6);
    await acts.use(idle, IDLE, after(hour, 45), after(hour, 180));
    await acts.use(ids.slice(12), BUSY, after(hour, 45), after(hour, 180));
    const told = await acts.slackDuring(() => acts.sweepAt(after(hour, 80)));
    // 30 % of 20.
    expect(await acts.counted(ids)).toEqual({ running: 14, stopped: 6 });
    const hold = told.filter((text) => text.includes('held back'));
    expect(hold).toHaveLength(1);
    expect(hold[0]).toContain(
      '12 of 20 running resources are due to be stopped; the limits allow 6 a sweep ' +
        '(maxStopsPerSweep 50, maxFleetShare 30%). 6 are held back, together $1.15 an hour.',
    );
    const { state } = await stage.request({ ask: 'state' }, StateAnswerSchema);
    expect(state.held).toHaveLength(1);
    heldAt = state.held[0] ?? '';
    expect(hold[0]).toContain(heldAt);
    say('60 % of 20 idle: 12 due, 6 stopped, 6 held back');
    // In memory 60 of 100, of which 30 % may be stopped, and no more than 25 a sweep.
    const memory = await simulated('07b-blast-radius.yaml');
    const { maxStopsPerSweep, maxFleetShare } = memory.scenario.policy.limits;
    expect(memory.events('stopped')).toHaveLength(Math.min(maxStopsPerSweep, maxFleetShare));
    const [held, ...others] = memory.events('held');
    expect(others).toEqual([]);
    const words = (reason = ''): string => reason.replace(/\d+(\.\d+)?/g, 'N');
    const here = (await holds(undefined, hour)).filter(({ cause }) => cause === held?.cause);
    expect(here.map(({ reason }) => words(reason))).toEqual([words(held?.reason)]);
  });

  it('the next sweep does not go on, and asks nobody again', { timeout: TEST_MS }, async () => {
    const told = await acts.slackDuring(() => acts.sweepAt(after(hour, 85)));
    expect(await acts.counted(ids)).toEqual({ running: 14, stopped: 6 });
    expect(told).toEqual([]);
  });

  it('what an operator releases stops at once, and what is busy does not', {
    timeout: TEST_MS,
  }, async () => {
    const release = () =>
      stage.request({ ask: 'release', heldAt, by: OPERATOR, id: 'release-1' }, WishAnswerSchema);
    expect((await release()).answered).toMatchObject([{ status: 'done' }]);
    await stage.advance(60);
    expect(await stage.fireDue()).toBeGreaterThan(0);
    await expect
      .poll(() => acts.counted(ids), { timeout: 20_000, interval: 250 })
      .toEqual({ running: 8, stopped: 12 });
    await stage.quiet();
    expect((await stage.request({ ask: 'state' }, StateAnswerSchema)).state.held).toEqual([]);
  });
});

describe('a bad id among good ones: 50 idle instances, 30 % of a fleet of 170', () => {
  const [SPOT, GUARDED, GONE] = [7, 23, 41];
  let ids: readonly string[];
  let spot: string;
  let guarded: string;
  let gone: string;

  /** 50 that turn idle, 120 of production. @returns when they are due */
  async function arrange(): Promise<Date> {
    await acts.launch({ tags: { project: 'vision', environment: 'prod' }, count: 120 });
    ids = await acts.launch({ tags: dev('vision'), count: 50 });
    [spot = '', guarded = '', gone = ''] = [SPOT, GUARDED, GONE].map((n) => ids[n]);
    const since = nextWhole(stage.now(), 5);
    await acts.use(ids, BUSY, after(since, -30), since);
    await acts.use(ids, IDLE, since, after(since, 45));
    return after(since, 30);
  }

  const outcome = async (id: string) => (await acts.outcomes(arnOfInstance(id))).at(-1);

  afterEach(() => acts.clear());

  it('47 stop; the Spot one and the protected one are seen before the stop, and one is gone at it', {
    timeout: TEST_MS,
  }, async () => {
    const due = await arrange();
    await acts.faults({
      instances: {
        [spot]: { fault: 'one-time-spot' },
        [guarded]: { fault: 'stop-protected' },
        [gone]: { fault: 'gone' },
      },
    });
    let exempt: readonly string[] = [];
    const told = await acts.slackDuring(async () => {
      const { decisions, leftAlone } = await acts.sweepAt(due);
      expect(decisions).toEqual({ stop: 48 });
      exempt = [spot, guarded].map((id) => {
        const found = leftAlone.find(({ arn }) => arn === arnOfInstance(id));
        return `${found?.verdict}: ${found?.why}`;
      });
    });
    expect(await acts.counted(ids)).toEqual({ stopped: 47, running: 3 });
    expect(exempt).toEqual([
      'exempt: It is a Spot instance that cannot be stopped, only ended for good. Policy development does not say allow: [terminate-spot].',
      'exempt: Its stop protection (disableApiStop) is on.',
    ]);
    expect(await outcome(gone)).toBe('skipped Gone: It no longer exists.');
    expect(told.filter((text) => text.includes(gone))).toHaveLength(1);
    expect(told.find((text) => text.includes(gone))).toContain('It no longer exists.');
    // In memory it goes the same way, each with the same reason.
    const { events, leftAlone } = await simulated('08-bad-id.yaml');
    expect(events('stopped')).toHaveLength(47);
    expect([leftAlone('spot'), leftAlone('protected')]).toEqual(exempt);
    expect(events('skipped', 'vanishing').map(({ code, reason }) => `skipped ${code}: ${reason}`)).toEqual([
      await outcome(gone),
    ]);
    // The command line tells of those two for as long as they are so.
    const { out } = await acts.bursar(['audit', '--resource', guarded]);
    expect(out).toContain('Its stop protection (disableApiStop) is on.');
    say(`47 of 50 stopped; ${spot}, ${guarded}: exempt, ${gone}: gone`);
  });

  it('47 stop and 3 are told of, where all three became so between the look and the stop, and EC2 throttles', {
    timeout: TEST_MS,
  }, async () => {
    const due = await arrange();
    await acts.faults({
      instances: {
        [spot]: { fault: 'one-time-spot', shown: false },
        [guarded]: { fault: 'stop-protected', shown: false },
        [gone]: { fault: 'gone', shown: false },
      },
      throttle: { StopInstances: 2 },
    });
    const told = await acts.slackDuring(async () => {
      expect((await acts.sweepAt(due)).decisions).toEqual({ stop: 50 });
    });
    expect(await acts.counted(ids)).toEqual({ stopped: 47, running: 3 });
    expect(await Promise.all([spot, guarded, gone].map(outcome))).toEqual([
      expect.stringMatching(/^failed UnsupportedOperation: You can't stop the Spot Instance/),
      expect.stringMatching(/^failed OperationNotPermitted: Stop protection is on: /),
      'skipped Gone: It no longer exists.',
    ]);
    for (const [id, why] of [
      [spot, 'one-time Spot Instance request'],
      [guarded, 'Stop protection is on'],
      [gone, 'It no longer exists.'],
    ] as const) {
      const about = told.filter((text) => text.includes(id));
      expect(about).toHaveLength(1);
      expect(about[0]).toContain(why);
    }
    // A lasting refusal is remembered for the day: no sweep runs into it again.
    const again = await acts.slackDuring(async () => {
      const { decisions, leftAlone } = await acts.sweepAt(after(due, 5));
      expect(decisions).toEqual({ stop: 1 });
      expect(leftAlone.filter(({ verdict }) => verdict === 'refused')).toHaveLength(2);
    });
    expect(again.filter((text) => [spot, guarded].some((id) => text.includes(id)))).toEqual([]);
    expect(await messagesIn(stage.sqs, stage.outputs.CommandsDeadLettersUrl)).toBe(0);
  });
});

describe('a budget with a grace period of 30 min', () => {
  let over: readonly string[];
  let kept: string;
  let fell: readonly string[];
  let stopAt: Date;
  const demo = (project: string) => ({ project, environment: 'demo' });

  beforeAll(async () => {
    over = await acts.launch({ tags: demo('demo-over'), count: 2 });
    [kept = ''] = await acts.launch({ tags: demo('demo-over') });
    fell = await acts.launch({ tags: demo('demo-fell') });
  });
  afterAll(() => acts.clear());

  it('the alert warns with the minute, and stops nothing yet', { timeout: TEST_MS }, async () => {
    await stage.setSpend({
      'demo-over': { actual: '1010', forecasted: '1010' },
      'demo-fell': { actual: '1000', forecasted: '1000' },
    });
    const before = stage.now();
    const told = await acts.alert(['demo-over', 'demo-fell'], 'ACTUAL', '$1,010.00');
    expect(await acts.counted([...over, kept, ...fell])).toEqual({ running: 4 });
    const { state } = await stage.request({ ask: 'state' }, StateAnswerSchema);
    const of = (name: string) => state.projects.find(({ project }) => project === name)?.reached[0];
    stopAt = new Date(of('demo-over')?.stopAt ?? 0);
    const ahead = stopAt.getTime() - before.getTime();
    expect(ahead).toBeGreaterThanOrEqual(30 * 60_000);
    expect(ahead).toBeLessThan(32 * 60_000);
    const minute = `will be stopped at ${stopAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    expect(told.filter((text) => text.includes(minute) && text.includes('demo-over'))).toHaveLength(1);
    expect(told.filter((text) => text.includes('demo-fell') && text.includes('over budget'))).toHaveLength(1);
    // One-time schedules follow the machine's clock, so they are a second or so off the Lambdas' minute.
    const offset = (await stage.schedules()).map(({ at }) => Math.abs(at.getTime() - stopAt.getTime()));
    expect(Math.min(...offset)).toBeLessThan(2_000);
  });

  it('a sweep before the minute stops nothing', { timeout: TEST_MS }, async () => {
    const { answered } = await stage.request(
      { ask: 'keep', arns: [arnOfInstance(kept)], term: { seconds: 7_200 }, by: OPERATOR, id: 'keep-1' },
      WishAnswerSchema,
    );
    expect(answered).toMatchObject([{ status: 'done' }]);
    await acts.sweepAt(after(stopAt, -2));
    expect(await acts.counted([...over, kept, ...fell])).toEqual({ running: 4 });
  });

  it('stops at the minute by its own schedule: not what is kept, nor the project whose spend fell', {
    timeout: TEST_MS,
  }, async () => {
    await stage.setSpend({
      'demo-over': { actual: '1010', forecasted: '1010' },
      'demo-fell': { actual: '999.99', forecasted: '1000' },
    });
    await acts.goTo(after(stopAt, 0.05));
    expect(await stage.fireDue()).toBeGreaterThan(0);
    await expect.poll(() => acts.counted(over), { timeout: 20_000, interval: 250 }).toEqual({ stopped: 2 });
    await stage.quiet();
    expect(await acts.counted([kept, ...fell])).toEqual({ running: 2 });
    const [first = ''] = over;
    const stoppedAt = await acts.stoppedAt(arnOfInstance(first));
    const late = (stoppedAt?.getTime() ?? 0) - stopAt.getTime();
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(60_000);
    say(`stopped ${(late / 1000).toFixed(0)} s after the announced minute`);
    // And the sweeps that follow leave it so.
    await acts.sweepAt(after(stopAt, 5));
    expect(await acts.counted([...over, kept, ...fell])).toEqual({ stopped: 2, running: 2 });
    await stage.setSpend({});
  });
});

// MiniStack's groups change their members at once, where AWS takes minutes; the members are no instances of its EC2,
// and it does not tell their type. So the group is unpriced, and the most careful limit of CPU counts (half a core of
// the largest instance there is).
describe('an Auto Scaling group', () => {
  const groupOf = async (name: string) => {
    const { AutoScalingGroups: [found] = [] } = await stage.clients.groups.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
    );
    return found;
  };
  const sizes = async (name: string) => {
    const found = await groupOf(name);
    return [found?.MinSize, found?.DesiredCapacity, found?.MaxSize, found?.Instances?.length ?? 0];
  };

  async function create(name: string, environment: string): Promise<void> {
    const tag = { ResourceId: name, ResourceType: 'auto-scaling-group', PropagateAtLaunch: true };
    await stage.clients.groups.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: name,
        LaunchConfigurationName: 'worker',
        MinSize: 1,
        DesiredCapacity: 3,
        MaxSize: 5,
        AvailabilityZones: [`${REGION}a`],
        Tags: [
          { ...tag, Key: 'project', Value: 'training' },
          { ...tag, Key: 'environment', Value: environment },
        ],
      }),
    );
  }

  it('that is idle is scaled to zero where its policy allows it, and gets its sizes back', {
    timeout: TEST_MS,
  }, async () => {
    await stage.clients.groups.send(
      new CreateLaunchConfigurationCommand({
        LaunchConfigurationName: 'worker',
        ImageId: 'ami-0abcdef1234567890',
        InstanceType: 'm5.xlarge',
      }),
    );
    await create('train-workers', 'workers');
    await create('web-workers', 'dev');
    const since = nextWhole(stage.now(), 5);
    for (const name of ['train-workers', 'web-workers']) {
      for (const [metric, value] of [
        ['CPUUtilization', 0.1],
        ['NetworkIn', 50_000],
        ['NetworkOut', 50_000],
      ] as const) {
        const dimensions = { AutoScalingGroupName: name };
        const window = { from: after(since, -10), to: after(since, 60) };
        await putSeries(stage.clients, { namespace: 'AWS/EC2', metric, dimensions, ...window, value });
      }
    }
    const { leftAlone } = await acts.sweepAt(after(since, 30));
    expect(await sizes('train-workers')).toEqual([0, 0, 5, 0]);
    expect(await sizes('web-workers')).toEqual([1, 3, 5, 3]);
    expect(leftAlone.find(({ arn }) => arn.endsWith('/web-workers'))?.why).toBe(
      'It could only be scaled to zero. Policy development does not say allow: [scale-to-zero].',
    );

    const first = await acts.bursar(['restore', 'train-workers', '--reason', 'the next epoch']);
    expect(first.err).toBe('');
    expect(first.out).toContain('Scaled up again: min 1, desired 3, max 5.');
    expect(first.code).toBe(0);
    expect(await sizes('train-workers')).toEqual([1, 3, 5, 3]);
    const arn = (await groupOf('train-workers'))?.AutoScalingGroupARN ?? '';
    const second = await acts.bursar(['restore', arn]);
    expect(second.out).toContain('It was restored before.');
    expect(second.code).toBe(0);
  });
});

// MiniStack stops and starts a database at once and in any state, where AWS takes minutes and refuses.
it('an RDS instance over its budget is stopped, and comes back when asked', {
  timeout: TEST_MS,
}, async () => {
  const id = 'feature-store';
  const arn = arnOf('rds', REGION, ACCOUNT, `db:${id}`);
  const status = async () =>
    (await stage.clients.rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id })))
      .DBInstances?.[0]?.DBInstanceStatus;
  await stage.clients.rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: id,
      DBInstanceClass: 'db.m5.large',
      Engine: 'postgres',
      MasterUsername: 'root',
      MasterUserPassword: 'not-a-secret',
      AllocatedStorage: 20,
      Tags: Object.entries(dev('features')).map(([Key, Value]) => ({ Key, Value })),
    }),
  );
  await stage.setSpend({ features: { actual: '520', forecasted: '600' } });
  const told = await acts.alert('features', 'ACTUAL', '$520.00');
  expect(await status()).toBe('stopped');
  const stop = told.find((text) => text.includes(id));
  expect(stop).toContain('db.m5.large postgres · $0.17/h');
  expect(await acts.outcomes(arn)).toEqual(['taken stop']);

  expect((await restore(arn, 'restore-db')).answered).toMatchObject([{ status: 'asked' }]);
  await stage.quiet();
  expect(await status()).toBe('available');
  expect(await acts.outcomes(arn)).toEqual(['taken stop', 'taken restore']);
  expect((await restore(arn, 'restore-db-again')).answered).toMatchObject([
    { status: 'nothing-to-do', text: 'It was restored before.' },
  ]);
  // Over budget still, and started by somebody: a budget is enforced once a month.
  await acts.alert('features', 'ACTUAL', '$520.00');
  expect(await status()).toBe('available');
  await stage.setSpend({});
});

// The last scenario: it turns the month.
describe('restore: next-period', () => {
  it('what its budget stopped comes back in the first sweep of the next month, where the policy says so', {
    timeout: TEST_MS,
  }, async () => {
    const jobs = await acts.launch({ tags: { project: 'nightly', environment: 'jobs' }, count: 2 });
    const byHand = await acts.launch({ tags: dev('nightly') });
    await stage.setSpend({ nightly: { actual: '510', forecasted: '700' } });
    await acts.alert('nightly', 'ACTUAL', '$510.00');
    expect(await acts.counted([...jobs, ...byHand])).toEqual({ stopped: 3 });

    const now = stage.now();
    const turn = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1));
    await acts.sweepAt(after(turn, -4));
    expect(await acts.counted([...jobs, ...byHand])).toEqual({ stopped: 3 });

    await stage.setSpend({});
    const told = await acts.slackDuring(() => acts.sweepAt(after(turn, 1)));
    expect(await acts.counted(jobs)).toEqual({ running: 2 });
    expect(await acts.counted(byHand)).toEqual({ stopped: 1 });
    expect(told.filter((text) => jobs.every((id) => text.includes(id)))).toHaveLength(1);
    expect(told.find((text) => jobs.every((id) => text.includes(id)))).toContain('A new month has begun.');

    // Once: whoever stops one by hand has decided so.
    await acts.sweepAt(after(turn, 6));
    for (const id of jobs) {
      expect(await acts.outcomes(arnOfInstance(id))).toEqual(['taken stop', 'taken restore']);
    }
  });
});
