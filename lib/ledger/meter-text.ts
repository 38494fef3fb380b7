import type { MeterRecord, SpendDay } from '../types/meter.ts';
import {
  decodeAmounts,
  decodeByProject,
  decodeMeterRecord,
  encodeAmounts,
  encodeByProject,
  encodeMeterRecord,
} from '../types/meter-wire.ts';
import type { SpendMonth } from './ledger.ts';
import { limitedText } from './limited-text.ts';

/** The JSON text of a record of the meter. @throws LedgerError where it is over 350 KB. */
export const meterText = (record: MeterRecord): string =>
  limitedText(`the meter's record of ${record.arn}`, JSON.stringify(encodeMeterRecord(record)));

/** Reads what `meterText` wrote. @throws where it is something else. */
export const readMeterText = (
  of: Pick<MeterRecord, 'arn' | 'account' | 'region'>,
  text: string,
): MeterRecord => decodeMeterRecord(of, JSON.parse(text));

/** The JSON text of what was billed for a day or metered on it. @throws LedgerError where it is over 350 KB. */
export const dayText = (day: string, spent: SpendDay['billed']): string =>
  limitedText(`the spend of ${day}`, JSON.stringify(encodeByProject(spent)));

/** Reads what `dayText` wrote. @throws where it is something else. */
export const readDayText = (text: string): SpendDay['billed'] => decodeByProject(JSON.parse(text));

/** The JSON text of what was billed for a month. @throws LedgerError where it is over 350 KB. */
export const monthText = ({ month, billed }: SpendMonth): string =>
  limitedText(`the spend of ${month}`, JSON.stringify(encodeAmounts(billed)));

/** Reads what `monthText` wrote. @throws where it is something else. */
export const readMonthText = (text: string): SpendMonth['billed'] => decodeAmounts(JSON.parse(text));
