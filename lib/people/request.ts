import * as z from 'zod';

/**
 * What people may ask of Bursar, by a Slack button or the command line. It travels as JSON: in the requests queue
 * behind Slack, and as the payload of the request Lambda.
 */

/** Who asks. `cli`: whoever IAM let invoke the request Lambda; `id` is then the ARN that the caller states. */
export const PersonSchema = z.object({
  via: z.enum(['slack', 'cli']),
  /** Slack user id, or the ARN of an IAM principal. */
  id: z.string().min(1).max(2048),
  /** For people: `ana`. */
  name: z.string().min(1).max(200),
});
export type Person = z.infer<typeof PersonSchema>;

const arns = z.array(z.string().min(1).max(2048)).min(1).max(100);
const reason = z.string().max(500).optional();

/** Longer than this needs the keep tag, which everybody sees. */
export const KEEP_MAX_DAYS = 30;

/** Until when something is kept. `tomorrow`: 9:00 of the next day in the policy's time zone. */
export const KeepTermSchema = z.union([
  z.object({ seconds: z.number().int().min(60).max(31_536_000) }),
  z.object({ at: z.iso.datetime({ offset: true }) }),
  z.literal('tomorrow'),
]);
export type KeepTerm = z.infer<typeof KeepTermSchema>;

const sha256 = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** What of a plan is approved, as `bursar plan --json` writes it (`planHash`, `policyHash`, `planLists`). */
export const ApprovedPlanSchema = z.object({
  hash: sha256,
  policyHash: sha256,
  /** ARNs by the name of the policy that may act on them. */
  lists: z.record(z.string().max(200), z.array(z.string().min(1).max(2048))),
});
export type ApprovedPlan = z.infer<typeof ApprovedPlanSchema>;

export const RequestSchema = z.discriminatedUnion('ask', [
  z.object({ ask: z.literal('keep'), arns, term: KeepTermSchema, reason, by: PersonSchema, id: z.string() }),
  z.object({ ask: z.literal('stop'), arns, reason, by: PersonSchema, id: z.string() }),
  z.object({
    ask: z.literal('restore'),
    /** What to bring back: these, or all that Bursar stopped of a project. */
    what: z.union([z.object({ arns }), z.object({ project: z.string().min(1) })]),
    reason,
    by: PersonSchema,
    id: z.string(),
  }),
  z.object({
    ask: z.literal('release'),
    heldAt: z.iso.datetime(),
    reason,
    by: PersonSchema,
    id: z.string(),
  }),
  /** Ends the freeze of a project: what starts in it runs on, and its roles may launch again. */
  z.object({
    ask: z.literal('unfreeze'),
    /** Or a team or model, as `holderOf` writes it: `team:alpha`, `model:fraud:scorer`. */
    project: z.string().min(1).max(256),
    reason,
    by: PersonSchema,
    id: z.string(),
  }),
  /** Lets what a plan lists be acted on, where the policy says `approval: required`. */
  z.object({
    ask: z.literal('approve'),
    ...ApprovedPlanSchema.shape,
    reason,
    by: PersonSchema,
    id: z.string(),
  }),
  /** What became of decisions that an earlier answer named. */
  z.object({ ask: z.literal('outcomes'), keys: z.array(z.string()).min(1).max(100) }),
  /** The audit trail, newest last. */
  z.object({
    ask: z.literal('audit'),
    of: z.union([z.object({ arn: z.string().min(1) }), z.object({ project: z.string().min(1).optional() })]),
    since: z.iso.datetime({ offset: true }),
  }),
  /** What is kept, frozen, over budget, held and restorable now. */
  z.object({ ask: z.literal('state') }),
  /** How well resources are tagged, and what would mend it. */
  z.object({ ask: z.literal('tags') }),
]);
/** `id` names the wish: the same one twice is done once. */
export type Request = z.infer<typeof RequestSchema>;

/** What became of a wish for one resource. `asked`: it is queued for the enforcer under `key`. */
export const AnsweredSchema = z.object({
  arn: z.string().optional(),
  status: z.enum(['done', 'asked', 'refused', 'needs-approval', 'nothing-to-do']),
  /** One sentence for people. */
  text: z.string(),
  /** Of the decision that is queued or done. */
  key: z.string().optional(),
});
export type Answered = z.infer<typeof AnsweredSchema>;
