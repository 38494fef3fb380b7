import { refused } from './sagemaker-refusals.ts';
import { sagemakerOf } from './sagemaker-state.ts';
import type { AccountState } from './state.ts';

interface Asked {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

interface Page {
  readonly items: readonly string[];
  readonly more: { readonly NextToken?: string };
}

/** What SageMaker gives on a page unless it is asked for more. */
const DEFAULT_SIZE = 10;
/** Lists that may be read at the same time; the token of an older one is refused. */
const LISTS_AT_ONCE = 32;

/**
 * One page of a list of names. The list is made once, for the first page: the others cost what is on them.
 * @throws ValidationException for a token that is unknown, or too old.
 */
export function pageOf(
  state: AccountState,
  { MaxResults = DEFAULT_SIZE, NextToken }: Asked,
  list: () => readonly string[],
): Page {
  const { lists } = sagemakerOf(state);
  const [id = '', start = '0'] = NextToken === undefined ? [begin(lists, list())] : NextToken.split('/');
  const all = lists.get(id);
  if (all === undefined) throw refused(`Invalid pagination token because "${NextToken}".`);
  const from = Number(start);
  const to = from + MaxResults;
  if (to >= all.length) lists.delete(id);
  return { items: all.slice(from, to), more: to < all.length ? { NextToken: `${id}/${to}` } : {} };
}

/** Ids go on from the newest list; where none is left, they may begin again. */
function begin(lists: Map<string, readonly string[]>, all: readonly string[]): string {
  const id = String(Number([...lists.keys()].at(-1) ?? 0) + 1);
  lists.set(id, all);
  const oldest = lists.size > LISTS_AT_ONCE ? lists.keys().next().value : undefined;
  if (oldest !== undefined) lists.delete(oldest);
  return id;
}
