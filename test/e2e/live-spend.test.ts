import { fileURLToPath } from 'node:url';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateRoleCommand, IAMClient, ListAttachedRolePoliciesCommand } from '@aws-sdk/client-iam';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SweepAnswerSchema } from '../../lib/cli/sweep-answer.ts';
import { setBilled } from '../../lib/sandbox/billing.ts';
import { creationEvent } from '../../lib/sandbox/creation-event.ts';
import { ACCOUNT, REGION } from '../../lib/sandbox/local-aws.ts';
import { LISTED_PRICES } from '../../lib/sandbox/pricing-stub.ts';
import { buildStage, type Stage } from '../../lib/sandbox/stage.ts';
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
import { taken } from './looks.ts';
import {
  type Acts,
  actsOn,
  after,
  arnOfInstance,
  HOUR_MS,
  MINUTE_MS,
  pauseRegularSweeps,
  withDaysAhead,
} from './on-stage.ts';

/*
 * Live spend and launches on the deployed product. MiniStack tells EventBridge nothing of its instances: the front of its
 * EC2 does (lib/sandbox/ec2-front.ts), with the time of the Lambdas' clock. It dates launches by the machine's clock,
 * which is behind that of the Lambdas, so that what is launched now has run for some hours already.
 */
const POLICY = fileURLToPath(new URL('live-spend.yaml', import.meta.url));
const policy = readPolicy(POLICY);
const TEST_MS = 120_000;
/** A region in which the stack is not. */
const ELSEWHERE = 'eu-west-1';
const SWEEP_MS = 5 * MINUTE_MS;

let stage: Stage;
let acts: Acts;

beforeAll(async () => {
  stage = await buildStage({ policyFile: POLICY, ageHours: 1 });
  acts = actsOn(stage, policy);
  await pauseRegularSweeps();
  await withDaysAhead(stage, 5);
}, 240_000);
afterAll(() => stage?.stop());
afterEach(() => acts?.clear());

/** Figures that were computed, for whoever reads the run. */
const say = (line: string): void => console.info(`      ${line}`);
const dev = (project: string) => ({ project, environment: 'dev' });
const usd = (text: string): Usd => parseUsd(text) ?? microUsd(0n);
const priceOf = (type: string): Usd => usd(LISTED_PRICES[type] ?? '');

async function launchTime(id: string, region = REGION): Promise<Date> {
  const { Reservations } = await acts
    .clientsOf(region)
    .ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  const at = Reservations?.[0]?.Instances?.[0]?.LaunchTime;
  if (at === undefined) throw new Error(`${id} has no launch time`);
  return at;
}

const spendOf = async (project: string) => {
  const swept = SweepAnswerSchema.parse(await stage.sweep({ dryRun: true }));
  const row = swept.spend?.find((one) => one.project === project);
  if (row === undefined) throw new Error(`nothing is known of the spend of ${project}`);
  return row;
};

const waitFor = async (what: string, done: () => Promise<boolean>, withinMs: number): Promise<number> => {
  const begun = Date.now();
  while (!(await done())) {
    if (Date.now() - begun > withinMs) throw new Error(`${what}: not within ${withinMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return Date.now() - begun;
};

describe('a hidden region: four p3.8xlarge, a budget of $1,000, the meter alone', () => {
  it(
    'the first sweep after the crossing finds it, and stops all four where they are',
    async () => {
      const hourly = sumUsd(Array.from({ length: 4 }, () => priceOf('p3.8xlarge')));
      expect(formatUsd(hourly)).toBe('$48.96');
      const ids = await acts.launch({ tags: dev('hidden'), type: 'p3.8xlarge', count: 4, region: ELSEWHERE });
      const bystander = await acts.launch({ tags: dev('vision'), region: ELSEWHERE });
      const [first = ''] = ids;
      const begun = await launchTime(first, ELSEWHERE);
      const crossesMs = Math.ceil((Number(usd('1000')) / Number(hourly)) * HOUR_MS);
      expect(Math.floor(crossesMs / MINUTE_MS)).toBe(20 * 60 + 25);
      const crossing = new Date(begun.getTime() + crossesMs);

      // As late as it can be: a sweep that is just too early, and the next one five minutes after it.
      const early = new Date(crossing.getTime() - 20_000);
      await acts.sweepAt(early);
      expect(await acts.counted(ids, ELSEWHERE)).toEqual({ running: 4 });
      const found = new Date(early.getTime() + SWEEP_MS);
      const told = await acts.slackDuring(() => acts.sweepAt(found));

      expect(await acts.counted(ids, ELSEWHERE)).toEqual({ stopped: 4 });
      expect(await acts.counted(bystander, ELSEWHERE)).toEqual({ running: 1 });
      const stops = await Promise.all(ids.map((id) => acts.stoppedAt(arnOfInstance(id, ELSEWHERE))));
      const last = Math.max(...stops.map((at) => at?.getTime() ?? Number.POSITIVE_INFINITY));
      const latency = last - found.getTime();
      expect(latency).toBeGreaterThanOrEqual(0);
      expect(latency).toBeLessThan(60_000);
      const spent = costOver(hourly, last - begun.getTime());
      const overrun = microUsd(spent - usd('1000'));
      const bound = costOver(hourly, SWEEP_MS + latency);
      expect(formatUsd(costOver(hourly, SWEEP_MS))).toBe('$4.08');
      expect(overrun).toBeGreaterThan(0n);
      expect(overrun).toBeLessThanOrEqual(bound);
      say(
        `${formatUsd(hourly)}/h in ${ELSEWHERE}, crossed after 20 h 25 m; stopped ${(latency / 1000).toFixed(1)} s after the sweep: ` +
          `${formatUsd(overrun)} over, at most $4.08 + ${formatUsd(costOver(hourly, latency))} of the stop`,
      );
      const alert = told.find((text) => ids.every((id) => text.includes(id)));
      expect(alert).toContain('has spent an estimated $1,0');
      expect(alert).toContain('beyond a limit by at most $4.08');

      // In memory its sweeps come at other seconds after the crossing.
      const { result, events } = await simulated('02-hidden-region.yaml');
      const crossedAt = new Date(result.from.getTime() + crossesMs);
      const stopped = events('stopped');
      expect(stopped).toHaveLength(ids.length);
      expect(formatUsd(sumUsd(result.resources.map((one) => one.hourly ?? microUsd(0n))))).toBe(
        formatUsd(hourly),
      );
      for (const { at } of stopped) {
        expect(at.getTime() - crossedAt.getTime()).toBeGreaterThan(0);
        expect(at.getTime() - crossedAt.getTime()).toBeLessThanOrEqual(SWEEP_MS);
      }
      expect(microUsd(result.spent - usd('1000'))).toBeLessThanOrEqual(costOver(hourly, SWEEP_MS));
      const [{ decision } = { decision: undefined }] = await taken(
        stage,
        arnOfInstance(first, ELSEWHERE),
        'stop',
      );
      const words = (reason = ''): string =>
        reason.replace(/\d[\d,.]*\d|\d/g, 'N').replace('hidden', 'vision');
      expect(words(decision?.reason)).toBe(words(stopped[0]?.reason));

      // What is asked again five minutes later is nothing new.
      const again = await acts.slackDuring(() => acts.sweepAt(new Date(found.getTime() + SWEEP_MS)));
      expect(again).toEqual([]);
    },
    TEST_MS,
  );
});

describe('a project over its limit for the day', () => {
  const role = 'fraud-developers';
  const iam = new IAMClient({});
  const attached = async (): Promise<readonly string[]> => {
    const { AttachedPolicies = [] } = await new IAMClient({}).send(
      new ListAttachedRolePoliciesCommand({ RoleName: role }),
    );
    return AttachedPolicies.flatMap(({ PolicyName: name }) => name ?? []);
  };

  it(
    'is frozen: its role may launch nothing, and a launch is undone within seconds, until it is unfrozen',
    async () => {
      await new IAMClient({}).send(
        new CreateRoleCommand({
          RoleName: role,
          AssumeRolePolicyDocument: JSON.stringify({ Statement: [] }),
        }),
      );
      // A p4d costs $21.96 an hour: the $60 of the day are gone after 2 h 45 m of it.
      const [heavy = ''] = await acts.launch({ tags: dev('fraud'), type: 'p4d.24xlarge' });
      await stage.quiet();
      const noon = new Date(
        `${new Date(stage.now().getTime() + 24 * HOUR_MS).toISOString().slice(0, 10)}T03:00:00Z`,
      );
      const told = await acts.slackDuring(() => acts.sweepAt(noon));
      expect(told.join('\n')).toContain('fraud is frozen until');
      expect(told.join('\n')).toContain('Role fraud-developers may launch nothing');
      expect(await attached()).toHaveLength(1);
      expect((await spendOf('fraud')).frozenUntil).toBe(
        new Date(
          `${new Date(noon.getTime() + 24 * HOUR_MS).toISOString().slice(0, 10)}T00:00:00Z`,
        ).toISOString(),
      );

      const before = Date.now();
      const [launched = ''] = await acts.launch({ tags: dev('fraud') });
      await waitFor(
        'the launch is undone',
        async () => (await acts.states()).get(launched) === 'stopped',
        10_000,
      );
      const took = Date.now() - before;
      expect(took).toBeLessThan(10_000);
      say(`launched in a frozen project: stopped after ${(took / 1000).toFixed(1)} s`);
      await stage.quiet();
      expect(await acts.outcomes(arnOfInstance(launched))).toContain('taken stop');
      const alert = stage.slack
        .messages()
        .map((message) => JSON.stringify(message))
        .find((text) => text.includes(launched));
      expect(alert).toContain('is frozen until');
      expect((await acts.states()).get(heavy)).toBe('stopped');

      const ran = await acts.bursar(['unfreeze', 'fraud', '--reason', 'the demo is today']);
      expect(ran).toMatchObject({ code: 0 });
      await stage.quiet();
      expect(await attached()).toEqual([]);
      const [freed = ''] = await acts.launch({ tags: dev('fraud') });
      await stage.quiet();
      await acts.sweepAt(after(stage.now(), 5));
      expect((await acts.states()).get(freed)).toBe('running');
    },
    TEST_MS,
  );

  afterAll(() => iam.destroy());
});

describe('launches', () => {
  it(
    'of a type, or at an hourly cost, that the project may not have are undone; what it may have runs',
    async () => {
      const [wrong = ''] = await acts.launch({ tags: dev('vision'), type: 'g5.xlarge' });
      await stage.quiet();
      const [fine = ''] = await acts.launch({ tags: dev('vision'), type: 'm5.2xlarge' });
      await stage.quiet();
      // A price that is slow to come counts for nothing at the launch: a sweep has it by then.
      await stage.sweep();
      await stage.quiet();
      // $0.384 run already: another $0.384 is over $0.50 an hour.
      const [dear = ''] = await acts.launch({ tags: dev('vision'), type: 'm5.2xlarge' });
      await stage.quiet();
      // The event of a launch may come after a moment in which all queues are empty.
      await expect
        .poll(
          async () => {
            const states = await acts.states();
            return [wrong, fine, dear].map((id) => states.get(id));
          },
          { timeout: 20_000, interval: 500 },
        )
        .toEqual(['stopped', 'running', 'stopped']);
    },
    TEST_MS,
  );

  it(
    'of what has no project: the creator is written on it, people are warned, and it is stopped at its minute',
    async () => {
      const [id = ''] = await acts.launch({ tags: {} });
      await stage.quiet();
      await stage.aws.events.put(creationEvent(id, 'ana@example.com', stage.now()));
      await waitFor(
        'the creator is written',
        async () => {
          const { Reservations } = await stage.clients.ec2.send(
            new DescribeInstancesCommand({ InstanceIds: [id] }),
          );
          const tags = Reservations?.[0]?.Instances?.[0]?.Tags ?? [];
          return tags.some(({ Key, Value }) => Key === 'bursar:creator' && Value === 'ana@example.com');
        },
        20_000,
      );
      const warned = await acts.slackDuring(() => acts.sweepAt(after(stage.now(), 5)));
      expect(warned.join('\n')).toContain('ana@example.com');
      const [{ at: stopAt } = { at: undefined }] = await stage.schedules();
      if (stopAt === undefined) throw new Error('no sweep was asked for at the minute of the stop');
      expect((await acts.states()).get(id)).toBe('running');
      await acts.sweepAt(after(stopAt, 1));
      expect((await acts.states()).get(id)).toBe('stopped');
    },
    TEST_MS,
  );
});

describe('what is billed', () => {
  it(
    'takes the place of what was estimated, and the sum of both goes on as before',
    async () => {
      await acts.launch({ tags: dev('billed'), type: 'm5.2xlarge' });
      await stage.quiet();
      await acts.sweepAt(after(stage.now(), 24 * 60));
      const before = await spendOf('billed');
      expect(before).toMatchObject({ billed: '0' });
      const today = stage.now().toISOString().slice(0, 10);
      const yesterday = new Date(stage.now().getTime() - 24 * HOUR_MS).toISOString().slice(0, 10);
      // A quarter of what the day before cost is billed by now.
      const part = microUsd(usd(before.estimated) / 4n);
      await setBilled(
        stage.aws.endpoints.budgets ?? '',
        {
          [yesterday]: { billed: { 'Amazon Elastic Compute Cloud - Compute': usdToDecimal(part) } },
          [today]: {},
        },
        { account: ACCOUNT },
      );
      const at = after(stage.now(), 24 * 60);
      await acts.sweepAt(at);
      const later = await spendOf('billed');
      expect(usd(later.billed)).toBe(part);
      const total = sumUsd([usd(later.billed), usd(later.estimated)]);
      const was = sumUsd([usd(before.billed), usd(before.estimated)]);
      const gone = costOver(priceOf('m5.2xlarge'), Date.parse(later.asOf) - Date.parse(before.asOf));
      say(
        `${formatUsd(was)} estimated; a day later ${formatUsd(usd(later.billed))} billed + ${formatUsd(usd(later.estimated))} estimated`,
      );
      // Two roundings to the micro-dollar.
      const jump = total - was - gone;
      expect(jump >= -2n && jump <= 2n).toBe(true);
    },
    TEST_MS,
  );
});

describe('how the projects stand', () => {
  it(
    'is a table of the command line',
    async () => {
      await acts.launch({ tags: dev('recsys'), type: 'm5.2xlarge' });
      await acts.launch({ tags: { project: 'recsys', environment: 'Dev' } });
      await stage.quiet();
      await acts.sweepAt(after(stage.now(), 5));
      const ran = await acts.bursar(['status']);
      expect(ran.code).toBe(0);
      for (const project of ['hidden', 'fraud', 'recsys', 'vision', 'billed'])
        expect(ran.out).toContain(project);
      expect(ran.out).toMatch(/BILLED.*ESTIMATED.*BURN/i);
      console.info(ran.out);

      const tags = await acts.bursar(['tag', '--fix', '--yes', '--likely']);
      console.info(tags.out);
      expect(tags.out).toContain('environment');
      const { Reservations = [] } = await stage.clients.ec2.send(new DescribeInstancesCommand({}));
      const values = Reservations.flatMap(({ Instances = [] }) => Instances)
        .filter(({ State }) => State?.Name === 'running')
        .map(({ Tags = [] }) => Tags.find(({ Key }) => Key === 'environment')?.Value);
      expect(values).toEqual(['dev', 'dev']);
    },
    TEST_MS,
  );
});
