import { chargeOfFocus } from './charges.ts';
import { columnised, distinct, firstText } from './sql-columns.ts';
import type { Format } from './sql-format.ts';

/**
 * Columns of FOCUS 1.0 and later with those of AWS (FinOps Open Cost and Usage Specification; AWS, "FOCUS 1.0 with AWS
 * columns" of the Data Exports guide). `EffectiveCost` is amortized, `BilledCost` is what is invoiced.
 */
export const FOCUS: Format = {
  name: 'focus',
  title: 'FOCUS',
  required: ['ChargePeriodStart', 'ChargeCategory', 'EffectiveCost', 'BilledCost', 'ServiceName'],
  day: 'ChargePeriodStart',
  called: (read) => read.text('ChargeCategory'),
  className: (read) => read.text('ChargeClass'),
  commitment: (read) =>
    `CASE WHEN ${read.text('ChargeCategory')} = 'Purchase' AND ${read.text('CommitmentDiscountId')} <> '' THEN 'fee' ` +
    `WHEN ${read.text('CommitmentDiscountStatus')} = 'Unused' THEN 'unused' ELSE '' END`,
  currency: (read) => read.text('BillingCurrency'),
  service: (read) => read.text('ServiceName', 'x_ServiceCode'),
  amortized: (read) => read.money('EffectiveCost'),
  unblended: (read) => read.money('BilledCost'),
  match: {
    account: ['SubAccountId', 'BillingAccountId'],
    region: ['RegionId', 'Region'],
    usageType: ['x_UsageType'],
    resource: ['ResourceId'],
  },
  tag: (read, key) => firstText(read.entries('Tags', keysOfTag(key))),
  category: (read, name) => firstText(read.entries('x_CostCategories', distinct([name, columnised(name)]))),
  tagColumns: ['Tags'],
  categoryColumns: ['x_CostCategories'],
  chargeOf({ called, className, commitment }) {
    const charge = chargeOfFocus(called, className === '' ? null : className);
    return commitment !== '' && (charge === 'usage' || charge === 'fee') ? 'commitment' : charge;
  },
  calledText({ called, className, commitment }) {
    const more = [
      ...(className === '' ? [] : [className.toLowerCase()]),
      ...(commitment === '' ? [] : [commitment === 'fee' ? 'commitment' : 'unused commitment']),
    ];
    return more.length === 0 ? called : `${called} (${more.join(', ')})`;
  },
  approximations: () => [],
};

/** AWS puts `user:` before a tag of users; others write the key alone, or as CUR 2.0 does. */
const keysOfTag = (key: string): readonly string[] =>
  distinct([`user:${key}`, key, `user_${columnised(key)}`]);
