import * as z from 'zod';
import { parseUsd, sumUsd, type Usd } from '../types/money.ts';
import { group } from './group.ts';
import { LevelRowSchema, SpendRowSchema } from './spend-row.ts';

/** What is told of a resource beside its ARN. An older Bursar tells nothing of it. */
const about = {
  id: z.string().optional(),
  kind: z.string().optional(),
  project: z.string().optional(),
  size: z.string().optional(),
  /** Decimal USD an hour while running. */
  hourly: z.string().optional(),
  state: z.string().optional(),
  /** When it was announced that it stops. */
  stopAt: z.iso.datetime().optional(),
};

const counts = z.record(z.string(), z.number());

/** What the sweep's Lambda answers to a dry run, as far as people are shown it (`SweepSummary`). */
export const SweepAnswerSchema = z.object({
  at: z.iso.datetime(),
  /** How many there are of each, also of those beyond what the lists tell. */
  decisions: counts,
  verdicts: counts,
  decided: z
    .array(
      z.object({
        ...about,
        action: z.string(),
        arn: z.string().optional(),
        policy: z.string().optional(),
        reason: z.string(),
      }),
    )
    .readonly(),
  leftAlone: z
    .array(
      z.object({
        ...about,
        arn: z.string(),
        policy: z.string().optional(),
        verdict: z.string(),
        why: z.string(),
      }),
    )
    .readonly(),
  /** What the projects have spent, as the meter sees it. An older Bursar has no meter. */
  spend: z.array(SpendRowSchema).readonly().optional(),
  /** The same of teams and models; absent = the policy has none, and of an older Bursar. */
  spendLevels: z.array(LevelRowSchema).readonly().optional(),
  /** How many more projects there are, which the policy does not name. */
  spendLeftOut: z.number().optional(),
});
export type SweepAnswer = z.infer<typeof SweepAnswerSchema>;

/** What a sweep would do with one resource, or why it leaves it alone. */
export interface Finding {
  /** An action, such as `stop`, or a verdict, such as `exempt`. */
  readonly what: string;
  readonly why: string;
}

/** One resource as the dry run sees it. */
export interface Sight {
  readonly arn: string;
  readonly id: string;
  readonly kind: string | undefined;
  readonly project: string | undefined;
  readonly size: string | undefined;
  readonly hourly: Usd | undefined;
  readonly state: string | undefined;
  readonly stopAt: string | undefined;
  readonly policy: string | undefined;
  /** What is done comes before why something else is not. */
  readonly findings: readonly Finding[];
}

/** What the service calls it, by the ARN alone: what follows the last `/` or `:`. */
export const idOfArn = (arn: string): string => arn.split(/[/:]/).at(-1) || arn;

/** Each resource once, whatever is said of it. */
export function sightsOf({ decided, leftAlone }: SweepAnswer): readonly Sight[] {
  const said = [
    ...decided.flatMap(({ arn, action, reason, ...rest }) =>
      arn === undefined ? [] : [{ ...rest, arn, what: action, why: reason }],
    ),
    ...leftAlone.map(({ verdict, ...rest }) => ({ ...rest, what: verdict })),
  ];
  return [...group(said, ({ arn }) => arn)].map(([arn, some]) => {
    const first = <T>(of: (one: (typeof some)[number]) => T | undefined): T | undefined =>
      some.map(of).find((value) => value !== undefined);
    const hourly = first((one) => one.hourly);
    return {
      arn,
      id: first((one) => one.id) ?? idOfArn(arn),
      kind: first((one) => one.kind),
      project: first((one) => one.project),
      size: first((one) => one.size),
      hourly: hourly === undefined ? undefined : parseUsd(hourly),
      state: first((one) => one.state),
      stopAt: first((one) => one.stopAt),
      policy: first((one) => one.policy),
      findings: some.map(({ what, why }) => ({ what, why })),
    };
  });
}

/** USD an hour of those that run; `unpriced` of them have no known price. */
export function runningCost(sights: readonly Sight[]): { readonly hourly: Usd; readonly unpriced: number } {
  const running = sights.filter(({ state }) => state === 'running');
  const prices = running.flatMap(({ hourly }) => (hourly === undefined ? [] : [hourly]));
  return { hourly: sumUsd(prices), unpriced: running.length - prices.length };
}

/** How many findings the lists leave out: a Lambda's answer is limited. */
export function untold({ decisions, verdicts, decided, leftAlone }: SweepAnswer): number {
  const sum = (of: Readonly<Record<string, number>>): number =>
    Object.values(of).reduce((total, one) => total + one, 0);
  return sum(decisions) - decided.length + sum(verdicts) - leftAlone.length;
}
