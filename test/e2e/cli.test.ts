import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { DeleteEndpointCommand, DescribeEndpointCommand } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type PlanJson, PlanJsonSchema } from '../../lib/cli/plan-json.ts';
import { arnOf } from '../../lib/fleet/arn.ts';
import { planIamPolicy } from '../../lib/plan/iam-policy.ts';
import { ACCOUNT, REGION } from '../../lib/sandbox/local-aws.ts';
import { buildStage, type Stage } from '../../lib/sandbox/stage.ts';
import { readPolicy } from '../../lib/stacks/policy-asset.ts';
import { doneLines, plannedLines } from './agreement.ts';
import { type Wire, wireTo } from './calls.ts';
import { type MixedFleet, mixedFleet } from './mixed-fleet.ts';
import {
  type Acts,
  actsOn,
  after,
  arnOfInstance,
  MINUTE_MS,
  nextWhole,
  pauseRegularSweeps,
  withDaysAhead,
} from './on-stage.ts';
import { plannedFleet } from './planned-fleet.ts';

/*
 * The command line as people run it, each command a process of its own, against the deployed stack: it finds the
 * functions by the stack's outputs and invokes them. The steps build on each other, as a morning's work does.
 * MiniStack checks no IAM policy: who may invoke the functions is in the template (test/stacks).
 */
const POLICY = fileURLToPath(new URL('cli.yaml', import.meta.url));
const PROJECTS = [...Object.keys(readPolicy(POLICY).projects), undefined];
const TEST_MS = 60_000;

let stage: Stage;
let acts: Acts;
let fleet: MixedFleet;

beforeAll(async () => {
  stage = await buildStage({ policyFile: POLICY, ageHours: 26 });
  acts = actsOn(stage, readPolicy(POLICY));
  await pauseRegularSweeps();
  await withDaysAhead(stage, 2);
  fleet = await mixedFleet(stage, acts);
}, 180_000);
afterAll(() => stage?.stop());

const bursar = (...args: readonly string[]) => acts.bursar(args);

/** Runs a command that must succeed and say nothing beside its answer. @returns what it printed */
async function good(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await bursar(...args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
}

const state = async (id: string) => (await acts.states()).get(id);

const StatusSchema = z.object({
  stack: z.string(),
  held: z.array(z.string()),
  resources: z.array(
    z.object({
      id: z.string(),
      arn: z.string(),
      hourly: z.string().optional(),
      keptUntil: z.string().optional(),
      findings: z.array(z.object({ what: z.string(), why: z.string() })),
    }),
  ),
  restorable: z.array(z.object({ id: z.string(), trigger: z.string() })),
});
const status = async (...args: readonly string[]) =>
  StatusSchema.parse(JSON.parse(await good('status', '--json', ...args)));

const WishSchema = z.object({
  ok: z.boolean(),
  resources: z.array(
    z.object({
      arn: z.string().optional(),
      status: z.string(),
      text: z.string(),
      outcome: z.object({ status: z.string() }).optional(),
    }),
  ),
});

/** The findings of one resource, as `bursar status --json` has them: `exempt: It is …`. */
async function findings(id: string): Promise<readonly string[]> {
  const found = (await status()).resources.find((one) => one.id === id)?.findings ?? [];
  return found.map(({ what, why }) => `${what}: ${why}`);
}

/** Makes a plan of the account, by the clock of the stage; everything is asked over a wire where one is given. */
async function plan(args: readonly string[], wire?: Wire): Promise<PlanJson> {
  const ahead = Math.round((stage.now().getTime() - Date.now()) / 1000);
  const env = { ...wire?.env, SANDBOX_CLOCK_AHEAD: String(ahead) };
  const { code, out, err } = await acts.bursar(['plan', '--json', '--policy', POLICY, ...args], env);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return PlanJsonSchema.parse(JSON.parse(out));
}

/** Approves it, as one does who has reviewed it. @returns what is said of it */
async function approve(made: PlanJson): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'bursar-plan-')), 'plan.json');
  writeFileSync(file, JSON.stringify(made));
  try {
    return await good('approve', made.hash, '--plan', file, '--reason', 'reviewed');
  } finally {
    rmSync(dirname(file), { recursive: true });
  }
}

describe('bursar approve', () => {
  it('lets what a plan lists be acted on', { timeout: TEST_MS }, async () => {
    const made = await plan([]);
    expect(made).toMatchObject({ state: 'deployed', totals: { resources: 26, unapproved: 12 } });
    expect(await approve(made)).toMatch(/^done {2}It is approved: the 12 resources that it lists may be/);
    const again = await plan([]);
    expect(again.hash).toBe(made.hash);
    expect(again.totals.unapproved).toBe(0);
  });
});

describe('bursar status', () => {
  it('shows by project what exists, what it costs and why it is left alone', {
    timeout: TEST_MS,
  }, async () => {
    const out = await good('status');
    expect(out).toMatch(/^Bursar in us-east-1, \d{4}-\d\d-\d\d \d\d:\d\d UTC: 14 resources, 14 running for /);
    expect(out).toMatch(/\nrecsys\n/);
    expect(out).toMatch(/\nNo project\n/);
    const line = (id: string) => out.split('\n').find((one) => one.includes(id));
    expect(line(fleet.production)).toMatch(
      / m5\.2xlarge +\$0\.38 {2}exempt +Policy production has idle: off\./,
    );
    expect(line(fleet.keptByTag)).toMatch(
      / exempt +Kept until 2099-12-31 23:59 UTC by its tag bursar:keep-until\.$/,
    );
    expect(line(fleet.untagged)).toMatch(/ t3\.medium +\$0\.04 {2}tell +It has no tag project/);
    expect(line(fleet.endpoint)).toMatch(/ 1 × ml\.m5\.xlarge +\$0\.23 /);
    expect(line(fleet.database)).toMatch(/ db\.m5\.large postgres +\$0\.17 /);
    expect(line(fleet.training)).toMatch(/ p3\.2xlarge +\$3\.06 {2}busy +GPU was 95%/);
  });

  it('gives the same to machines, of one project too', { timeout: TEST_MS }, async () => {
    const all = await status();
    expect(all).toMatchObject({ stack: 'Bursar', held: [], restorable: [] });
    expect(all.resources).toHaveLength(14);
    const vision = await status('--project', 'vision');
    expect(vision.resources.map(({ hourly }) => hourly).sort()).toEqual(['0.192', '12.24', '3.06']);
  });
});

describe('bursar keep', () => {
  it('keeps one for two hours, says what that costs, and a shorter one changes nothing', {
    timeout: TEST_MS,
  }, async () => {
    const [kept = ''] = fleet.idle;
    const out = await good('keep', kept, '--for', '2h', '--reason', 'a demo');
    expect(out).toMatch(
      new RegExp(
        `^done {2}${kept} {2}Kept until \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC\\. That costs \\$0\\.38 at \\$0\\.192/h\\.\n$`,
      ),
    );
    const again = await good('keep', arnOfInstance(kept), '--for', '1h');
    expect(again).toMatch(/^nothing to do .* already, by root \(command line\)\.\n$/);
    const found = (await status()).resources.find(({ id }) => id === kept);
    const ahead = (Date.parse(found?.keptUntil ?? '') - stage.now().getTime()) / 60_000;
    expect(ahead).toBeGreaterThan(118);
    expect(ahead).toBeLessThanOrEqual(120);
  });
});

describe('after the sweep in which six of recsys are idle, one of them kept', () => {
  it('shows what is held back, and what can be restored', { timeout: TEST_MS }, async () => {
    // Five instances and an endpoint are due, and 30 % of 14 are five.
    await acts.goTo(after(fleet.idleSince, 28));
    const since = stage.now();
    const made = await plan(['--ahead', '7m']);
    await acts.sweepAt(after(fleet.idleSince, 30));
    const planned = plannedLines(made, after(fleet.idleSince, 34));
    expect(planned.filter((line) => line.includes(' held '))).toHaveLength(1);
    expect(await doneLines(stage, PROJECTS, since)).toEqual(planned);
    const { held, restorable } = await status();
    expect(held).toHaveLength(1);
    expect(restorable).toHaveLength(5);
    const out = await good('status');
    expect(out).toContain(
      `Held back, since more were due than the limits allow\n  to release them: bursar release ${held[0]}\n`,
    );
    expect(out).toContain('Can be restored, by bursar restore <resource or project> (times in UTC)\n');
    expect(out).toMatch(/ recsys-scoring +recsys +sagemaker-endpoint +stopped \d\d:\d\d \(idle\)\n/);
  });

  it('audit tells of one resource what was done and what a sweep would say now', {
    timeout: TEST_MS,
  }, async () => {
    const [kept = '', ...others] = fleet.idle;
    const states = await acts.states();
    const stopped = others.find((id) => states.get(id) === 'stopped') ?? '';
    expect(await good('audit', '--resource', stopped)).toMatch(
      /^TIME \(UTC\) +ACTION +EVENT +WHY\n.* stop +intended +Idle from .*\n.* stop +taken +Stopped; its volumes are kept\.\n\nNow, a sweep would say:\n {2}not running {2}It is stopped\.\n$/,
    );
    const ofKept = await good('audit', '--resource', kept);
    expect(ofKept).toContain('root (command line) keeps it: a demo.');
    expect(ofKept).toMatch(/\n {2}exempt {2}Kept until .* by root \(command line\)\.\n$/);
    const trail: unknown = JSON.parse(await good('audit', '--project', 'recsys', '--since', '24h', '--json'));
    const { audit } = z.object({ audit: z.array(z.looseObject({ action: z.string() })) }).parse(trail);
    expect(audit.filter(({ action, event }) => action === 'stop' && event === 'taken')).toHaveLength(5);
    expect(await good('audit', '--project', 'nightly')).toMatch(/^Nothing since /);
  });

  it('release lets the held one go ahead, once', { timeout: TEST_MS }, async () => {
    const [heldAt = ''] = (await status()).held;
    expect(await bursar('release', heldAt)).toMatchObject({
      code: 2,
      err: 'Nobody is at a terminal to confirm it. Give --yes to go on without asking.\n',
    });
    expect(await good('release', heldAt, '--yes')).toMatch(/^done {2}What was held back at /);
    expect(await good('release', heldAt, '--yes')).toMatch(/^nothing to do .* before\.\n$/);
    await acts.sweepAt(after(stage.now(), 1));
    expect((await status()).restorable).toHaveLength(6);
    expect((await status()).held).toEqual([]);
  });
});

describe('bursar restore', () => {
  it('an endpoint by its ARN comes back, and a second time says what it found', {
    timeout: TEST_MS,
  }, async () => {
    const arn = arnOf('sagemaker', REGION, ACCOUNT, `endpoint/${fleet.endpoint}`);
    const out = await good('restore', arn, '--reason', 'back to work');
    expect(out).toMatch(/^done {2}recsys-scoring {2}It is being created/);
    const { EndpointStatus } = await stage.clients.sagemaker.send(
      new DescribeEndpointCommand({ EndpointName: fleet.endpoint }),
    );
    expect(EndpointStatus).toBe('InService');
    // The sweeps of the stage come by the machine's own clock: one may have finished it by now.
    expect(await good('restore', arn)).toMatch(
      /^nothing to do {2}recsys-scoring {2}It (is being restored already|was restored before)\.\n$/,
    );
  });

  it('one that somebody has started by hand is left as it is', { timeout: TEST_MS }, async () => {
    const { restorable } = await status();
    const id = restorable.find((one) => one.id.startsWith('i-'))?.id ?? '';
    await stage.clients.ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
    expect(await good('restore', id)).toMatch(
      new RegExp(`^nothing to do {2}${id} {2}It runs since .*, so there was nothing to start\\.\n$`),
    );
    // Named again it waits no more, and still the answer is one.
    expect(await good('restore', id)).toBe(`nothing to do  ${id}  It was restored before.\n`);
  });

  it('a project brings back all that is left of it, and then nothing', { timeout: TEST_MS }, async () => {
    const waiting = (await status()).restorable.filter(({ id }) => id.startsWith('i-'));
    expect(waiting).toHaveLength(4);
    const out = await good('restore', 'recsys', '--json');
    const { ok, resources } = WishSchema.parse(JSON.parse(out));
    expect(ok).toBe(true);
    expect(resources.filter(({ outcome }) => outcome?.status === 'taken')).toHaveLength(4);
    for (const { id } of waiting) expect(await state(id)).toBe('running');
    expect(await good('restore', 'recsys')).toBe(
      'nothing to do  Nothing of project recsys waits to be restored.\n',
    );
  });

  it('what Bursar never stopped is no failure', { timeout: TEST_MS }, async () => {
    const out = await good('restore', arnOfInstance(fleet.busy));
    expect(out).toContain('Bursar has not stopped it, or so long ago that nothing is remembered of it.');
  });
});

describe('bursar stop', () => {
  it('stops at once what is named, and says so to machines', { timeout: TEST_MS }, async () => {
    const out = await good('stop', fleet.busy, '--yes', '--reason', 'wrong data set', '--json');
    expect(WishSchema.parse(JSON.parse(out))).toMatchObject({
      ok: true,
      resources: [{ arn: arnOfInstance(fleet.busy), status: 'asked', outcome: { status: 'taken' } }],
    });
    expect(await state(fleet.busy)).toBe('stopped');
    expect(await good('stop', fleet.busy, '--yes')).toBe(
      `nothing to do  ${fleet.busy}  It is stopped already.\n`,
    );
    expect(await good('audit', '--resource', fleet.busy)).toContain('asked for it: wrong data set.');
  });

  it('stops nothing that a policy never stops, and nothing without being confirmed', {
    timeout: TEST_MS,
  }, async () => {
    const refused = await bursar('stop', fleet.production, '--yes');
    expect(refused).toMatchObject({ code: 1, err: '' });
    expect(refused.out).toMatch(/^refused .*Policy production stops nothing/);
    expect(await bursar('stop', fleet.training)).toMatchObject({ code: 2, out: '' });
    expect(await state(fleet.production)).toBe('running');
    expect(await state(fleet.training)).toBe('running');
  });

  it('a protected one is left alone, and one that AWS refuses to stop is told with its words', {
    timeout: TEST_MS,
  }, async () => {
    await acts.faults({ instances: { [fleet.training]: { fault: 'stop-protected' } } });
    const seen = await bursar('stop', fleet.training, '--yes');
    expect(seen.code).toBe(1);
    expect(seen.out).toMatch(/^left alone .*Exempt: Its stop protection \(disableApiStop\) is on\.\n$/);

    await acts.faults({ instances: { [fleet.training]: { fault: 'stop-protected', shown: false } } });
    const met = await bursar('stop', fleet.training, '--yes');
    expect(met.code).toBe(1);
    expect(met.out).toMatch(/^failed .*OperationNotPermitted: Stop protection is on: .*disableApiStop/);
    expect(await state(fleet.training)).toBe('running');
    await acts.faults({});
  });

  it('one that was stopped by hand before Bursar came is not its own to restore', {
    timeout: TEST_MS,
  }, async () => {
    await stage.clients.ec2.send(new StopInstancesCommand({ InstanceIds: [fleet.agentless] }));
    expect(await good('restore', fleet.agentless)).toMatch(/^nothing to do /);
    expect(await state(fleet.agentless)).toBe('stopped');
    expect(await findings(fleet.agentless)).toEqual(['not-running: It is stopped.']);
  });
});

describe('a plan and what then comes of it', () => {
  let around: Awaited<ReturnType<typeof plannedFleet>>;
  let hour: Date;
  let made: PlanJson;
  const at = (minutes: number): Date => after(hour, minutes);

  beforeAll(async () => {
    await acts.clear();
    await stage.clients.sagemaker.send(new DeleteEndpointCommand({ EndpointName: fleet.endpoint }));
    hour = nextWhole(after(stage.now(), 10), 60);
    around = await plannedFleet(stage, acts, hour);
    await good('keep', around.kept, '--for', '3h');
    await stage.setSpend({ demos: { actual: '1010', forecasted: '1010' } });
  }, TEST_MS);

  it('what is in no approved plan is left alone, and people are told', { timeout: TEST_MS }, async () => {
    const told = await acts.slackDuring(() => acts.sweepAt(at(-5)));
    const waiting = told.filter((text) => text.includes('Resources wait for a plan to be approved'));
    expect(waiting).toHaveLength(1);
    expect(waiting[0]).toContain('are in no approved plan. They are left alone.');
    expect(await acts.counted(around.idle)).toEqual({ running: 2 });
  });

  it('it is made by reading alone, with the rights that it asks for and no others', {
    timeout: TEST_MS,
  }, async () => {
    await acts.goTo(at(-4));
    const wire = await wireTo(stage.aws);
    try {
      made = await plan(['--ahead', '44m'], wire);
      const allowed = new Set(planIamPolicy().Statement.flatMap(({ Action }) => Action));
      // STS needs no right; the right to list budgets has another name than its call.
      const free = new Set(['sts:GetCallerIdentity', 'budgets:DescribeBudgets']);
      const calls = wire.calls();
      expect(calls.filter((call) => !allowed.has(call) && !free.has(call))).toEqual([]);
      expect(calls).toEqual(expect.arrayContaining(['ec2:DescribeInstances', 'dynamodb:Query']));
    } finally {
      await wire.stop();
    }
    expect(made.missing).toEqual([]);
    expect(made.state).toBe('deployed');
    // Two of the idle, those of two that are warned, an endpoint, a database, a group, and two over budget.
    expect(made.totals.stopping.count).toBe(9);
  });

  it('as if Bursar were new, it knows neither what is kept nor what was told', {
    timeout: TEST_MS,
  }, async () => {
    const asNew = await plan(['--ahead', '44m', '--new']);
    const ofOthers = (one: PlanJson) =>
      plannedLines(one, at(40)).filter(
        (line) => ![around.kept, around.untagged].some((id) => line.includes(id)),
      );
    expect(ofOthers(asNew)).toEqual(ofOthers(made));
    const kept = ({ lines }: PlanJson) => lines.find(({ id }) => id === around.kept);
    expect(kept(asNew)?.stopAt).toBe(at(0).toISOString());
    expect(kept(made)).toMatchObject({
      now: { verdict: 'exempt', why: expect.stringMatching(/^Kept until /) },
    });
    expect(kept(made)?.stopAt).toBeUndefined();
    expect(asNew.hash).toBe(made.hash);
  });

  it('once it is approved the deployed Bursar does exactly that', { timeout: 2 * TEST_MS }, async () => {
    await approve(made);
    const since = stage.now();
    // The regular sweeps as long as something is planned, those that Bursar asks for itself, and one at the end.
    for (;;) {
      const wakes = (await stage.schedules()).map(({ at: wake }) => wake);
      const [next] = [0, 5, 10, 15, 40]
        .map(at)
        .concat(wakes)
        .filter((time) => time > after(stage.now(), 0.25))
        .sort((a, b) => a.getTime() - b.getTime());
      if (next === undefined || next > at(40)) break;
      await acts.sweepAt(next);
    }
    expect(await doneLines(stage, PROJECTS, since)).toEqual(plannedLines(made, at(40)));

    // And AWS says so too.
    const running = (some: PlanJson['lines']) =>
      some.filter((one) => one.state === 'running').map(({ arn }) => arn);
    const { lines } = await plan([]);
    const spared = made.lines.filter(({ stopAt }) => stopAt === undefined);
    expect(running(lines).toSorted()).toEqual(running(spared).toSorted());
  });

  it('what its grace ends is stopped a minute after the one that was planned at most', async () => {
    const [demo] = made.lines.filter(({ project }) => project === 'demos');
    const stoppedAt = await acts.stoppedAt(demo?.arn ?? '');
    const late = (stoppedAt?.getTime() ?? 0) - Date.parse(demo?.stopAt ?? '');
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(2 * MINUTE_MS);
  });
});

describe('what cannot be asked', () => {
  it.each([
    [
      ['status', '--stack', 'Nope'],
      'Reading the stack Nope in us-east-1: There is no such stack in this account and region. Deploy it, or name another by --stack, --region or --profile.\n',
    ],
    [['status', '--region', 'eu-west-1'], 'Reading the stack Bursar in eu-west-1: There is no such stack'],
    [['keep', 'i-nobody', '--for', '2h'], 'Bursar sees no resource "i-nobody".'],
    [['restore', 'nobody'], 'Bursar stopped nothing named "nobody" and sees no such resource or project.'],
    [['keep'], "error: missing required argument 'resource'"],
    [['stauts'], "error: unknown command 'stauts'\n(Did you mean status?)"],
  ])('%j: exit code 2, and the mend', { timeout: TEST_MS }, async (args, says) => {
    const { code, out, err } = await bursar(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(says);
  });

  it('says that AWS is not there', { timeout: TEST_MS }, async () => {
    const nowhere = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
    const { code, err } = await acts.bursar(['status'], nowhere);
    expect(code).toBe(2);
    expect(err).toMatch(/AWS cannot be reached \(ECONNREFUSED\)/);
  });

  it('takes the stack from the environment', { timeout: TEST_MS }, async () => {
    const { code, err } = await acts.bursar(['status'], { BURSAR_STACK: 'Elsewhere' });
    expect(code).toBe(2);
    expect(err).toContain('Reading the stack Elsewhere');
  });
});
