import type { Ec2Entry } from './ec2-entry.ts';
import type { AccountState, Touched } from './state.ts';

/** A Spot price that holds from an instant on. */
export interface SpotPriceChange {
  readonly from: Date;
  /** USD an hour, decimal. */
  readonly price: string;
}

/** What is kept of one account beside its maps, to answer by id without a search. */
export interface Ec2Memo {
  /** Names of groups by the ids of their members, also of those that have left. */
  readonly groupsByMember: Map<string, string>;
  /** Groups whose members are in it. */
  readonly registered: WeakSet<object>;
  /** Ids of members that stand for ones whose own ids are not known (yet). */
  readonly placeholders: Set<string>;
  /** Members, by id, whose group is not in the account (yet). */
  readonly waiting: Map<string, Ec2Entry>;
  /** In the order of time, by `spotKey`. */
  readonly spotPrices: Map<string, readonly SpotPriceChange[]>;
  /** Entries whose coming into service was told. */
  readonly told: WeakSet<object>;
}

/** Who holds an account may hold a copy of its state, but always the same maps. */
const memos = new WeakMap<AccountState['instances'], Ec2Memo>();

export function memoOf({ instances }: Pick<AccountState, 'instances'>): Ec2Memo {
  const known = memos.get(instances);
  if (known !== undefined) return known;
  const memo: Ec2Memo = {
    groupsByMember: new Map(),
    registered: new WeakSet(),
    placeholders: new Set(),
    waiting: new Map(),
    spotPrices: new Map(),
    told: new WeakSet(),
  };
  memos.set(instances, memo);
  return memo;
}

/** Tells, once an entry, that it changes by itself at that time. */
export function tellOnce(state: AccountState, entry: object, at: Date, one: Touched): void {
  const { told } = memoOf(state);
  if (told.has(entry)) return;
  told.add(entry);
  state.touchAt(at, one);
}
