import * as z from 'zod';

/** A resource as an alert shows it. All amounts are decimal USD text (`usdToDecimal`). */
export const AlertItemSchema = z.object({
  arn: z.string(),
  id: z.string(),
  kind: z.string(),
  region: z.string(),
  size: z.string(),
  owner: z.string().optional(),
  /** USD an hour; absent = unpriced. */
  hourly: z.string().optional(),
  /** requested and taken kept apart: what was asked … */
  requested: z.enum(['stop', 'warn', 'notify', 'hold', 'restore', 'keep', 'tag']),
  /** … and what became of it. */
  status: z.enum(['taken', 'skipped', 'failed', 'none']),
  code: z.string().optional(),
  detail: z.string().optional(),
  reason: z.string(),
  rule: z.string(),
  /** The minute of an announced stop. */
  stopAt: z.iso.datetime().optional(),
  /** Of a stop that was taken: set where it cannot be undone. */
  restorable: z.literal(false).optional(),
});
export type AlertItem = z.infer<typeof AlertItemSchema>;

/**
 * What people may answer to an alert, by a button or a command. Each concerns the alert's items; `release`
 * concerns what was held at `heldAt`, and `unfreeze` the alert's holder, or else its project.
 */
export const AlertOfferSchema = z.enum([
  'keep-2h',
  'keep-tomorrow',
  'stop',
  'restore',
  'details',
  'release',
  'unfreeze',
]);
export type AlertOffer = z.infer<typeof AlertOfferSchema>;

/**
 * Somewhere to go on reading. The address may let whoever has it read, so it is never logged. None of its characters is
 * markup of a chat or a mail program.
 */
export const AlertLinkSchema = z.object({
  title: z.string(),
  url: z
    .string()
    .max(1_000)
    .regex(/^https:\/\/[\w.~:/?#@!$&'+,;=%-]+$/),
});
export type AlertLink = Readonly<z.infer<typeof AlertLinkSchema>>;

/** The one alert model. Every channel renders this; SNS carries it as JSON. */
export const AlertSchema = z.object({
  version: z.literal(1),
  /** The same for every repeat of one alert; channels drop repeats by it. */
  id: z.string(),
  at: z.iso.datetime(),
  severity: z.enum(['info', 'warning', 'critical']),
  kind: z.enum([
    'idle',
    'budget',
    'freeze',
    'launch',
    'untagged',
    'person',
    'keep-tag',
    'schedule',
    'runtime',
    'hold',
    'restore',
    'keep',
    'release',
    'approve',
    'unfreeze',
    'tag',
    'burn-rate',
    'weekly',
    'canary',
    'anomaly',
    'not-understood',
    'alarm',
  ]),
  account: z.string(),
  project: z.string().optional(),
  /** Whose limit it is about, where that is a team's or a model's (`holderOf`: `team:alpha`). */
  holder: z.string().optional(),
  owner: z.string().optional(),
  /** Slack channel of the project or team, `#fraud-ml`; absent = the default channel. */
  slack: z.string().optional(),
  /** One line: what happened. */
  title: z.string(),
  /** Why, with the figures and the rule; whole sentences. */
  reason: z.string(),
  /** A list that belongs to the reason, a sentence each; of the weekly alert. */
  lines: z.array(z.string()).optional(),
  /** Where there is more to read; of the weekly alert. */
  link: AlertLinkSchema.optional(),
  /** What happens next, or what to do; whole sentences. */
  next: z.string(),
  items: z.array(AlertItemSchema),
  /** What may be answered; absent = nothing. */
  offers: z.array(AlertOfferSchema).optional(),
  /** Of the offer `keep-tomorrow`: until when, for whoever takes it on the day of the alert. */
  tomorrow: z.iso.datetime().optional(),
  /** Of a hold: what a release names. */
  heldAt: z.iso.datetime().optional(),
});
export type Alert = z.infer<typeof AlertSchema>;

/** What somebody answered to an alert, shown under it. */
export const AlertAnswerSchema = z.object({
  /** The same for every repeat of one press. */
  id: z.string(),
  at: z.iso.datetime(),
  /** For people: `ana`. */
  by: z.string(),
  /** One sentence: what came of it. */
  text: z.string(),
  /** Set where an owner must approve first: what their button repeats. */
  approval: z
    .object({ item: z.number().int().nonnegative().optional(), offer: AlertOfferSchema, asker: z.string() })
    .optional(),
});
export type AlertAnswer = z.infer<typeof AlertAnswerSchema>;
