import * as z from 'zod';
import { AlertLinkSchema } from './alert.ts';
import type { SpendAnomaly } from './anomaly.ts';
import { assertNever } from './assert-never.ts';
import {
  type ApproveDecision,
  type BudgetNoticeDecision,
  type BurnRateDecision,
  type CanaryDecision,
  type Decision,
  type FreezeDecision,
  type HoldDecision,
  type KeepDecision,
  type NotifyDecision,
  type ReleaseDecision,
  type RestoreDecision,
  type SpendAnomalyDecision,
  type StopDecision,
  type TagDecision,
  TRIGGERS,
  type UnfreezeDecision,
  type WarnDecision,
  type WeeklyDecision,
} from './decision.ts';
import { parseUsd, type Usd, usdToDecimal } from './money.ts';
import type { Outcome } from './outcome.ts';
import { CONSENTS, type Resource } from './resource.ts';
import { type BudgetReading, SPEND_SOURCES } from './spend.ts';

/*
 * How the shared types travel as JSON, through queues and the ledger. Dates are ISO 8601 text, money is
 * decimal USD text, and a field that is `undefined` is absent. Each codec's `decode` returns the
 * hand-written type and its `encode` takes it, so the compiler proves that the two agree.
 */

/** The text is no value of the type it should be. The message names each field that is wrong. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/** ISO 8601 text in UTC, milliseconds, such as `2026-01-28T10:00:00.000Z`. */
export const DateText = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});

/** Decimal USD text, such as `21.957642`. */
export const UsdText = z.codec(
  z.string(),
  z.custom<Usd>((value) => typeof value === 'bigint', 'expected a Usd'),
  {
    decode: (text, context) => {
      const amount = parseUsd(text);
      if (amount !== undefined) return amount;
      context.issues.push({ code: 'custom', input: text, message: `expected decimal USD, got "${text}"` });
      return z.NEVER;
    },
    encode: usdToDecimal,
  },
);

const ProtectionWire = z.object({
  code: z.enum([
    'auto-scaling-group',
    'eks',
    'emr',
    'batch',
    'stop-protection',
    'instance-store-root',
    'spot',
    'not-known',
    'managed-elsewhere',
  ]),
  detail: z.string(),
});

const ResourceCodec = z.codec(
  z.object({
    kind: z.string(),
    arn: z.string(),
    id: z.string(),
    account: z.string(),
    region: z.string(),
    tags: z.record(z.string(), z.string()),
    state: z.enum(['running', 'transitional', 'stopped', 'failed']),
    since: DateText,
    started: DateText.optional(),
    size: z.string(),
    form: z.string().optional(),
    parts: z
      .array(z.object({ name: z.string(), type: z.string(), count: z.number() }))
      .readonly()
      .optional(),
    protections: z.array(ProtectionWire).readonly(),
    consent: z.enum(CONSENTS).optional(),
    neverIdle: z.string().optional(),
    hourly: UsdText.optional(),
  }),
  z.custom<Resource>(),
  {
    decode: ({ hourly, started, form, parts, consent, neverIdle, ...rest }): Resource => ({
      ...rest,
      ...(started === undefined ? {} : { started }),
      ...(form === undefined ? {} : { form }),
      ...(parts === undefined ? {} : { parts }),
      ...(consent === undefined ? {} : { consent }),
      ...(neverIdle === undefined ? {} : { neverIdle }),
      hourly,
    }),
    encode: ({ hourly, ...rest }: Resource) => (hourly === undefined ? rest : { ...rest, hourly }),
  },
);

const RuleRefWire = z.object({ policy: z.string(), rule: z.string() });

const baseWire = {
  key: z.string(),
  project: z.string().optional(),
  holder: z.exactOptional(z.string()),
  reason: z.string(),
};
const targetWire = {
  ...baseWire,
  trigger: z.enum(TRIGGERS),
  rule: RuleRefWire,
  target: ResourceCodec,
};

const StopCodec = z.codec(
  z.object({
    ...targetWire,
    action: z.literal('stop'),
    by: z.exactOptional(z.string()),
    expires: z.exactOptional(DateText),
    manner: z.exactOptional(z.literal('scale-down')),
  }),
  z.custom<StopDecision>(),
  {
    decode: ({ project, ...rest }): StopDecision => ({ ...rest, project }),
    encode: ({ project, ...rest }: StopDecision) => (project === undefined ? rest : { ...rest, project }),
  },
);

const WarnCodec = z.codec(
  z.object({ ...targetWire, action: z.literal('warn'), stopAt: DateText }),
  z.custom<WarnDecision>(),
  {
    decode: ({ project, ...rest }): WarnDecision => ({ ...rest, project }),
    encode: ({ project, ...rest }: WarnDecision) => (project === undefined ? rest : { ...rest, project }),
  },
);

const NotifyCodec = z.codec(
  z.object({ ...targetWire, action: z.literal('notify') }),
  z.custom<NotifyDecision>(),
  {
    decode: ({ project, ...rest }): NotifyDecision => ({ ...rest, project }),
    encode: ({ project, ...rest }: NotifyDecision) => (project === undefined ? rest : { ...rest, project }),
  },
);

const BudgetNoticeCodec = z.codec(
  z.object({
    ...baseWire,
    action: z.literal('budget-notice'),
    threshold: z.string(),
    spent: UsdText,
    limit: UsdText,
  }),
  z.custom<BudgetNoticeDecision>(),
  {
    decode: ({ project, ...rest }): BudgetNoticeDecision => ({ ...rest, project }),
    encode: ({ project, ...rest }: BudgetNoticeDecision) =>
      project === undefined ? rest : { ...rest, project },
  },
);

const FreezeCodec = z.codec(
  z.object({
    ...baseWire,
    action: z.literal('freeze'),
    rule: RuleRefWire,
    until: DateText,
    roles: z.exactOptional(z.array(z.string()).readonly()),
  }),
  z.custom<FreezeDecision>(),
  {
    decode: ({ project, ...rest }): FreezeDecision => ({ ...rest, project }),
    encode: ({ project, ...rest }: FreezeDecision) => (project === undefined ? rest : { ...rest, project }),
  },
);

const HoldCodec = z.codec(
  z.object({
    ...baseWire,
    action: z.literal('hold'),
    cause: z.enum(['blast-radius', 'implausible-amount', 'metrics-outage', 'unapproved']),
    targets: z.array(ResourceCodec).readonly(),
    heldAt: DateText.optional(),
  }),
  z.custom<HoldDecision>(),
  {
    decode: ({ project, heldAt, ...rest }): HoldDecision => ({
      ...rest,
      project,
      ...(heldAt === undefined ? {} : { heldAt }),
    }),
    encode: ({ project, ...rest }: HoldDecision) => (project === undefined ? rest : { ...rest, project }),
  },
);

const RestoreCodec = z.codec(
  z.object({
    ...baseWire,
    action: z.literal('restore'),
    target: ResourceCodec,
    by: z.string(),
    unsaved: z.exactOptional(z.literal(true)),
    expires: z.exactOptional(DateText),
  }),
  z.custom<RestoreDecision>(),
  {
    decode: ({ project, ...rest }): RestoreDecision => ({ ...rest, project }),
    encode: ({ project, ...rest }: RestoreDecision) => (project === undefined ? rest : { ...rest, project }),
  },
);

const KeepCodec = z.codec(
  z.object({
    ...baseWire,
    action: z.literal('keep'),
    target: ResourceCodec,
    until: DateText,
    by: z.string(),
    most: z.number().int().positive().optional(),
  }),
  z.custom<KeepDecision>(),
  {
    decode: ({ project, most, ...rest }): KeepDecision => ({
      ...rest,
      project,
      ...(most === undefined ? {} : { most }),
    }),
    encode: ({ project, ...rest }: KeepDecision) => (project === undefined ? rest : { ...rest, project }),
  },
);

const ReleaseCodec = z.codec(
  z.object({ ...baseWire, action: z.literal('release'), heldAt: DateText, by: z.string() }),
  z.custom<ReleaseDecision>(),
  {
    decode: ({ project, ...rest }): ReleaseDecision => ({ ...rest, project }),
    encode: ({ project, ...rest }: ReleaseDecision) => (project === undefined ? rest : { ...rest, project }),
  },
);

const ApproveCodec = z.codec(
  z.object({
    ...baseWire,
    action: z.literal('approve'),
    hash: z.string(),
    policyHash: z.string(),
    resources: z.number().int().nonnegative(),
    by: z.string(),
  }),
  z.custom<ApproveDecision>(),
  {
    decode: ({ project, ...rest }): ApproveDecision => ({ ...rest, project }),
    encode: ({ project, ...rest }: ApproveDecision) => (project === undefined ? rest : { ...rest, project }),
  },
);

const CanaryCodec = z.codec(
  z.object({ ...baseWire, action: z.literal('canary') }),
  z.custom<CanaryDecision>(),
  {
    decode: ({ project, ...rest }): CanaryDecision => ({ ...rest, project }),
    encode: ({ project, ...rest }: CanaryDecision) => (project === undefined ? rest : { ...rest, project }),
  },
);

const UnfreezeCodec = z.codec(
  z.object({
    ...baseWire,
    action: z.literal('unfreeze'),
    by: z.string(),
    roles: z.exactOptional(z.array(z.string()).readonly()),
  }),
  z.custom<UnfreezeDecision>(),
  {
    decode: ({ project, ...rest }): UnfreezeDecision => ({ ...rest, project }),
    encode: ({ project, ...rest }: UnfreezeDecision) => (project === undefined ? rest : { ...rest, project }),
  },
);

const TagCodec = z.codec(
  z.object({
    ...baseWire,
    action: z.literal('tag'),
    target: ResourceCodec,
    tags: z.record(z.string(), z.string()),
  }),
  z.custom<TagDecision>(),
  {
    decode: ({ project, ...rest }): TagDecision => ({ ...rest, project }),
    encode: ({ project, ...rest }: TagDecision) => (project === undefined ? rest : { ...rest, project }),
  },
);

const BurnRateCodec = z.codec(
  z.object({
    ...baseWire,
    action: z.literal('burn-rate'),
    project: z.string(),
    burn: UsdText,
    usual: UsdText,
  }),
  z.custom<BurnRateDecision>(),
  { decode: (wire): BurnRateDecision => wire, encode: (decision: BurnRateDecision) => decision },
);

const SpendAnomalyCodec = z.codec(
  z.object({
    project: z.string().optional(),
    day: z.iso.date(),
    by: z.enum(['meter', 'bill']),
    spent: UsdText,
    expected: UsdText,
    low: UsdText,
    high: UsdText,
    services: z.array(z.object({ service: z.string(), spent: UsdText, expected: UsdText })).readonly(),
  }),
  z.custom<SpendAnomaly>(),
  {
    decode: ({ project, ...rest }): SpendAnomaly => ({ ...rest, project }),
    encode: ({ project, ...rest }: SpendAnomaly) => (project === undefined ? rest : { ...rest, project }),
  },
);

const SpendAnomaliesCodec = z.codec(
  z.object({
    ...baseWire,
    action: z.literal('spend-anomaly'),
    anomalies: z.array(SpendAnomalyCodec).readonly(),
  }),
  z.custom<SpendAnomalyDecision>(),
  {
    decode: ({ project, ...rest }): SpendAnomalyDecision => ({ ...rest, project }),
    encode: ({ project, ...rest }: SpendAnomalyDecision) =>
      project === undefined ? rest : { ...rest, project },
  },
);

const WeeklyCodec = z.codec(
  z.object({
    ...baseWire,
    action: z.literal('weekly'),
    lines: z.array(z.string()).readonly(),
    link: z.exactOptional(AlertLinkSchema),
  }),
  z.custom<WeeklyDecision>(),
  {
    decode: ({ project, ...rest }): WeeklyDecision => ({ ...rest, project }),
    encode: ({ project, ...rest }: WeeklyDecision) => (project === undefined ? rest : { ...rest, project }),
  },
);

const DecisionCodec = z.discriminatedUnion('action', [
  StopCodec,
  WarnCodec,
  NotifyCodec,
  BudgetNoticeCodec,
  FreezeCodec,
  HoldCodec,
  RestoreCodec,
  KeepCodec,
  ReleaseCodec,
  ApproveCodec,
  UnfreezeCodec,
  TagCodec,
  BurnRateCodec,
  SpendAnomaliesCodec,
  WeeklyCodec,
  CanaryCodec,
]);

const OutcomeCodec = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('taken'),
    at: DateText,
    detail: z.string(),
    restorable: z.exactOptional(z.literal(false)),
  }),
  z.object({ status: z.literal('skipped'), at: DateText, code: z.string(), detail: z.string() }),
  z.object({
    status: z.literal('failed'),
    at: DateText,
    code: z.string(),
    detail: z.string(),
    retry: z.boolean(),
  }),
]);

const BudgetReadingCodec = z.codec(
  z.object({
    /** Absent in what was written before there was a meter. */
    source: z.enum(SPEND_SOURCES).default('budgets'),
    budgetName: z.string(),
    /** The holder: before teams and models had limits it could be but a project. */
    project: z.string(),
    limit: UsdText,
    actual: UsdText.optional(),
    forecasted: UsdText.optional(),
    meter: z
      .object({ billed: UsdText, estimated: UsdText, low: UsdText, high: UsdText, burn: UsdText })
      .optional(),
    period: z.iso.date(),
    asOf: DateText,
  }),
  z.custom<BudgetReading>(),
  {
    decode: ({ project: holder, actual, forecasted, meter, ...rest }): BudgetReading => ({
      ...rest,
      holder,
      actual,
      forecasted,
      meter,
    }),
    encode: ({ holder: project, actual, forecasted, meter, ...rest }: BudgetReading) => ({
      ...rest,
      project,
      ...(actual === undefined ? {} : { actual }),
      ...(forecasted === undefined ? {} : { forecasted }),
      ...(meter === undefined ? {} : { meter }),
    }),
  },
);

export type ResourceJson = z.input<typeof ResourceCodec>;
export type DecisionJson = z.input<typeof DecisionCodec>;
export type OutcomeJson = z.input<typeof OutcomeCodec>;
export type BudgetReadingJson = z.input<typeof BudgetReadingCodec>;

/** The JSON form. A `Date` that is invalid throws a `ZodError`. */
export const encodeResource = (resource: Resource): ResourceJson => z.encode(ResourceCodec, resource);
export const encodeOutcome = (outcome: Outcome): OutcomeJson => z.encode(OutcomeCodec, outcome);
export const encodeBudgetReading = (reading: BudgetReading): BudgetReadingJson =>
  z.encode(BudgetReadingCodec, reading);

/** The JSON form. Each variant by its own codec, so that a mistake is reported against that variant alone. */
export function encodeDecision(decision: Decision): DecisionJson {
  switch (decision.action) {
    case 'stop':
      return z.encode(StopCodec, decision);
    case 'warn':
      return z.encode(WarnCodec, decision);
    case 'notify':
      return z.encode(NotifyCodec, decision);
    case 'budget-notice':
      return z.encode(BudgetNoticeCodec, decision);
    case 'freeze':
      return z.encode(FreezeCodec, decision);
    case 'hold':
      return z.encode(HoldCodec, decision);
    case 'restore':
      return z.encode(RestoreCodec, decision);
    case 'keep':
      return z.encode(KeepCodec, decision);
    case 'release':
      return z.encode(ReleaseCodec, decision);
    case 'approve':
      return z.encode(ApproveCodec, decision);
    case 'unfreeze':
      return z.encode(UnfreezeCodec, decision);
    case 'tag':
      return z.encode(TagCodec, decision);
    case 'burn-rate':
      return z.encode(BurnRateCodec, decision);
    case 'spend-anomaly':
      return z.encode(SpendAnomaliesCodec, decision);
    case 'weekly':
      return z.encode(WeeklyCodec, decision);
    case 'canary':
      return z.encode(CanaryCodec, decision);
    default:
      return assertNever(decision);
  }
}

function decode<T>(what: string, schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new WireError(`this is no ${what}: ${z.prettifyError(parsed.error)}`, { cause: parsed.error });
}

/** Reads parsed JSON back. @throws WireError where it is no `Resource`. */
export const decodeResource = (json: unknown): Resource => decode('resource', ResourceCodec, json);
/** Reads parsed JSON back. @throws WireError where it is no `Decision`. */
export const decodeDecision = (json: unknown): Decision => decode('decision', DecisionCodec, json);
/** Reads parsed JSON back. @throws WireError where it is no `Outcome`. */
export const decodeOutcome = (json: unknown): Outcome => decode('outcome', OutcomeCodec, json);
/** Reads parsed JSON back. @throws WireError where it is no `BudgetReading`. */
export const decodeBudgetReading = (json: unknown): BudgetReading =>
  decode('budget reading', BudgetReadingCodec, json);
