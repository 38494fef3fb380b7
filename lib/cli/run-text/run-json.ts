import * as z from 'zod';
import type { Checked } from '../../simulate/expectations.ts';
import type { ProjectRun, ResourceRun, RunEvent, RunResult, Span } from '../../simulate/result.ts';
import { assertNever } from '../../types/assert-never.ts';
import type { GateJudged, GateOutcome } from '../../types/gate.ts';
import { type Usd, usdToDecimal } from '../../types/money.ts';
import { figuresOf } from './figures.ts';

/*
 * What `--json` prints of a run. Times are ISO 8601 in UTC, money is decimal USD as text, resources are named by ARN. New
 * fields may come; none goes, and none changes its meaning, without a new major version.
 */

const time = z.iso.datetime();
/** `"-1.5"`, `"37.688"`. */
const usd = z.string().regex(/^-?\d+(\.\d{1,6})?$/);
const span = z.strictObject({ from: time, to: time });
/** `null` = what has no project, or is of none alone. */
const project = z.string().nullable();

const event = { at: time, project, reason: z.string() };

export const RunEventJsonSchema = z.discriminatedUnion('event', [
  z.strictObject({
    ...event,
    event: z.enum(['warned', 'notified']),
    arn: z.string(),
    policy: z.string(),
    stopAt: time.optional(),
  }),
  z.strictObject({
    ...event,
    event: z.literal('stopped'),
    arn: z.string(),
    policy: z.string(),
    trigger: z.string(),
    manner: z.literal('scale-down').optional(),
    whileBusy: z.boolean(),
    falseStop: z.boolean(),
  }),
  z.strictObject({ ...event, event: z.enum(['failed', 'skipped']), arn: z.string(), code: z.string() }),
  z.strictObject({ ...event, event: z.literal('restored'), arn: z.string(), by: z.string() }),
  z.strictObject({ ...event, event: z.literal('kept'), arn: z.string(), until: time, by: z.string() }),
  z.strictObject({ ...event, event: z.enum(['refused', 'released', 'unfrozen']), by: z.string() }),
  z.strictObject({ ...event, event: z.literal('held'), cause: z.string(), arns: z.array(z.string()) }),
  z.strictObject({ ...event, event: z.literal('budget'), threshold: z.string(), spent: usd, limit: usd }),
  z.strictObject({ ...event, event: z.literal('burn-rate'), burn: usd, usual: usd }),
  z.strictObject({ ...event, event: z.enum(['frozen', 'fault']), until: time }),
  z.strictObject({ ...event, event: z.enum(['started', 'ended']), arn: z.string() }),
]);

export const GateJsonSchema = z.strictObject({
  at: time,
  project: z.string(),
  limit: usd,
  committed: usd,
  verdict: z.enum(['pass', 'over']),
  pick: z.string().optional(),
  judged: z.array(
    z.strictObject({
      type: z.string(),
      verdict: z.enum(['pass', 'over', 'unfit', 'unpriced']),
      adds: usd.optional(),
      projected: usd.optional(),
      over: usd.optional(),
      why: z.string(),
    }),
  ),
});

/** What was expected, and where it was not met what was found. */
export const CheckJsonSchema = z.strictObject({ ok: z.boolean(), text: z.string() });

export const RunJsonSchema = z.object({
  title: z.string(),
  description: z.string(),
  from: time,
  to: time,
  /** The file of the policy. */
  policy: z.string(),
  spent: usd,
  without: usd,
  /** `without` − `spent`. */
  saved: usd,
  savedPercent: z.number(),
  assumptions: z.array(z.string()),
  counts: z.strictObject({
    stops: z.number(),
    stoppedResources: z.number(),
    whileBusy: z.number(),
    falseStops: z.number(),
    warnings: z.number(),
    told: z.number(),
    failed: z.number(),
    restores: z.number(),
    keeps: z.number(),
    sweeps: z.number(),
    metrics: z.number(),
  }),
  projects: z.array(
    z.strictObject({
      project,
      /** USD a month; absent = none. */
      limit: usd.optional(),
      spent: usd,
      without: usd,
      /** By the meter, since the month (UTC) began. */
      points: z.array(z.strictObject({ at: time, billed: usd, estimated: usd })),
    }),
  ),
  resources: z.array(
    z.strictObject({
      arn: z.string(),
      id: z.string(),
      kind: z.string(),
      title: z.string(),
      size: z.string(),
      region: z.string(),
      project,
      /** `null` = none matches it. */
      policy: z.string().nullable(),
      /** USD an hour while running; `null` = unpriced. */
      hourly: usd.nullable(),
      ran: z.array(span),
      stopped: z.array(span),
      busy: z.array(span),
      spent: usd,
      without: usd,
      /** Of what runs at the end: why it is left alone whatever it does; absent = by nothing but its use. */
      leftAlone: z
        .strictObject({ verdict: z.enum(['exempt', 'refused', 'held']), why: z.string() })
        .optional(),
    }),
  ),
  events: z.array(RunEventJsonSchema),
  gates: z.array(GateJsonSchema),
});

export type RunJson = z.output<typeof RunJsonSchema>;
type EventJson = z.output<typeof RunEventJsonSchema>;

/**
 * The run for machines, as `RunJsonSchema` documents it.
 * @param more fields beside those of the run
 */
export function runJson<More extends object>(result: RunResult, more: More): RunJson & More {
  const { saved, savedPercent, ...counts } = figuresOf(result);
  return {
    title: result.title,
    description: result.description,
    from: iso(result.from),
    to: iso(result.to),
    policy: result.policy,
    spent: usdToDecimal(result.spent),
    without: usdToDecimal(result.without),
    saved: usdToDecimal(saved),
    savedPercent,
    assumptions: [...result.assumptions],
    counts: { ...counts, ...result.counts },
    projects: result.projects.map(projectJson),
    resources: result.resources.map(resourceJson),
    events: result.events.map(eventJson),
    gates: result.gates.map(({ at, outcome }) => gateJson(at, outcome)),
    ...more,
  };
}

const iso = (at: Date): string => at.toISOString();
const spanJson = ({ from, to }: Span) => ({ from: iso(from), to: iso(to) });

const projectJson = ({ project: name, limit, spent, without, points }: ProjectRun) => ({
  project: name ?? null,
  ...(limit === undefined ? {} : { limit: usdToDecimal(limit) }),
  spent: usdToDecimal(spent),
  without: usdToDecimal(without),
  points: points.map(({ at, billed, estimated }) => ({
    at: iso(at),
    billed: usdToDecimal(billed),
    estimated: usdToDecimal(estimated),
  })),
});

const resourceJson = ({ ran, stopped, busy, ...run }: ResourceRun) => ({
  arn: run.arn,
  id: run.id,
  kind: run.kind,
  title: run.title,
  size: run.size,
  region: run.region,
  project: run.project ?? null,
  policy: run.policy ?? null,
  hourly: run.hourly === undefined ? null : usdToDecimal(run.hourly),
  ran: ran.map(spanJson),
  stopped: stopped.map(spanJson),
  busy: busy.map(spanJson),
  spent: usdToDecimal(run.spent),
  without: usdToDecimal(run.without),
  ...(run.leftAlone === undefined ? {} : { leftAlone: run.leftAlone }),
});

export function eventJson(one: RunEvent): EventJson {
  const base = { at: iso(one.at), project: one.project ?? null, reason: one.reason };
  switch (one.event) {
    case 'warned':
    case 'notified': {
      const { event: name, arn, policy, stopAt } = one;
      return { ...base, event: name, arn, policy, ...(stopAt === undefined ? {} : { stopAt: iso(stopAt) }) };
    }
    case 'stopped': {
      const { event: name, arn, policy, trigger, manner, whileBusy, falseStop } = one;
      const how = manner === undefined ? {} : { manner };
      return { ...base, event: name, arn, policy, trigger, ...how, whileBusy, falseStop };
    }
    case 'failed':
    case 'skipped':
      return { ...base, event: one.event, arn: one.arn, code: one.code };
    case 'restored':
      return { ...base, event: one.event, arn: one.arn, by: one.by };
    case 'kept':
      return { ...base, event: one.event, arn: one.arn, until: iso(one.until), by: one.by };
    case 'refused':
    case 'released':
    case 'unfrozen':
      return { ...base, event: one.event, by: one.by };
    case 'held':
      return { ...base, event: one.event, cause: one.cause, arns: [...one.arns] };
    case 'budget': {
      const { event: name, threshold, spent, limit } = one;
      return { ...base, event: name, threshold, spent: usdToDecimal(spent), limit: usdToDecimal(limit) };
    }
    case 'burn-rate':
      return { ...base, event: one.event, burn: usdToDecimal(one.burn), usual: usdToDecimal(one.usual) };
    case 'frozen':
    case 'fault':
      return { ...base, event: one.event, until: iso(one.until) };
    case 'started':
    case 'ended':
      return { ...base, event: one.event, arn: one.arn };
    default:
      return assertNever(one);
  }
}

const gateJson = (at: Date, { project: name, limit, committed, verdict, pick, judged }: GateOutcome) => ({
  at: iso(at),
  project: name,
  limit: usdToDecimal(limit),
  committed: usdToDecimal(committed),
  verdict,
  ...(pick === undefined ? {} : { pick }),
  judged: judged.map(judgedJson),
});

const judgedJson = ({ type, verdict, why, ...amounts }: GateJudged) => ({
  type,
  verdict,
  ...amountJson('adds', amounts.adds),
  ...amountJson('projected', amounts.projected),
  ...amountJson('over', amounts.over),
  why,
});

const amountJson = (name: 'adds' | 'projected' | 'over', amount: Usd | undefined) =>
  amount === undefined ? {} : { [name]: usdToDecimal(amount) };

export const checkJson = ({ ok, text }: Checked): z.output<typeof CheckJsonSchema> => ({ ok, text });
