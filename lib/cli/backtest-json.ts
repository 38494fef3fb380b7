import * as z from 'zod';
import { compareRuns, type Standing, standings } from '../backtest/compare.ts';
import type { HistoryCost } from '../backtest/metric-batches.ts';
import type { Proposal, RuleFigures } from '../backtest/thresholds.ts';
import { usdToDecimal } from '../types/money.ts';
import type { Backtested } from './backtest-lines.ts';
import { eventJson, RunEventJsonSchema, RunJsonSchema, runJson } from './run-text/run-json.ts';

/*
 * What `bursar backtest --json` prints: a run, as `RunJsonSchema` documents it, and these fields beside. Times are ISO
 * 8601 in UTC, money is decimal USD as text.
 */

const usd = z.string();
const project = z.string().nullable();

const figures = z.strictObject({ stops: z.number(), falseStops: z.number(), saved: usd });
const standing = z.strictObject({
  project,
  spent: usd,
  without: usd,
  saved: usd,
  stops: z.number(),
  falseStops: z.number(),
  whileBusy: z.number(),
});

const proposal = z.strictObject({
  policy: z.string(),
  /** `null` = all that the policy matches. */
  project,
  resources: z.number(),
  advice: z.enum(['keep', 'shorten', 'change', 'none']),
  now: figures,
  /** The setting that would be different, and what it would have come to; absent where nothing is proposed. */
  change: z
    .discriminatedUnion('set', [
      z.strictObject({ set: z.literal('after'), seconds: z.number() }),
      /** Percent, or bytes a second of `network`. */
      z.strictObject({ set: z.literal('below'), signal: z.string(), limit: z.number() }),
    ])
    .optional(),
  changed: figures.optional(),
  text: z.string(),
});

export const BacktestJsonSchema = RunJsonSchema.extend({
  account: z.string(),
  /** What was asked of CloudWatch for it, beside what was in the cache. */
  read: z.strictObject({
    metrics: z.number(),
    calls: z.number(),
    usd,
    /** Days of single metrics. */
    cachedDays: z.number(),
    missingDays: z.number(),
  }),
  byProject: z.array(standing),
  proposals: z.array(proposal),
  /** What could not be known, sentences. */
  gaps: z.array(z.string()),
  /** The same by the other policy. */
  against: z
    .strictObject({
      run: RunJsonSchema,
      byProject: z.array(standing),
      /** Stops in whose time the other policy had the resource running throughout. */
      onlyThis: z.array(RunEventJsonSchema),
      onlyAgainst: z.array(RunEventJsonSchema),
    })
    .optional(),
});

export type BacktestJson = z.output<typeof BacktestJsonSchema>;

/** The whole of it for machines. */
export function backtestJson(
  { result, other, proposals, gaps }: Backtested,
  account: string,
  cost: HistoryCost,
  asked: { readonly metrics: number; readonly calls: number },
): BacktestJson {
  const compared = other === undefined ? undefined : compareRuns(result, other);
  return runJson(result, {
    account,
    read: {
      ...asked,
      usd: usdToDecimal(cost.usd),
      cachedDays: cost.cachedDays,
      missingDays: cost.missingDays,
    },
    byProject: standings(result).map(standingJson),
    proposals: proposals.map(proposalJson),
    gaps: [...gaps],
    ...(other === undefined || compared === undefined
      ? {}
      : {
          against: {
            run: runJson(other, {}),
            byProject: standings(other).map(standingJson),
            onlyThis: compared.onlyOne.map(eventJson),
            onlyAgainst: compared.onlyOther.map(eventJson),
          },
        }),
  });
}

const standingJson = (one: Standing & { readonly project: string | undefined }) => ({
  project: one.project ?? null,
  spent: usdToDecimal(one.spent),
  without: usdToDecimal(one.without),
  saved: usdToDecimal(one.saved),
  stops: one.stops,
  falseStops: one.falseStops,
  whileBusy: one.whileBusy,
});

const figuresJson = ({ stops, falseStops, saved }: RuleFigures) => ({
  stops,
  falseStops,
  saved: usdToDecimal(saved),
});

const proposalJson = (one: Proposal): BacktestJson['proposals'][number] => ({
  policy: one.policy,
  project: one.project ?? null,
  resources: one.resources,
  advice: one.advice,
  now: figuresJson(one.now),
  ...('change' in one ? { change: { ...one.change }, changed: figuresJson(one.changed) } : {}),
  text: one.text,
});
