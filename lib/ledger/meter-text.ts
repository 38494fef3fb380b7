import type { MeterRecord, SpendDay } from '../types/meter.ts';
import {
  decodeAmounts,
  decodeByProject,
  decodeMeterRecord,
  decodeSpend,
  encodeAmounts,
  encodeByProject,
  encodeMeterRecord,
} from '../types/meter-wire.ts';
import { LedgerError } from './errors.ts';
import type { SpendMonth, VersionedMeterRecord } from './ledger.ts';
import { limitedText } from './limited-text.ts';

export interface MeterText extends VersionedMeterRecord {
  readonly text: string;
}

/** The JSON texts of records of the meter. One over 350 KB holds no other back: it is the `refusal`. */
export function meterTexts(records: readonly VersionedMeterRecord[]): {
  readonly texts: readonly MeterText[];
  readonly refusal: LedgerError | undefined;
} {
  const texts: MeterText[] = [];
  let refusal: LedgerError | undefined;
  for (const { record, version } of records) {
    try {
      const json = JSON.stringify(encodeMeterRecord(record));
      texts.push({ record, version, text: limitedText(`the meter's record of ${record.arn}`, json) });
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      refusal ??= error;
    }
  }
  return { texts, refusal };
}

/** Reads one that `meterTexts` made. @throws where it is something else. */
export const readMeterText = (
  of: Pick<MeterRecord, 'arn' | 'account' | 'region'>,
  text: string,
): MeterRecord => decodeMeterRecord(of, JSON.parse(text));

/** The JSON text of what was billed for a day. @throws LedgerError where it is over 350 KB. */
export const dayText = (day: string, spent: SpendDay['billed']): string =>
  limitedText(`the spend of ${day}`, JSON.stringify(encodeByProject(spent)));

/** Reads what `dayText` wrote. @throws where it is something else. */
export const readDayText = (text: string): SpendDay['billed'] => decodeByProject(JSON.parse(text));

/** The JSON text of what was metered on a day. @throws LedgerError where it is over 350 KB. */
export const meteredText = (day: string, metered: SpendDay['billed'], models?: SpendDay['models']): string =>
  limitedText(`the spend of ${day}`, JSON.stringify(encodeByProject(metered, models)));

/** Reads what `meteredText` wrote, with models or before there were any. @throws where it is something else. */
export function readMeteredText(text: string): Pick<SpendDay, 'metered' | 'models'> {
  const { byProject, models } = decodeSpend(JSON.parse(text));
  return models.size === 0 ? { metered: byProject } : { metered: byProject, models };
}

/** The JSON text of what was billed for a month. @throws LedgerError where it is over 350 KB. */
export const monthText = ({ month, billed }: SpendMonth): string =>
  limitedText(`the spend of ${month}`, JSON.stringify(encodeAmounts(billed)));

/** Reads what `monthText` wrote. @throws where it is something else. */
export const readMonthText = (text: string): SpendMonth['billed'] => decodeAmounts(JSON.parse(text));
