import * as z from 'zod';
import { CHARGES } from '../policy/allocation.ts';
import type { Allocation } from '../types/allocation.ts';
import { allocationRows } from './allocation-rows.ts';
import { centText } from './cents.ts';
import { cents, day, exact, maybe, project, usd } from './json-forms.ts';
import { shownAllocation } from './shown.ts';

const service = z.strictObject({ service: z.string(), cost: usd });

export const AllocationJsonSchema = z.strictObject({
  source: z.enum(['cost-explorer', 'cur2', 'focus', 'athena', 'ledger']),
  /** First and last day of the bill. */
  from: day,
  to: day,
  total: usd,
  /** What the CSV has: amounts that sum to the total. */
  rows: z.array(
    z.strictObject({
      part: z.enum(['direct', 'shared', 'idle', 'unowned']),
      project,
      team: z.string().nullable(),
      rule: z.string().nullable(),
      service: z.string().nullable(),
      usd: cents,
    }),
  ),
  projects: z.array(
    z.strictObject({
      project: z.string(),
      team: z.string().nullable(),
      direct: usd,
      shared: z.array(z.strictObject({ rule: z.string(), cost: usd })),
      total: usd,
      byDay: z.array(z.strictObject({ day, cost: usd })),
      byService: z.array(service),
    }),
  ),
  rules: z.array(
    z.strictObject({
      rule: z.string(),
      explained: z.array(z.string()),
      cost: usd,
      idle: usd,
      shares: z.array(
        z.strictObject({
          project: z.string(),
          cost: usd,
          percent: z.number(),
          basis: z.number().nullable(),
          /** 95 % confidence interval of `cost`, where it is estimated from samples. */
          interval: z.strictObject({ low: usd, high: usd }).nullable(),
        }),
      ),
      fallbacks: z.array(z.string()),
      /** What `basis` counts: `GPU-seconds`. */
      basisUnit: z.string().nullable(),
      samples: z.number().nullable(),
    }),
  ),
  unowned: z.strictObject({ total: usd, byService: z.array(service) }),
  idle: usd,
  dimensions: z.array(
    z.strictObject({
      /** `environment`, `category:Cost center`. */
      dimension: z.string(),
      /** `''` is what has none. */
      values: z.array(z.strictObject({ value: z.string(), direct: usd, shared: usd, total: usd })),
    }),
  ),
  reconciliation: z.strictObject({
    allocated: usd,
    lines: usd,
    charges: z.array(
      z.strictObject({
        charge: z.enum(CHARGES),
        called: z.string(),
        amortized: usd,
        unblended: usd,
        isSpend: z.boolean(),
      }),
    ),
    spend: usd.nullable(),
    difference: usd.nullable(),
    notSpend: usd,
    invoiced: usd.nullable(),
    ledger: usd.nullable(),
  }),
  notes: z.array(z.string()),
});

export type AllocationJson = z.output<typeof AllocationJsonSchema>;

/** Who pays what, as `AllocationJsonSchema` describes it: exact, and in `rows` the whole cents of page and CSV. */
export function allocationJson(one: Allocation): AllocationJson {
  const { reconciliation } = one;
  const services = (some: Allocation['unowned']['byService']) =>
    some.map(({ service, cost }) => ({ service, cost: exact(cost) }));
  return {
    source: one.source,
    from: one.from,
    to: one.to,
    total: exact(one.total),
    rows: allocationRows(shownAllocation(one)).map((row) => ({
      part: row.part,
      project: row.project ?? null,
      team: row.team ?? null,
      rule: row.rule ?? null,
      service: row.service ?? null,
      usd: centText(row.cost),
    })),
    projects: one.projects.map((costs) => ({
      project: costs.project,
      team: costs.team ?? null,
      direct: exact(costs.direct),
      shared: costs.shared.map(({ rule, cost }) => ({ rule, cost: exact(cost) })),
      total: exact(costs.total),
      byDay: [...costs.byDay].map(([on, cost]) => ({ day: on, cost: exact(cost) })),
      byService: services(costs.byService),
    })),
    rules: one.rules.map((rule) => ({
      rule: rule.rule,
      explained: [...rule.explained],
      cost: exact(rule.cost),
      idle: exact(rule.idle),
      shares: rule.shares.map(({ project: to, cost, percent, basis, interval }) => ({
        project: to,
        cost: exact(cost),
        percent,
        basis: basis ?? null,
        interval: interval === undefined ? null : { low: exact(interval.low), high: exact(interval.high) },
      })),
      fallbacks: [...rule.fallbacks],
      basisUnit: rule.basisUnit ?? null,
      samples: rule.samples ?? null,
    })),
    unowned: { total: exact(one.unowned.total), byService: services(one.unowned.byService) },
    idle: exact(one.idle),
    dimensions: [...one.dimensions].map(([dimension, values]) => ({
      dimension,
      values: values.map(({ value, direct, shared, total }) => ({
        value,
        direct: exact(direct),
        shared: exact(shared),
        total: exact(total),
      })),
    })),
    reconciliation: {
      allocated: exact(reconciliation.allocated),
      lines: exact(reconciliation.lines),
      charges: reconciliation.charges.map(({ charge, called, amortized, unblended, isSpend }) => ({
        charge,
        called,
        amortized: exact(amortized),
        unblended: exact(unblended),
        isSpend,
      })),
      spend: maybe(reconciliation.spend),
      difference: maybe(reconciliation.difference),
      notSpend: exact(reconciliation.notSpend),
      invoiced: maybe(reconciliation.invoiced),
      ledger: maybe(reconciliation.ledger),
    },
    notes: [...one.notes],
  };
}
