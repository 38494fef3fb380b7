import * as z from 'zod';
import { listsToJson } from '../plan/hash.ts';
import type { Plan, PlanLine } from '../plan/plan.ts';
import { type Usd, usdToDecimal } from '../types/money.ts';
import { type Cost, planFigures } from './plan-figures.ts';
import { RunJsonSchema, runJson } from './run-text/run-json.ts';

/*
 * What `bursar plan --json` prints. Times are ISO 8601 in UTC, money is decimal USD as text. `hash`, `policyHash` and
 * `lists` are what `bursar approve` reads of it.
 */

const time = z.iso.datetime();
const usd = z.string().regex(/^-?\d+(\.\d{1,6})?$/);
const sha256 = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const action = z.enum(['warn', 'stop', 'notify', 'hold', 'restore']);
const cost = z.strictObject({ count: z.number(), hourly: usd, unpriced: z.number() });

export const PlanLineJsonSchema = z.strictObject({
  arn: z.string(),
  id: z.string(),
  kind: z.string(),
  title: z.string(),
  size: z.string(),
  region: z.string(),
  account: z.string(),
  state: z.enum(['running', 'transitional', 'stopped', 'failed']),
  /** `null` = no tag names one. */
  project: z.string().nullable(),
  /** `null` = none matches it. */
  policy: z.string().nullable(),
  /** USD an hour while running; `null` = unpriced. */
  hourly: usd.nullable(),
  /** What the sweep of now comes to. */
  now: z.strictObject({
    action: z.enum(['none', ...action.options]),
    verdict: z.string(),
    why: z.string(),
    stopAt: time.optional(),
  }),
  /** The first thing that happens to it if all goes on as now; absent = nothing within the look ahead. */
  next: z.strictObject({ at: time, action, why: z.string() }).optional(),
  /** When its stop comes if all goes on as now; absent = none within the look ahead. */
  stopAt: time.optional(),
  /** When it is started again if all goes on as now; absent = it is not within the look ahead. */
  start: z.strictObject({ at: time, why: z.string() }).optional(),
  /** Whether an approved plan lists it; absent where the policy file asks for no approval. */
  approved: z.boolean().optional(),
});

export const PlanJsonSchema = z.strictObject({
  at: time,
  account: z.string(),
  regions: z.array(z.string()),
  policyFile: z.string(),
  state: z.enum(['deployed', 'new']),
  /** Of `policyHash` and `lists` together. */
  hash: sha256,
  policyHash: sha256,
  /** ARNs of what each policy could ever stop, by the policy’s name. */
  lists: z.record(z.string(), z.array(z.string())),
  totals: z.strictObject({
    resources: z.number(),
    running: cost,
    /** What would be stopped now or within the look ahead. */
    stopping: cost,
    untagged: z.number(),
    unpriced: z.number(),
    noPolicy: z.number(),
    unapproved: z.number(),
  }),
  lines: z.array(PlanLineJsonSchema),
  ahead: RunJsonSchema,
  /** What could not be read, sentences for people. */
  missing: z.array(z.string()),
  /** What should be known of how it was made, sentences for people. */
  notes: z.array(z.string()),
});
export type PlanJson = z.output<typeof PlanJsonSchema>;

export interface PlanJsonParts {
  readonly policyHash: string;
  readonly notes: readonly string[];
}

/** The plan for machines, as `PlanJsonSchema` documents it. */
export function planJson(plan: Plan, { policyHash, notes }: PlanJsonParts): PlanJson {
  const { resources, running, stopping, untagged, unpriced, noPolicy, unapproved } = planFigures(plan);
  return {
    at: plan.at.toISOString(),
    account: plan.account,
    regions: [...plan.regions],
    policyFile: plan.policyFile,
    state: plan.state,
    hash: plan.hash,
    policyHash,
    lists: listsToJson(plan.lists),
    totals: {
      resources,
      running: costJson(running),
      stopping: costJson(stopping),
      untagged: untagged.length,
      unpriced: unpriced.length,
      noPolicy: noPolicy.length,
      unapproved: unapproved.length,
    },
    lines: plan.lines.map(lineJson),
    ahead: runJson(plan.ahead, {}),
    missing: [...plan.missing],
    notes: [...notes],
  };
}

const costJson = ({ count, hourly, unpriced }: Cost) => ({ count, hourly: usdToDecimal(hourly), unpriced });

const priceJson = (price: Usd | undefined): string | null =>
  price === undefined ? null : usdToDecimal(price);

const lineJson = ({
  project,
  policy,
  hourly,
  now,
  next,
  stopAt,
  start,
  approved,
  ...line
}: PlanLine): PlanJson['lines'][number] => ({
  arn: line.arn,
  id: line.id,
  kind: line.kind,
  title: line.title,
  size: line.size,
  region: line.region,
  account: line.account,
  state: line.state,
  project: project ?? null,
  policy: policy ?? null,
  hourly: priceJson(hourly),
  now: {
    action: now.action,
    verdict: now.verdict,
    why: now.why,
    ...(now.stopAt === undefined ? {} : { stopAt: now.stopAt.toISOString() }),
  },
  ...(next === undefined ? {} : { next: { at: next.at.toISOString(), action: next.action, why: next.why } }),
  ...(stopAt === undefined ? {} : { stopAt: stopAt.toISOString() }),
  ...(start === undefined ? {} : { start: { at: start.at.toISOString(), why: start.why } }),
  ...(approved === undefined ? {} : { approved }),
});
