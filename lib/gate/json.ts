import * as z from 'zod';
import { type Usd, usdToDecimal } from '../types/money.ts';
import { deltaOf, type GateResult, headline } from './result.ts';

const usd = z.string().regex(/^-?\d+(\.\d{1,6})?$/);
const verdict = z.enum(['pass', 'warn', 'over']);
const frequency = z.enum(['month', 'once']);
const place = z.object({ file: z.string(), line: z.number().optional(), col: z.number().optional() });

/** The form of `bursar gate --json`: amounts are decimal US dollars, exact. */
export const GateJsonSchema = z.strictObject({
  version: z.literal(1),
  /** `unjudged` = it costs more, and no limit is known for it. */
  verdict: z.enum(['pass', 'warn', 'over', 'unjudged']),
  headline: z.string(),
  /** USD that the change adds to a month, all projects together. */
  delta: usd,
  hasBase: z.boolean(),
  free: z.number().int(),
  projects: z.array(
    z.strictObject({
      project: z.string(),
      verdict,
      delta: usd,
      levels: z.array(
        z.strictObject({
          level: z.enum(['project', 'team', 'model']),
          name: z.string(),
          limit: usd,
          /** `null` = somebody has stated what is committed. */
          billed: usd.nullable(),
          estimated: usd.nullable(),
          runsOn: usd.nullable(),
          reserved: usd,
          committed: usd,
          remaining: usd,
          delta: usd,
          projected: usd,
          /** `null` = within. */
          over: usd.nullable(),
          verdict,
          why: z.string(),
        }),
      ),
    }),
  ),
  items: z.array(
    z.strictObject({
      id: z.string(),
      type: z.string(),
      project: z.string().nullable(),
      place,
      frequency,
      change: z.enum(['added', 'removed', 'changed', 'same']),
      before: usd.nullable(),
      after: usd.nullable(),
      delta: usd,
      unpriced: z.array(z.string()),
    }),
  ),
  unjudged: z.array(
    z.strictObject({ project: z.string().nullable(), delta: usd, items: z.array(z.string()) }),
  ),
  unpriced: z.strictObject({ count: z.number().int(), items: z.array(z.string()) }),
  alternatives: z.array(
    z.strictObject({
      id: z.string(),
      project: z.string().nullable(),
      instanceType: z.string(),
      notes: z.array(z.string()),
      offers: z.array(
        z.strictObject({
          instanceType: z.string(),
          spot: z.boolean(),
          cost: usd.nullable(),
          projected: usd.nullable(),
          verdict: z.enum(['pass', 'over', 'unfit', 'unpriced']),
          meets: z.string(),
          why: z.string(),
        }),
      ),
    }),
  ),
  picks: z.array(
    z.strictObject({
      id: z.string(),
      project: z.string().nullable(),
      from: z.string(),
      instanceType: z.string(),
      spot: z.boolean(),
      cost: usd,
      frequency,
      meets: z.string(),
      /** Where it is written; `null` = it is not. */
      written: place.nullable(),
      /** Why `--pick` did not write it. */
      refused: z.string().nullable(),
    }),
  ),
  notes: z.array(z.string()),
});
export type GateJson = z.output<typeof GateJsonSchema>;

const maybe = (amount: Usd | undefined): string | null =>
  amount === undefined ? null : usdToDecimal(amount);

/** What a gate found, for machines. */
export function gateJson(result: GateResult): GateJson {
  const { items, hasBase, free, judgement, alternatives, written, isStated, notes } = result;
  return {
    version: 1,
    verdict: judgement.verdict,
    headline: headline(result),
    delta: usdToDecimal(deltaOf(items)),
    hasBase,
    free,
    projects: judgement.projects.map(({ project, verdict: said, delta, levels }) => ({
      project,
      verdict: said,
      delta: usdToDecimal(delta),
      levels: levels.map(({ committed, ...level }) => ({
        level: level.level,
        name: level.name,
        limit: usdToDecimal(level.limit),
        billed: isStated ? null : usdToDecimal(committed.billed),
        estimated: isStated ? null : usdToDecimal(committed.estimated),
        runsOn: isStated ? null : usdToDecimal(committed.runsOn),
        reserved: usdToDecimal(committed.reserved),
        committed: usdToDecimal(committed.total),
        remaining: usdToDecimal(level.remaining),
        delta: usdToDecimal(level.delta),
        projected: usdToDecimal(level.projected),
        over: maybe(level.over),
        verdict: level.verdict,
        why: level.why,
      })),
    })),
    items: items.map(({ id, type, project = null, place: where, frequency: often, ...item }) => ({
      id,
      type,
      project,
      place: where,
      frequency: often,
      change: item.change,
      before: maybe(item.before),
      after: maybe(item.after),
      delta: usdToDecimal(item.delta),
      unpriced: [...item.unpriced],
    })),
    unjudged: judgement.unjudged.map(({ project = null, delta, items: own }) => ({
      project,
      delta: usdToDecimal(delta),
      items: [...own],
    })),
    unpriced: { count: judgement.unpriced.length, items: judgement.unpriced.map(({ id }) => id) },
    alternatives: alternatives.items.map(({ id, project = null, instanceType, offers, notes: said }) => ({
      id,
      project,
      instanceType,
      notes: [...said],
      offers: offers.map(({ cost, projected, ...offer }) => ({
        ...offer,
        cost: maybe(cost),
        projected: maybe(projected),
      })),
    })),
    picks: alternatives.picks.map(({ id, project = null, choice, cost, ...pick }) => {
      const done = written.find((one) => one.id === id && one.file === choice.at.file);
      return {
        id,
        project,
        from: choice.instanceType,
        instanceType: pick.instanceType,
        spot: pick.spot,
        cost: usdToDecimal(cost),
        frequency: pick.frequency,
        meets: pick.meets,
        written:
          done === undefined || done.refused !== undefined
            ? null
            : { file: done.file, ...(done.line === undefined ? {} : { line: done.line }) },
        refused: done?.refused ?? null,
      };
    }),
    notes: [...notes],
  };
}
