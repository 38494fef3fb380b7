import type { Plan, PlanLine } from '../../lib/plan/plan.ts';
import type {
  ProjectRun,
  ResourceRun,
  RunEvent,
  RunResult,
  Span,
  SpendPoint,
} from '../../lib/simulate/result.ts';
import {
  costOver,
  formatUsd,
  microUsd,
  parseUsd,
  sumUsd,
  type Usd,
  ZERO_USD,
} from '../../lib/types/money.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Numbers that look like chance and are the same each time (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const usd = (text: string): Usd => parseUsd(text) ?? ZERO_USD;

const SORTS = [
  { kind: 'ec2-instance', title: 'EC2 instance', size: 'g5.xlarge', hourly: '1.006', names: 'train' },
  {
    kind: 'sagemaker-endpoint',
    title: 'SageMaker endpoint',
    size: 'ml.g5.2xlarge',
    hourly: '1.515',
    names: 'scorer',
  },
  { kind: 'ec2-instance', title: 'EC2 instance', size: 'p3.8xlarge', hourly: '12.24', names: 'big' },
  {
    kind: 'sagemaker-notebook',
    title: 'SageMaker notebook',
    size: 'ml.p3.2xlarge',
    hourly: '3.825',
    names: 'notebook',
  },
  { kind: 'ec2-instance', title: 'EC2 instance', size: 'x9.new', hourly: '', names: 'odd' },
  { kind: 'rds-instance', title: 'RDS database', size: 'db.m5.large', hourly: '0.171', names: 'features' },
] as const;

const NAMES = ['fraud-detection', 'recsys', 'search-ranking', 'vision', 'speech'];
const LIMITS = ['1800', '4000', '900', '12000', '700'];

export interface SampleSize {
  readonly projects?: number;
  /** Of each project. */
  readonly resources?: number;
  readonly days?: number;
  readonly from?: Date;
  readonly seed?: number;
  /** Idle minutes after which Bursar stops. */
  readonly idle?: number;
  readonly policy?: string;
  /** One stop that must not have been. */
  readonly busyStop?: boolean;
}

/** A run as it may truly be: people work by day, things idle by night, Bursar warns, stops, is told to wait, restores. */
export function sampleRun(size: SampleSize = {}): RunResult {
  const { projects: count = 3, resources: each = 15, days = 7, seed = 7, idle = 30, busyStop = false } = size;
  const from = size.from ?? new Date('2026-11-02T00:00:00Z');
  const to = new Date(from.getTime() + days * DAY);
  const random = chance(seed);
  const events: RunEvent[] = [];
  const resources: ResourceRun[] = [];
  for (let index = 0; index < count * each; index++) {
    const owner = index % count;
    const project = index % 23 === 22 ? undefined : (NAMES[owner] ?? `project-${owner}`);
    resources.push(sampleResource(index, project, { from, to, random, idle, events }));
  }
  if (busyStop) {
    const at = events.findIndex(({ event }) => event === 'stopped');
    const stop = events[at];
    if (stop?.event === 'stopped') events[at] = { ...stop, whileBusy: true };
  }
  const names = [...new Set(resources.map(({ project }) => project))];
  const projects = names.map((project, index): ProjectRun => {
    const own = resources.filter((one) => one.project === project);
    return {
      project,
      limit: project === undefined ? undefined : usd(LIMITS[index % LIMITS.length] ?? '1000'),
      spent: sumUsd(own.map(({ spent }) => spent)),
      without: sumUsd(own.map(({ without }) => without)),
      points: pointsOf(own, { from, to }),
    };
  });
  for (const { project, limit, points } of projects) {
    const crossed = points.find(({ billed, estimated }) => limit !== undefined && billed + estimated > limit);
    if (crossed === undefined || limit === undefined) continue;
    const spent = sumUsd([crossed.billed, crossed.estimated]);
    events.push({
      at: crossed.at,
      project,
      event: 'budget',
      threshold: '100%',
      spent,
      limit,
      reason: `${project ?? ''} has spent ${formatUsd(spent)} of ${formatUsd(limit)} this month by the meter.`,
    });
  }
  events.push({
    at: new Date(from.getTime() + 2 * DAY + 3 * HOUR),
    project: undefined,
    event: 'fault',
    until: new Date(from.getTime() + 2 * DAY + 4 * HOUR),
    reason: 'CloudWatch returned no data for the whole fleet, so nothing was judged idle.',
  });
  return {
    title: 'A week of three teams',
    description: 'Fifteen resources a team, busy by day, left on by night and over the weekend.',
    from,
    to,
    policy: size.policy ?? 'bursar.yaml',
    spent: sumUsd(resources.map(({ spent }) => spent)),
    without: sumUsd(resources.map(({ without }) => without)),
    assumptions: ['Without Bursar, everything would have run on until somebody stopped it.'],
    projects,
    resources,
    events: events.sort((a, b) => a.at.getTime() - b.at.getTime()),
    gates: [
      {
        at: new Date(from.getTime() + DAY + 9 * HOUR),
        outcome: {
          project: 'recsys',
          limit: usd('5000'),
          committed: usd('3900'),
          verdict: 'over',
          pick: 'ml.g5.xlarge',
          judged: [
            {
              type: 'ml.g5.12xlarge',
              verdict: 'over',
              adds: usd('5175.70'),
              projected: usd('9075.70'),
              over: usd('4075.70'),
              why: '730 h of $7.09 would pass the limit by $4,075.70.',
            },
            {
              type: 'ml.g5.xlarge',
              verdict: 'pass',
              adds: usd('1027.84'),
              projected: usd('4927.84'),
              why: '730 h of $1.41 stay within the limit.',
            },
          ],
        },
      },
    ],
    counts: { sweeps: days * 288, metrics: days * 288 * each },
  };
}

interface Scene extends Span {
  readonly random: () => number;
  readonly idle: number;
  readonly events: RunEvent[];
}

function sampleResource(index: number, project: string | undefined, scene: Scene): ResourceRun {
  const { from, to, random, idle, events } = scene;
  const sort = SORTS[index % SORTS.length] ?? SORTS[0];
  const id =
    sort.kind === 'ec2-instance'
      ? `i-0${(0x1000_0000_0000 + Math.floor(random() * 0xefff_ffff_ffff)).toString(16).padStart(16, '0')}`
      : `${project ?? 'unknown'}-${sort.names}-${index}`;
  const arn = `arn:aws:ec2:us-east-1:123456789012:instance/${id}-${index}`;
  const policy = index % 11 === 5 ? 'production' : 'development';
  const spans = { ran: [] as Span[], stopped: [] as Span[], busy: [] as Span[] };
  let since = from.getTime() + Math.floor(random() * 6) * HOUR;
  const began = since;
  for (let day = from.getTime(); day < to.getTime(); day += DAY) {
    const weekend = [0, 6].includes(new Date(day).getUTCDay());
    if (weekend && random() < 0.8) continue;
    const start = day + Math.floor((7.5 + 3 * random()) * 60) * MINUTE;
    const end = start + Math.floor((3 + 8 * random()) * 60) * MINUTE;
    spans.busy.push({ from: new Date(start), to: new Date(Math.min(end, to.getTime())) });
    if (since < 0) {
      since = start;
      const out = spans.stopped.pop();
      if (out !== undefined) spans.stopped.push({ from: out.from, to: new Date(start) });
      events.push({
        at: new Date(start),
        project,
        event: 'restored',
        arn,
        by: 'ana',
        reason: `ana asked for ${id} back.`,
      });
    }
    const keeps = random() < 0.12;
    const stop = end + (idle + (keeps ? 120 : 0)) * MINUTE;
    if (policy === 'production' || stop >= to.getTime()) continue;
    const warned = { at: new Date(end + (idle - 10) * MINUTE), project, arn, policy };
    events.push({
      ...warned,
      event: 'warned',
      stopAt: new Date(end + idle * MINUTE),
      reason: `${id} has been idle for ${idle - 10} min: no CPU above 5 %, no network. It will be stopped in 10 min.`,
    });
    if (keeps) {
      const until = new Date(end + (idle + 120) * MINUTE);
      events.push({
        at: new Date(end + (idle - 4) * MINUTE),
        project,
        event: 'kept',
        arn,
        until,
        by: 'ben',
        reason: 'ben keeps it for 2 h.',
      });
    }
    const falseStop = random() < 0.04;
    events.push({
      at: new Date(stop),
      project,
      event: 'stopped',
      arn,
      policy,
      trigger: random() < 0.1 ? 'budget' : 'idle',
      whileBusy: false,
      falseStop,
      reason: `${id} was idle for ${idle} min on every signal (CPU at most 1.2 %, network at most 3 kB/s), and nobody said no within 10 min.`,
    });
    spans.ran.push({ from: new Date(since), to: new Date(stop) });
    spans.stopped.push({ from: new Date(stop), to });
    since = -1;
  }
  if (since >= 0) spans.ran.push({ from: new Date(since), to });
  const hourly = sort.hourly === '' ? undefined : usd(sort.hourly);
  const cost = (milliseconds: number): Usd =>
    hourly === undefined ? ZERO_USD : costOver(hourly, milliseconds);
  return {
    arn,
    id,
    kind: sort.kind,
    title: sort.title,
    size: sort.size,
    region: 'us-east-1',
    project,
    policy,
    hourly,
    ...spans,
    spent: sumUsd(spans.ran.map((span) => cost(span.to.getTime() - span.from.getTime()))),
    without: cost(to.getTime() - began),
  };
}

/** Every hour; bills come a day late. */
function pointsOf(resources: readonly ResourceRun[], { from, to }: Span): readonly SpendPoint[] {
  const until = (at: number, { ran, hourly }: ResourceRun): Usd =>
    sumUsd(
      ran.map((span) => {
        const length = Math.min(at, span.to.getTime()) - span.from.getTime();
        return hourly === undefined || length <= 0 ? ZERO_USD : costOver(hourly, length);
      }),
    );
  const total = (at: number): Usd => sumUsd(resources.map((one) => until(at, one)));
  const points: SpendPoint[] = [];
  for (let at = from.getTime(); at <= to.getTime(); at += (to.getTime() - from.getTime()) / 56) {
    const month = Math.max(
      from.getTime(),
      Date.UTC(new Date(at).getUTCFullYear(), new Date(at).getUTCMonth(), 1),
    );
    const billedTo = Math.max(month, Math.floor((at - 18 * HOUR) / (8 * HOUR)) * 8 * HOUR);
    const before = total(month);
    const billed = microUsd(total(billedTo) - before);
    points.push({ at: new Date(at), billed, estimated: microUsd(total(at) - before - billed) });
  }
  return points;
}

/** A plan over the fleet of a sample run, as it stands at its start. */
export function samplePlan(size: SampleSize = {}): Plan {
  const ahead = sampleRun({ days: 2, ...size });
  const at = ahead.from;
  const lines = ahead.resources.map((one, index): PlanLine => {
    const stop = ahead.events.find((event) => event.event === 'stopped' && event.arn === one.arn);
    const warned = ahead.events.find((event) => event.event === 'warned' && event.arn === one.arn);
    const now = NOW[index % NOW.length] ?? NOW[0];
    const policy = index % 14 === 13 ? undefined : one.policy;
    return {
      arn: one.arn,
      id: one.id,
      kind: one.kind,
      title: one.title,
      size: one.size,
      region: one.region,
      account: '123456789012',
      state: index % 9 === 8 ? 'stopped' : 'running',
      project: one.project,
      policy,
      hourly: one.hourly,
      now:
        policy === undefined ? { action: 'none', verdict: 'no-policy', why: 'No policy names it.' } : now(at),
      ...(warned === undefined ? {} : { next: { at: warned.at, action: 'warn', why: warned.reason } }),
      ...(stop === undefined ? {} : { stopAt: stop.at }),
      ...(index % 4 === 3 ? { approved: false } : { approved: true }),
    };
  });
  return {
    at,
    account: '123456789012',
    regions: ['us-east-1', 'eu-west-1'],
    policyFile: 'bursar.yaml',
    hash: `sha256:${'4f1d9c'.repeat(10)}ab12`,
    lists: new Map(),
    state: 'new',
    lines: lines.sort((a, b) => (a.project ?? '~').localeCompare(b.project ?? '~')),
    ahead: { ...ahead, title: 'The look ahead' },
    missing: [
      'CloudTrail could not be read: add cloudtrail:LookupEvents to the role, to know who started what.',
    ],
  };
}

const NOW: readonly [(at: Date) => PlanLine['now'], ...((at: Date) => PlanLine['now'])[]] = [
  () => ({ action: 'none', verdict: 'busy', why: 'In use: CPU was 71 % at 23:55.' }),
  () => ({ action: 'stop', verdict: 'idle', why: 'Idle for 3 h on every signal; its warning has run out.' }),
  (at) => ({
    action: 'warn',
    verdict: 'idle',
    why: 'Idle for 20 min on every signal.',
    stopAt: new Date(at.getTime() + 10 * MINUTE),
  }),
  () => ({
    action: 'none',
    verdict: 'unknown',
    why: 'No GPU metric, and it has a GPU: not knowing is not idle.',
  }),
  () => ({ action: 'notify', verdict: 'within-budget', why: 'The project is at 82 % of its budget.' }),
  () => ({ action: 'hold', verdict: 'held', why: '31 stops in one sweep are more than the limit of 25.' }),
];
