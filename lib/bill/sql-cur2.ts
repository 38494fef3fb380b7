import { chargeOfLineItemType } from './charges.ts';
import { columnised, distinct, firstText, type Reader } from './sql-columns.ts';
import { NO_MONEY } from './sql-dialect.ts';
import type { Format } from './sql-format.ts';

const SAVINGS_PLANS = [
  'savings_plan_savings_plan_effective_cost',
  'savings_plan_total_commitment_to_date',
  'savings_plan_used_commitment',
];

const RESERVATIONS = [
  'reservation_effective_cost',
  'reservation_unused_amortized_upfront_fee_for_billing_period',
  'reservation_unused_recurring_fee',
  'reservation_reservation_a_r_n',
];

/**
 * Columns of a Cost and Usage Report 2.0 (AWS, "Cost and Usage Report (CUR) 2.0" of the Data Exports guide). Its query
 * may leave columns out, or take keys of a map as columns of their own (`resource_tags.user_project`); both are read.
 */
export const CUR2: Format = {
  name: 'cur2',
  title: 'CUR 2.0',
  required: ['line_item_usage_start_date', 'line_item_line_item_type', 'line_item_unblended_cost'],
  day: 'line_item_usage_start_date',
  called: (read) => read.text('line_item_line_item_type'),
  className: () => "''",
  // The upfront fee of a reservation is a Fee like others, but for its ARN.
  commitment: (read) => `CASE WHEN ${isFeeOfReservation(read)} THEN 'fee' ELSE '' END`,
  currency: (read) => read.text('line_item_currency_code'),
  // Names as Cost Explorer and the invoice have them; codes (AmazonEC2) where an export has no names.
  service: (read) =>
    firstText([
      ...read.entries('product', ['product_name']),
      ...read.texts('product_product_name', 'line_item_product_code', 'product_servicecode'),
    ]),
  amortized,
  unblended: (read) => read.money('line_item_unblended_cost'),
  match: {
    account: ['line_item_usage_account_id'],
    region: ['product_region_code', 'product_region'],
    usageType: ['line_item_usage_type'],
    resource: ['line_item_resource_id'],
  },
  tag: (read, key) =>
    firstText([
      ...read.entries('resource_tags', keysOfTag(key)),
      ...read.entries('tags', [`resourceTags/${key}`, `resourceTags/user:${key}`]),
      ...read.texts(`resource_tags_user_${columnised(key)}`),
    ]),
  category: (read, name) =>
    firstText([
      ...read.entries('cost_category', distinct([name, columnised(name)])),
      ...read.entries('tags', [`costCategory/${name}`]),
      ...read.texts(`cost_category_${columnised(name)}`),
    ]),
  tagColumns: ['resource_tags', 'tags'],
  categoryColumns: ['cost_category', 'tags'],
  chargeOf: ({ called, commitment }) => (commitment === 'fee' ? 'commitment' : chargeOfLineItemType(called)),
  calledText: ({ called, commitment }) => (commitment === 'fee' ? `${called} (reservation)` : called),
  approximations(read, kinds) {
    const has = (part: RegExp): boolean => kinds.some(({ called }) => part.test(called));
    return [
      ...(!read.has(...SAVINGS_PLANS) && has(/^SavingsPlan/)
        ? [
            inCash(
              'Savings Plans',
              SAVINGS_PLANS.filter((name) => !read.has(name)),
            ),
          ]
        : []),
      ...(!read.has(...RESERVATIONS) && has(/^(DiscountedUsage|RIFee)$/)
        ? [
            inCash(
              'Reservations',
              RESERVATIONS.filter((name) => !read.has(name)),
            ),
          ]
        : []),
    ];
  },
};

const inCash = (what: string, missing: readonly string[]): string =>
  `${what} are counted as invoiced and not amortized, as the bill lacks ${missing.join(', ')}. Add these columns to the export.`;

/**
 * Amortized cost by the type of the line, as AWS has it in the query "Amortized cost by charge type" of its
 * Well-Architected Labs (CUR query library), which "closely matches Cost Explorer"; not net of discounts that stand in
 * lines of their own. Without the columns of Savings Plans or reservations all their lines count as invoiced: what is
 * covered at its list price less the negation. That sums up too, but says less of a project.
 */
function amortized(read: Reader): string {
  const unblended = read.money('line_item_unblended_cost');
  const called = read.text('line_item_line_item_type');
  const [effective, committed, used] = SAVINGS_PLANS.map((name) => read.money(name));
  const [covered, unusedUpfront, unusedRecurring] = RESERVATIONS.map((name) => read.money(name));
  const branches = [
    ...(read.has(...SAVINGS_PLANS)
      ? [
          `WHEN ${called} = 'SavingsPlanCoveredUsage' THEN ${effective}`,
          // What of the commitment nobody used.
          `WHEN ${called} = 'SavingsPlanRecurringFee' THEN ${committed} - ${used}`,
          `WHEN ${called} IN ('SavingsPlanNegation', 'SavingsPlanUpfrontFee') THEN ${NO_MONEY}`,
        ]
      : []),
    ...(read.has(...RESERVATIONS)
      ? [
          `WHEN ${called} = 'DiscountedUsage' THEN ${covered}`,
          `WHEN ${called} = 'RIFee' THEN ${unusedUpfront} + ${unusedRecurring}`,
          `WHEN ${isFeeOfReservation(read)} THEN ${NO_MONEY}`,
        ]
      : []),
  ];
  return branches.length === 0 ? unblended : `CASE ${branches.join(' ')} ELSE ${unblended} END`;
}

const isFeeOfReservation = (read: Reader): string =>
  `(${read.text('line_item_line_item_type')} = 'Fee' AND ${read.text('reservation_reservation_a_r_n')} <> '')`;

/** AWS writes `user_cost_center`; other writers of the format keep the key as it is. */
const keysOfTag = (key: string): readonly string[] =>
  distinct([`user_${columnised(key)}`, `user_${key}`, `user:${key}`, key]);
