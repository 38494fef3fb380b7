import * as z from 'zod';

/**
 * The environment of the Lambdas. The stacks type what they set by these schemas (a missing variable is a
 * compile error) and the handlers read it by them.
 */

/**
 * The sandbox alone sets the clock forward, to play half an hour in seconds: by so many seconds, or by those in a file,
 * given as its URL. Absent on AWS.
 */
const SandboxClockSchema = z
  .string()
  .regex(/^(\d+|file:\/\/.+)$/)
  .optional();

const CommonSchema = z.object({
  /** Where the policy file lies: an S3 object whose key changes with its content. */
  POLICY_BUCKET: z.string().min(1),
  POLICY_KEY: z.string().min(1),
  LEDGER_TABLE: z.string().min(1),
  /** The account that is watched, 12 digits. */
  ACCOUNT_ID: z.string().regex(/^\d{12}$/),
  ALERTS_TOPIC_ARN: z.string().min(1),
  SANDBOX_CLOCK_AHEAD: SandboxClockSchema,
});

export const BudgetAlertEnvironmentSchema = CommonSchema.extend({
  COMMANDS_QUEUE_URL: z.string().min(1),
  /** Where messages are kept that cannot be understood. */
  DEAD_LETTER_QUEUE_URL: z.string().min(1),
});

/** To have the sweep look at a given minute: a one-time schedule that invokes it. */
const ownWake = {
  /** The role by which EventBridge Scheduler invokes the sweep. */
  WAKE_ROLE_ARN: z.string().min(1),
  /** The schedule group of these schedules alone. */
  WAKE_GROUP: z.string().min(1),
};
const wake = { ...ownWake, SWEEP_FUNCTION_ARN: z.string().min(1) };

export const SweepEnvironmentSchema = CommonSchema.extend({
  COMMANDS_QUEUE_URL: z.string().min(1),
  /** As of the enforcer; the sweep asks which roles it is attached to. */
  LAUNCH_DENY_POLICY_ARN: z.string().min(1).optional(),
  ...ownWake,
  /** Both set by Lambda, and by no stack: a function cannot be given its own ARN. */
  AWS_LAMBDA_FUNCTION_NAME: z.string().min(1).optional(),
  AWS_REGION: z.string().min(1).optional(),
});

export const EnforceEnvironmentSchema = CommonSchema.extend({
  ...wake,
  /** The managed policy that denies launches, for the roles that the policy file names; absent = it names none. */
  LAUNCH_DENY_POLICY_ARN: z.string().min(1).optional(),
});

/** What looks at each start and stop as it happens. */
export const LaunchGuardEnvironmentSchema = CommonSchema.extend({ COMMANDS_QUEUE_URL: z.string().min(1) });

/** What those need that speak to Slack, and know nothing of policy and fleet. */
const SlackSchema = z.object({
  LEDGER_TABLE: z.string().min(1),
  ACCOUNT_ID: z.string().regex(/^\d{12}$/),
  /** Secrets Manager name or ARN. */
  SLACK_SECRET_ID: z.string().min(1),
  SANDBOX_CLOCK_AHEAD: SandboxClockSchema,
});

export const NotifyEnvironmentSchema = SlackSchema.extend({
  /** SNS topic (e-mail) that is told what Slack would not take; absent = the dead-letter queue alone keeps it. */
  FALLBACK_TOPIC_ARN: z.string().min(1).optional(),
});

/** What Slack's buttons call: it checks, queues and answers. */
export const ChatEnvironmentSchema = SlackSchema.extend({ REQUESTS_QUEUE_URL: z.string().min(1) });

/** What does as people ask, behind Slack and the command line. */
export const RequestEnvironmentSchema = CommonSchema.extend({
  COMMANDS_QUEUE_URL: z.string().min(1),
  /** Absent = there is no Slack; the command line alone asks. */
  SLACK_SECRET_ID: z.string().min(1).optional(),
  ...wake,
});

/** What writes the report of the month. */
export const ReportEnvironmentSchema = CommonSchema.extend({
  REPORTS_BUCKET: z.string().min(1),
  /** The Function URL of the Lambda that opens links; absent = people are sent none. */
  REPORT_LINK_URL: z.url({ protocol: /^https$/ }).optional(),
  /** What Bursar is made of, for what it costs itself: JSON of `OwnParts`. */
  OWN_PARTS: z.string().min(1),
  /** Set by Lambda, and by no stack. */
  AWS_LAMBDA_FUNCTION_NAME: z.string().min(1).optional(),
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: z.string().regex(/^\d+$/).optional(),
});

/** What jobs ask before they start. */
export const GateEnvironmentSchema = CommonSchema.extend({
  /** Set by Lambda, and by no stack: where jobs run that name no region. */
  AWS_REGION: z.string().min(1).optional(),
});

/** What leads whoever has a link to the report. */
export const ReportLinkEnvironmentSchema = z.object({
  LEDGER_TABLE: z.string().min(1),
  REPORTS_BUCKET: z.string().min(1),
  SANDBOX_CLOCK_AHEAD: SandboxClockSchema,
});

export type WakeEnvironment = Pick<
  EnforceEnvironment,
  'SWEEP_FUNCTION_ARN' | 'WAKE_ROLE_ARN' | 'WAKE_GROUP' | 'SANDBOX_CLOCK_AHEAD'
>;
export type CommonEnvironment = z.infer<typeof CommonSchema>;
export type BudgetAlertEnvironment = z.infer<typeof BudgetAlertEnvironmentSchema>;
export type SweepEnvironment = z.infer<typeof SweepEnvironmentSchema>;
export type EnforceEnvironment = z.infer<typeof EnforceEnvironmentSchema>;
export type LaunchGuardEnvironment = z.infer<typeof LaunchGuardEnvironmentSchema>;
export type NotifyEnvironment = z.infer<typeof NotifyEnvironmentSchema>;
export type ChatEnvironment = z.infer<typeof ChatEnvironmentSchema>;
export type RequestEnvironment = z.infer<typeof RequestEnvironmentSchema>;
export type ReportEnvironment = z.infer<typeof ReportEnvironmentSchema>;
export type GateEnvironment = z.infer<typeof GateEnvironmentSchema>;
export type ReportLinkEnvironment = z.infer<typeof ReportLinkEnvironmentSchema>;
