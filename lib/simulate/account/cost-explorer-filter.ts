import {
  CostExplorerServiceException,
  type Expression,
  type GroupDefinition,
} from '@aws-sdk/client-cost-explorer';
import { type MemoryBill, REGION } from './state.ts';

/** How Cost Explorer in memory filters and groups bills. */

export const refused = (name: string, message: string) =>
  new CostExplorerServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode: 400 } });

export const invalid = (message: string) => refused('ValidationException', message);

/** @throws what AWS answers to a filter of a wrong form */
export function checkFilter(filter: Expression): void {
  const roots = Object.values(filter).filter((one) => one !== undefined);
  if (roots.length !== 1) throw invalid('Expression has zero or more than one roots.');
  const { And, Or, Not, Dimensions, Tags, CostCategories } = filter;
  for (const [name, list] of [
    ['And', And],
    ['Or', Or],
  ] as const) {
    if (list !== undefined && list.length < 2) {
      throw invalid(`${name} expression must have at least 2 operands`);
    }
    for (const one of list ?? []) checkFilter(one);
  }
  if (Not !== undefined) checkFilter(Not);
  for (const leaf of [Dimensions, Tags, CostCategories]) {
    if (leaf === undefined) continue;
    if (leaf.Key === undefined || ((leaf.Values ?? []).length === 0) !== isAbsent(leaf.MatchOptions)) {
      throw invalid('A filter must have a key, and values unless it is of what is absent');
    }
  }
  if (isAbsent(Dimensions?.MatchOptions)) throw invalid('Match option ABSENT is not allowed');
}

const isAbsent = (options: readonly string[] | undefined): boolean => options?.includes('ABSENT') === true;

/** Whether a filter lets a bill through. */
export function passes(bill: MemoryBill, filter: Expression | undefined, account: string): boolean {
  if (filter === undefined) return true;
  const { And, Or, Not, Dimensions, Tags, CostCategories } = filter;
  if (And !== undefined) return And.every((one) => passes(bill, one, account));
  if (Or !== undefined) return Or.some((one) => passes(bill, one, account));
  if (Not !== undefined) return !passes(bill, Not, account);
  const holds = (
    value: string,
    leaf: { Values?: string[] | undefined; MatchOptions?: string[] | undefined },
  ) => (isAbsent(leaf.MatchOptions) ? value === '' : (leaf.Values ?? []).includes(value));
  if (Dimensions !== undefined) return holds(dimensionOf(bill, Dimensions.Key, account), Dimensions);
  if (Tags !== undefined) return holds(tagOf(bill, Tags.Key ?? ''), Tags);
  return CostCategories === undefined || holds(categoryOf(bill, CostCategories.Key ?? ''), CostCategories);
}

/** The key of the group that a bill falls into. */
export function groupKeyOf(bill: MemoryBill, { Type, Key = '' }: GroupDefinition, account: string): string {
  switch (Type) {
    case 'TAG':
      return `${Key}$${tagOf(bill, Key)}`;
    case 'COST_CATEGORY':
      return `${Key}$${categoryOf(bill, Key)}`;
    default:
      return dimensionOf(bill, Key, account);
  }
}

/** `''` = it does not carry the tag. */
export const tagOf = (bill: MemoryBill, key: string): string =>
  bill.tags === undefined ? bill.project : (bill.tags[key] ?? '');

const categoryOf = (bill: MemoryBill, name: string): string => bill.categories?.[name] ?? '';

export function dimensionOf(bill: MemoryBill, key: string | undefined, account: string): string {
  switch (key) {
    case 'SERVICE':
      return bill.service;
    case 'RECORD_TYPE':
      return bill.recordType ?? 'Usage';
    case 'LINKED_ACCOUNT':
      return bill.account ?? account;
    case 'REGION':
      return bill.region ?? REGION;
    case 'USAGE_TYPE':
      return bill.usageType ?? '';
    default:
      throw new Error(`The account in memory knows no bills by ${key}.`);
  }
}
