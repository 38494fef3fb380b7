import * as z from 'zod';
import { AlertAnswerSchema, AlertSchema } from '../../types/alert.ts';
import { DateText, decodeBudgetReading, decodeDecision, decodeOutcome, UsdText } from '../../types/wire.ts';
import type { HeldKeep } from '../keeping.ts';
import {
  type ActionRecord,
  type AuditEntry,
  type MeterLooks,
  RESTORE_STATES,
  type RestoreRecord,
  type SavedReport,
  type VersionedMeterRecord,
  type Watch,
} from '../ledger.ts';
import { readDayText, readMeteredText, readMeterText, readMonthText } from '../meter-text.ts';
import { RecommendedText } from '../recommended-text.ts';
import { readReservationsText } from '../reservation-text.ts';
import { readRestoreText } from '../restore-text.ts';

/* What is read from the table is unknown until it has passed one of these. */

const jsonText = <T>(decode: (json: unknown) => T) =>
  z.string().transform((text, context): T => {
    try {
      return decode(JSON.parse(text));
    } catch (error) {
      context.issues.push({
        code: 'custom',
        input: text,
        message: error instanceof Error ? error.message : String(error),
      });
      return z.NEVER;
    }
  });

const statuses = ['intended', 'taken', 'skipped', 'failed'] as const;

const ActionRow = z
  .object({
    key: z.string(),
    batch: z.string(),
    token: z.string(),
    decision: jsonText(decodeDecision),
    status: z.enum(statuses),
    intendedAt: DateText,
    outcome: jsonText(decodeOutcome).optional(),
  })
  .transform(({ outcome, ...rest }): ActionRecord => ({ ...rest, outcome }));

const LineRow = z
  .object({
    at: DateText,
    batch: z.string(),
    decision: jsonText(decodeDecision),
    event: z.enum(statuses),
    code: z.string().optional(),
    detail: z.string(),
  })
  .transform(({ code, ...rest }): AuditEntry => ({ ...rest, code }));

const WatchRow = z
  .object({
    arn: z.string(),
    since: DateText,
    busyAt: DateText.optional(),
    stopAt: DateText.optional(),
    heldAt: DateText.optional(),
    heldDue: z.number().optional(),
    toldAt: DateText.optional(),
    orderedAt: DateText.optional(),
    paced: z.exactOptional(z.literal(true)),
    closingAt: z.exactOptional(DateText),
    endsAt: z.exactOptional(DateText),
    upSince: z.exactOptional(DateText),
    downSince: z.exactOptional(DateText),
    notedAt: z.exactOptional(DateText),
  })
  .transform(
    ({ busyAt, stopAt, heldAt, heldDue, toldAt, orderedAt, ...rest }): Watch => ({
      ...rest,
      busyAt,
      stopAt,
      heldAt,
      heldDue,
      toldAt,
      orderedAt,
    }),
  );

/** What a mark's row calls its project is the holder of the limits. */
const ofHolder = <T extends { readonly project: string }>({ project: holder, ...rest }: T) => ({
  ...rest,
  holder,
});

const BreachRow = z
  .object({ project: z.string(), reading: jsonText(decodeBudgetReading), until: DateText })
  .transform(ofHolder);

const FreezeRow = z.object({ project: z.string(), until: DateText }).transform(ofHolder);

const UnfreezeRow = z.object({ project: z.string(), at: DateText, until: DateText }).transform(ofHolder);

const ReachRow = z
  .object({ project: z.string(), rule: z.string(), at: DateText, until: DateText })
  .transform(ofHolder);

const RestoreRow = z
  .object({ arn: z.string(), state: z.enum(RESTORE_STATES), saved: z.string() })
  .transform(({ arn, state, saved }): RestoreRecord => readRestoreText(arn, state, saved));

const KeepRow = z
  .object({
    arn: z.string(),
    since: DateText,
    until: DateText,
    by: z.string(),
    at: DateText,
    count: z.number(),
    ids: z.array(z.string()),
    revision: z.number(),
  })
  .transform(({ ids, revision, ...keep }): HeldKeep & { readonly revision: number } => ({
    keep,
    ids,
    revision,
  }));

const KeepTagRow = z.object({ arn: z.string(), value: z.string(), seenAt: DateText });

const ApprovalRow = z.object({
  id: z.string(),
  hash: z.string(),
  policyHash: z.string(),
  parts: z.number(),
  at: DateText,
  by: z.string(),
});

const AlertRow = z
  .object({
    alert: jsonText((json) => AlertSchema.parse(json)),
    answers: z.array(jsonText((json) => AlertAnswerSchema.parse(json))).optional(),
  })
  .transform(({ alert, answers = [] }) => ({ alert, answers }));

const PriceRow = z
  .object({ hourly: UsdText.optional(), asOf: DateText })
  .transform(({ hourly, asOf }) => ({ hourly, asOf }));

const ReservationsRow = z.object({
  reservations: z.string().transform(readReservationsText),
  version: z.string(),
});

const MeterRow = z
  .object({
    account: z.string(),
    region: z.string(),
    arn: z.string(),
    version: z.string(),
    record: z.string(),
  })
  .transform(
    ({ record, version, ...of }): VersionedMeterRecord => ({
      record: readMeterText(of, record),
      version,
    }),
  );

const BilledDayRow = z.object({
  day: z.string(),
  billedAsOf: DateText,
  billed: z.string().transform(readDayText),
});
const MeteredDayRow = z
  .object({ day: z.string(), metered: z.string().transform(readMeteredText) })
  .transform(({ day, metered }) => ({ day, ...metered }));
const SpendMonthRow = z.object({
  month: z.string(),
  billedAsOf: DateText,
  billed: z.string().transform(readMonthText),
});

const KeysText = jsonText((json) =>
  z.object({ html: z.string(), csv: z.string(), json: z.string() }).readonly().parse(json),
);

const NewestReportRow = z
  .object({
    month: z.string(),
    madeAt: DateText,
    keys: KeysText,
    recommended: RecommendedText.optional(),
    url: z.string().optional(),
    tokenHash: z.string().optional(),
    until: DateText.optional(),
    expiresAt: z.number(),
  })
  .transform(({ url, tokenHash, until, expiresAt, recommended, ...rest }) => {
    const isLinked = url !== undefined && tokenHash !== undefined && until !== undefined;
    const report: SavedReport = {
      ...rest,
      link: isLinked ? { url, tokenHash, until } : undefined,
      ...(recommended === undefined ? {} : { recommended }),
    };
    return { report, expiresAt };
  });

const ReportLinkRow = z.object({
  month: z.string(),
  keys: KeysText,
  until: DateText,
  expiresAt: z.number(),
});

const reader =
  <T>(schema: z.ZodType<T>) =>
  (item: unknown): T =>
    schema.parse(item);

/** Each throws where the item is not what its entity writes. */
export const readAction = reader(ActionRow);
export const readLine = reader(LineRow);
export const readWatch = reader(WatchRow);
export const readBreach = reader(BreachRow);
export const readFreeze = reader(FreezeRow);
export const readUnfreeze = reader(UnfreezeRow);
export const readReach = reader(ReachRow);
export const readRestore = reader(RestoreRow);
export const readKeep = reader(KeepRow);
export const readKeepTag = reader(KeepTagRow);
export const readApproval = reader(ApprovalRow);
export const readApprovalPart = reader(z.object({ text: z.string() }).transform(({ text }) => text));
export const readAlert = reader(AlertRow);
export const readPrice = reader(PriceRow);
export const readReservations = reader(ReservationsRow);
export const readMeter = reader(MeterRow);
export const readVersion = reader(z.object({ version: z.string() }));
export const readMeteredAt = reader(
  z.object({ at: DateText, first: DateText }).transform(({ at, first }): MeterLooks => ({ first, last: at })),
);
export const readBilledDay = reader(BilledDayRow);
export const readMeteredDay = reader(MeteredDayRow);
export const readSpendMonth = reader(SpendMonthRow);
export const readNewestReport = reader(NewestReportRow);
export const readReportLink = reader(ReportLinkRow);
export const readExpiry = reader(z.object({ expiresAt: z.number() }));
export const readTold = reader(
  z.object({ marks: z.array(z.string()).default([]) }).transform(({ marks }) => new Set(marks)),
);
export const readSlot = reader(z.object({ freeFrom: z.number() }));
