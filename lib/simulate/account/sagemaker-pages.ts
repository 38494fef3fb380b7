import { refused } from './sagemaker-refusals.ts';

interface Asked {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

interface Page<T> {
  readonly items: readonly T[];
  readonly more: { readonly NextToken?: string };
}

/** What SageMaker gives on a page unless it is asked for more. */
const DEFAULT_SIZE = 10;
/** Lists that may be read at the same time; an older one starts again. */
const LISTS_AT_ONCE = 32;

/** Pages of one list. It is made once, for the first page: the others cost what is on them. */
export function pager<T>(list: () => readonly T[]) {
  const lists = new Map<string, readonly T[]>();
  let made = 0;
  const begin = (): string => {
    const id = String(++made);
    lists.set(id, list());
    const oldest = lists.size > LISTS_AT_ONCE ? lists.keys().next().value : undefined;
    if (oldest !== undefined) lists.delete(oldest);
    return id;
  };
  /** @throws ValidationException for a token that is unknown, or too old. */
  return ({ MaxResults = DEFAULT_SIZE, NextToken }: Asked): Page<T> => {
    const [id = '', start = '0'] = NextToken === undefined ? [begin()] : NextToken.split('/');
    const all = lists.get(id);
    if (all === undefined) throw refused(`Invalid pagination token because "${NextToken}".`);
    const from = Number(start);
    const to = from + MaxResults;
    if (to >= all.length) lists.delete(id);
    return { items: all.slice(from, to), more: to < all.length ? { NextToken: `${id}/${to}` } : {} };
  };
}
