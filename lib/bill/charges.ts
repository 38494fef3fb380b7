import type { Charge } from '../policy/allocation.ts';
import { NOT_SPEND } from '../types/spend-basis.ts';

/**
 * What each kind of line of a bill is to Bursar. AWS writes the same kind in several ways: `SavingsPlanCoveredUsage` in
 * line items, `Savings Plan covered usage` in its console, so names are compared by their letters and digits alone.
 *
 * Amortized cost (`types/spend-basis.ts`) is not 0 for all of them. What stands there (AWS, "Understanding Savings
 * Plans" and "Understanding your reservations" of the Cost and Usage Report guide):
 *
 * | kind | amortized |
 * |---|---|
 * | usage covered by a plan or reservation | its share of the fees |
 * | recurring fee of a plan or reservation | what of it nobody used |
 * | upfront fee, negation of a plan | 0 |
 * | everything else | as invoiced |
 */
const CHARGE_BY_NAME: ReadonlyMap<string, Charge> = new Map([
  ...named('usage', [
    'Usage',
    // Covered by a reservation.
    'DiscountedUsage',
    'Reservation applied usage',
    'SavingsPlanCoveredUsage',
  ]),
  ...named('tax', ['Tax']),
  ...named('fee', [
    'Fee',
    'Support',
    'Support fee',
    'FlatRateSubscription',
    'Subscription',
    // Subscriptions that are neither of a reservation nor of support.
    'Other',
    'Other out-of-cycle charges',
  ]),
  ...named('commitment', [
    'RIFee',
    'Recurring',
    'Recurring reservation fee',
    'Upfront',
    'Upfront reservation fee',
    'SavingsPlanUpfrontFee',
    'SavingsPlanRecurringFee',
    // Takes back the list price of what a plan covers; as a discount it would be taken for one that can be lost.
    'SavingsPlanNegation',
  ]),
  ...named('discount', [
    'Discount',
    'BundledDiscount',
    'EdpDiscount',
    'Enterprise discount program discount',
    'PrivateRateDiscount',
    'SppDiscount',
    'Solution provider program discount',
    'DistributorDiscount',
    'RiVolumeDiscount',
  ]),
  ...named('credit', ['Credit']),
  ...named('refund', ['Refund']),
]);

function named(charge: Charge, names: readonly string[]): [string, Charge][] {
  return names.map((name) => [plain(name), charge]);
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** Of a value of Cost Explorer's dimension `RECORD_TYPE` ("Charge type" in the console); `other` where it is unknown. */
export const chargeOfRecordType = (text: string): Charge => CHARGE_BY_NAME.get(plain(text)) ?? 'other';

/**
 * Of `line_item_line_item_type` of CUR 2.0 (`lineItem/LineItemType` of the older report); `other` where it is unknown.
 * The upfront fee of a reservation is called `Fee` there and is a `fee`; with a reservation's ARN it is a commitment.
 */
export const chargeOfLineItemType = (text: string): Charge => CHARGE_BY_NAME.get(plain(text)) ?? 'other';

/**
 * Of FOCUS 1.0's `ChargeCategory` and `ChargeClass`. A `Correction` amends what an earlier bill charged: that is how
 * refunds come (specification of `ChargeClass`); credits stay credits. A `Purchase` is a fee: with a
 * `CommitmentDiscountId` it is a commitment.
 */
export function chargeOfFocus(category: string, klass: string | null): Charge {
  const kind = CHARGE_BY_FOCUS.get(category) ?? 'other';
  return klass === 'Correction' && kind !== 'credit' ? 'refund' : kind;
}

const CHARGE_BY_FOCUS: ReadonlyMap<string, Charge> = new Map([
  ['Usage', 'usage'],
  ['Purchase', 'fee'],
  ['Tax', 'tax'],
  ['Credit', 'credit'],
  // AWS's discounts that stand in lines of their own; FOCUS knows no narrower word for them.
  ['Adjustment', 'discount'],
]);

const NO_SPEND: ReadonlySet<Charge> = new Set(NOT_SPEND.values.map(chargeOfRecordType));

/** False of credits and refunds, as in `NOT_SPEND`: a limit means what a project uses, whoever pays for it. */
export const isSpend = (charge: Charge): boolean => !NO_SPEND.has(charge);
