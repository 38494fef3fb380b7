import type { Clock } from '../types/clock.ts';
import { mapLimited } from '../types/lists.ts';
import type { Groups } from './may.ts';

/** How long the users of a group are believed, in milliseconds. */
const FRESH_MS = 180_000;

/**
 * Reads Slack's user groups, each at most every three minutes. One that cannot be read is left out and asked for
 * again the next time; `onError` is told why.
 */
export function createGroupReader({
  list,
  now,
  onError,
}: {
  /** The users of one group. */
  readonly list: (group: string) => Promise<readonly string[]>;
  readonly now: Clock;
  readonly onError: (group: string, error: unknown) => void;
}): (ids: readonly string[]) => Promise<Groups> {
  const known = new Map<string, { readonly users: ReadonlySet<string>; readonly until: number }>();
  const read = async (id: string): Promise<ReadonlySet<string> | undefined> => {
    const before = known.get(id);
    if (before !== undefined && now().getTime() < before.until) return before.users;
    known.delete(id);
    try {
      const users = new Set(await list(id));
      known.set(id, { users, until: now().getTime() + FRESH_MS });
      return users;
    } catch (error) {
      onError(id, error);
      return undefined;
    }
  };
  return async (ids) => {
    const unique = [...new Set(ids)];
    const users = await mapLimited(unique, 5, read);
    return new Map(
      unique.flatMap((id, index) => {
        const some = users[index];
        return some === undefined ? [] : [[id, some] as const];
      }),
    );
  };
}
