import type { SweepInput } from '../../lib/decide/judged.ts';
import type { ProjectMark, Watch } from '../../lib/ledger/ledger.ts';
import type { BudgetRule, IdleRule, NamedPolicy, Policy } from '../../lib/policy/policy.ts';
import type { Schedule } from '../../lib/policy/schedule.ts';
import type { Evidence, Sample, SignalName, SignalReading } from '../../lib/types/evidence.ts';
import { microUsd, parseUsd, type Usd } from '../../lib/types/money.ts';
import type { Resource } from '../../lib/types/resource.ts';
import type { BudgetReading } from '../../lib/types/spend.ts';

/** The tenth day of a month: far from the month's first 48 hours. */
export const NOW = new Date('2026-11-10T12:00:00.000Z');
export const PERIOD_SECONDS = 300;

/** `NOW` plus minutes. */
export const minutes = (count: number): Date => new Date(NOW.getTime() + count * 60_000);

export const usd = (text: string): Usd => {
  const amount = parseUsd(text);
  if (amount === undefined) throw new Error(`${text} is no amount`);
  return amount;
};

export const idleRule: IdleRule = {
  afterSeconds: 30 * 60,
  warnSeconds: 0,
  do: 'stop',
  below: { cpu: 5, gpu: 5, network: 10_000, invocations: 1, backlog: 1, connections: 1 },
};

export const warnedRule: IdleRule = { ...idleRule, warnSeconds: 10 * 60 };

export const stopAt100: readonly BudgetRule[] = [
  { at: 80, of: 'forecasted', per: 'month', do: 'notify', graceSeconds: 0 },
  { at: 100, of: 'actual', per: 'month', do: 'stop', graceSeconds: 0 },
  { at: 120, of: 'actual', per: 'month', do: 'freeze', graceSeconds: 0 },
];

export const development = (change: Partial<NamedPolicy> = {}): NamedPolicy => ({
  name: 'development',
  match: { environment: ['dev'] },
  allow: [],
  restore: 'by-hand',
  launch: 'notify',
  idle: idleRule,
  budget: [],
  ...change,
});

export const production: NamedPolicy = {
  name: 'production',
  match: { environment: ['prod'] },
  allow: [],
  restore: 'by-hand',
  launch: 'notify',
  idle: 'off',
  budget: [
    { at: 80, of: 'actual', per: 'month', do: 'notify', graceSeconds: 0 },
    { at: 100, of: 'actual', per: 'month', do: 'notify', graceSeconds: 0 },
  ],
};

export const policyOf = (policies: readonly NamedPolicy[], change: Partial<Policy> = {}): Policy => ({
  version: 1,
  tags: {
    project: 'project',
    owner: 'owner',
    environment: 'environment',
    keepUntil: 'bursar:keep-until',
    model: 'model',
    creator: 'bursar:creator',
  },
  teams: {},
  allocation: { shared: [], usage: {} },
  dismissed: [],
  operators: [],
  timezone: 'UTC',
  projects: { recsys: { name: 'recsys', owners: [], members: [], freezeRoles: [], budget: usd('1000') } },
  policies,
  untagged: { afterSeconds: 24 * 3600, do: 'notify', warnSeconds: 0 },
  requiredTags: {},
  alerts: { burnRate: 10, weekly: true, anomalies: false },
  limits: { maxStopsPerSweep: 25, maxFleetShare: 30 },
  scope: { regions: ['us-east-1'], accounts: ['self'] },
  approval: 'off',
  ...change,
});

/** Hours in UTC, of every day alike, as minutes of the day. */
export const hoursOf = (
  spans: readonly (readonly [number, number])[],
  change: Partial<Schedule> = {},
): Schedule => ({
  timezone: 'UTC',
  week: new Array(7).fill(spans.map(([from, to]) => ({ from, to }))),
  closed: [],
  do: 'start-and-stop',
  starts: 'its-own',
  startAheadSeconds: 0,
  warnSeconds: 0,
  endpoints: 'shut-down',
  ...change,
});

/** Limits that hold nothing back. */
export const unlimited: Policy['limits'] = { maxStopsPerSweep: 1000, maxFleetShare: 100 };

export const dev = { project: 'recsys', environment: 'dev' };

/** An instance of a development project that has run for ten hours. */
export const instance = (id: string, change: Partial<Resource> = {}): Resource => ({
  kind: 'ec2-instance',
  arn: `arn:aws:ec2:us-east-1:111122223333:instance/${id}`,
  id,
  account: '111122223333',
  region: 'us-east-1',
  tags: dev,
  state: 'running',
  since: minutes(-600),
  size: 'm5.xlarge',
  protections: [],
  hourly: microUsd(192_000n),
  ...change,
});

/** Samples of `values`, newest first; the newest one ends `endsAgo` minutes before `NOW`. */
export const newestFirst = (
  values: readonly number[],
  { endsAgo = 0, period = PERIOD_SECONDS }: { readonly endsAgo?: number; readonly period?: number } = {},
): readonly Sample[] =>
  values.map((value, index) => ({
    at: new Date(NOW.getTime() - endsAgo * 60_000 - (index + 1) * period * 1000),
    value,
  }));

/** `value` in each of `count` samples up to `NOW`. */
export const steady = (value: number, count = 8): readonly Sample[] =>
  newestFirst(new Array<number>(count).fill(value));

export const readingOf = (
  signal: SignalName,
  samples: readonly Sample[],
  change: Partial<SignalReading> = {},
): SignalReading => ({ signal, periodSeconds: PERIOD_SECONDS, samples, absence: 'unknown', ...change });

export const evidenceOf = (
  readings: readonly SignalReading[],
  missing: Evidence['missing'] = [],
): Evidence => ({ asOf: NOW, readings, missing });

/** CPU and network far below every limit for 40 minutes. */
export const idleEvidence: Evidence = evidenceOf([
  readingOf('cpu', steady(1)),
  readingOf('network', steady(200)),
]);

export const busyEvidence: Evidence = evidenceOf([
  readingOf('cpu', steady(90)),
  readingOf('network', steady(200)),
]);

export const watchOf = (resource: Resource, change: Partial<Watch> = {}): Watch => ({
  arn: resource.arn,
  since: resource.since,
  busyAt: undefined,
  stopAt: undefined,
  heldAt: undefined,
  heldDue: undefined,
  toldAt: undefined,
  orderedAt: undefined,
  ...change,
});

/** A sweep over idle resources, but for what is given. */
export const sweepOf = (
  resources: readonly Resource[],
  change: Partial<Omit<SweepInput, 'watches' | 'marks'>> & {
    readonly watches?: readonly Watch[];
    readonly marks?: readonly ProjectMark[];
  } = {},
): SweepInput => ({
  policy: policyOf([development(), production]),
  evidence: new Map(resources.map(({ arn }) => [arn, idleEvidence])),
  refused: new Set(),
  untold: new Set(),
  inspected: new Map(),
  released: new Set(),
  keeps: new Map(),
  keepTags: new Map(),
  now: NOW,
  ...change,
  resources,
  watches: new Map((change.watches ?? []).map((one) => [one.arn, one])),
  marks: new Map((change.marks ?? []).map((one) => [one.holder, one])),
});

export const budgetReading = (change: Partial<BudgetReading> = {}): BudgetReading => ({
  source: 'budgets',
  meter: undefined,
  budgetName: 'bursar-recsys',
  holder: 'recsys',
  limit: usd('1000'),
  actual: usd('0'),
  forecasted: undefined,
  period: '2026-11-01',
  asOf: NOW,
  ...change,
});

/** One breach, under its source. */
export const breachesOf = (...readings: readonly BudgetReading[]): ProjectMark['breaches'] =>
  new Map(readings.map((reading) => [reading.source, reading]));
