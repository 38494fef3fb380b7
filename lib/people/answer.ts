import * as z from 'zod';
import { TRIGGERS } from '../types/decision.ts';
import { AnsweredSchema } from './request.ts';

/**
 * What the request Lambda answers, as JSON: one form for each ask. Times are ISO in UTC, amounts decimal USD text
 * (`usdToDecimal`).
 */

/** To `keep`, `stop`, `restore` and `release`: one entry a resource, in the order asked. */
export const WishAnswerSchema = z.object({ answered: z.array(AnsweredSchema) });

const DECISION_STATUS = ['intended', 'taken', 'skipped', 'failed'] as const;

/** What became of a decision. `unknown`: the enforcer has not taken it up. `intended`: it is at work. */
export const OutcomeAnswerSchema = z.object({
  status: z.enum([...DECISION_STATUS, 'unknown']),
  /** Of `skipped` and `failed`: the AWS error name, or Bursar's own code. */
  code: z.string().optional(),
  /** One sentence for people. */
  detail: z.string().optional(),
});
export type OutcomeAnswer = z.infer<typeof OutcomeAnswerSchema>;

/** To `outcomes`: by key, each one that was asked. */
export const OutcomesAnswerSchema = z.object({ outcomes: z.record(z.string(), OutcomeAnswerSchema) });

/** One line of the audit trail. */
export const AuditLineSchema = z.object({
  at: z.iso.datetime(),
  event: z.enum(DECISION_STATUS),
  /** The decision's action, such as `stop`. */
  action: z.string(),
  /** The resource, where it concerns one. */
  arn: z.string().optional(),
  id: z.string().optional(),
  kind: z.string().optional(),
  project: z.string().optional(),
  policy: z.string().optional(),
  rule: z.string().optional(),
  trigger: z.enum(TRIGGERS).optional(),
  /** Who asked for it, where a person did. */
  by: z.string().optional(),
  reason: z.string(),
  code: z.string().optional(),
  detail: z.string(),
});
export type AuditLine = z.infer<typeof AuditLineSchema>;

/**
 * To `audit`: newest last. `left` counts older ones that were left off to keep the answer under the 6 MB that Lambda
 * allows.
 */
export const AuditAnswerSchema = z.object({
  audit: z.array(AuditLineSchema),
  left: z.number().int().nonnegative().optional(),
});

export const StateSchema = z.object({
  /** Whose `until` has not passed. */
  keeps: z.array(
    z.object({
      arn: z.string(),
      until: z.iso.datetime(),
      by: z.string(),
      count: z.number().int().positive(),
    }),
  ),
  /** Of which something is remembered in this period. */
  projects: z.array(
    z.object({
      /** The project, or the team or model (`holderOf`: `team:alpha`). */
      project: z.string(),
      /** USD, as AWS Budgets gave them at `asOf`. */
      breach: z
        .object({ actual: z.string().optional(), limit: z.string(), asOf: z.iso.datetime() })
        .optional(),
      /** USD, as the meter gave them at `asOf`; of which of the limits, the source says. Absent = over none. */
      estimates: z
        .array(
          z.object({
            source: z.enum(['meter', 'meter-day', 'meter-total']),
            spent: z.string(),
            limit: z.string(),
            asOf: z.iso.datetime(),
          }),
        )
        .optional(),
      frozenUntil: z.iso.datetime().optional(),
      /** The rules with a grace period that were reached at `at`: their stops come at `stopAt`. */
      reached: z.array(
        z.object({ rule: z.string(), at: z.iso.datetime(), stopAt: z.iso.datetime().optional() }),
      ),
    }),
  ),
  /** What Bursar stopped and can bring back. */
  restorable: z.array(
    z.object({
      arn: z.string(),
      id: z.string(),
      project: z.string().optional(),
      kind: z.string(),
      savedAt: z.iso.datetime(),
      trigger: z.enum(TRIGGERS),
      state: z.enum(['stopped', 'restoring', 'restored']),
    }),
  ),
  /** When stops were held back that nobody has released yet, oldest first. */
  held: z.array(z.iso.datetime()),
  /** Absent where the policy asks for no approval, and of an older Bursar. */
  approval: z
    .object({
      /** True where the plan that was approved last is one of the deployed policy: else nothing is stopped or frozen. */
      current: z.boolean(),
      /** Absent where none ever was approved. */
      last: z
        .object({
          hash: z.string(),
          resources: z.number().int().nonnegative(),
          at: z.iso.datetime(),
          by: z.string(),
        })
        .optional(),
    })
    .optional(),
});
export type State = z.infer<typeof StateSchema>;

/** To `state`. */
export const StateAnswerSchema = z.object({ state: StateSchema });
