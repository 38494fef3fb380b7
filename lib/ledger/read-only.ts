import { LedgerError } from './errors.ts';
import type { Ledger } from './ledger.ts';

/** For whoever may look and must not touch: what reads is passed on, what would write throws a `LedgerError`. */
export const readOnlyLedger = (ledger: Ledger): Ledger => ({
  watches: (...asked) => ledger.watches(...asked),
  projectMarks: (...asked) => ledger.projectMarks(...asked),
  restoreRecord: (...asked) => ledger.restoreRecord(...asked),
  restoreRecords: (...asked) => ledger.restoreRecords(...asked),
  keeps: (...asked) => ledger.keeps(...asked),
  keepTags: (...asked) => ledger.keepTags(...asked),
  approval: (...asked) => ledger.approval(...asked),
  alert: (...asked) => ledger.alert(...asked),
  audit: (...asked) => ledger.audit(...asked),
  price: (...asked) => ledger.price(...asked),
  meterRecords: (...asked) => ledger.meterRecords(...asked),
  meterRecord: (...asked) => ledger.meterRecord(...asked),
  meteredAt: (...asked) => ledger.meteredAt(...asked),
  spendDays: (...asked) => ledger.spendDays(...asked),
  spendMonths: (...asked) => ledger.spendMonths(...asked),
  reservations: (...asked) => ledger.reservations(...asked),
  newestReport: (...asked) => ledger.newestReport(...asked),
  reportByToken: (...asked) => ledger.reportByToken(...asked),
  seen: (...asked) => ledger.seen(...asked),
  told: (...asked) => ledger.told(...asked),

  approve: refused('approve'),
  claim: refused('claim'),
  settle: refused('settle'),
  saveWatches: refused('saveWatches'),
  markBreach: refused('markBreach'),
  freeze: refused('freeze'),
  unfreeze: refused('unfreeze'),
  reach: refused('reach'),
  unreach: refused('unreach'),
  saveRestore: refused('saveRestore'),
  setRestoreState: refused('setRestoreState'),
  keep: refused('keep'),
  saveKeepTags: refused('saveKeepTags'),
  saveAlert: refused('saveAlert'),
  answerAlert: refused('answerAlert'),
  savePrice: refused('savePrice'),
  saveMeterRecords: refused('saveMeterRecords'),
  forgetMeterRecords: refused('forgetMeterRecords'),
  saveMeteredAt: refused('saveMeteredAt'),
  saveBilledDays: refused('saveBilledDays'),
  saveMeteredDays: refused('saveMeteredDays'),
  saveSpendMonths: refused('saveSpendMonths'),
  saveReservations: refused('saveReservations'),
  saveReport: refused('saveReport'),
  once: refused('once'),
  forget: refused('forget'),
  rememberTold: refused('rememberTold'),
  reserveSlot: refused('reserveSlot'),
});

const refused = (method: keyof Ledger) => async (): Promise<never> => {
  throw new LedgerError(`ledger: it may only be read here, and ${method} would write to it`);
};
