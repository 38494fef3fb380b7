import { CHARGES, type Charge, type CostMatch } from '../policy/allocation.ts';
import { isSpend } from './charges.ts';

/** Bills by service have all taxes under this one (Cost Explorer, grouped by `SERVICE`). */
const TAX = 'Tax';

/**
 * The kind of a cost of which only its service and its rule are known: the one that is left over. Where several are,
 * it is called usage, which nearly all of it is, if that may be, and `other` if not.
 * @param present kinds of which something was charged in the whole span
 */
export function lineCharge(
  service: string,
  match: CostMatch | undefined,
  present: ReadonlySet<Charge>,
): Charge {
  const may = CHARGES.filter(
    (charge) =>
      isSpend(charge) &&
      present.has(charge) &&
      (match?.charge === undefined || match.charge.includes(charge)),
  );
  if (service === TAX && may.includes('tax')) return 'tax';
  const left = service === TAX ? may : may.filter((charge) => charge !== 'tax');
  const [only, ...more] = left;
  if (only !== undefined && more.length === 0) return only;
  return left.includes('usage') || left.length === 0 ? 'usage' : 'other';
}
