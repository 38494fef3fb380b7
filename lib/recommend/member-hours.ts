/** A member of a group that came or went, as its scaling activities tell. */
export interface MemberActivity {
  readonly id: string;
  readonly what: 'launched' | 'ended';
  readonly at: Date;
}

/** A member that is there now. */
export interface PresentMember {
  readonly id: string;
  readonly launched: Date;
}

const HOUR_MS = 3_600_000;

/** What an activity says, by its description; `undefined` of others, and of those that failed. */
export function readActivity({
  Description = '',
  StartTime: at,
  StatusCode,
}: {
  readonly Description?: string | undefined;
  readonly StartTime?: Date | undefined;
  readonly StatusCode?: string | undefined;
}): MemberActivity | undefined {
  const [, verb, id] = /^(Launching|Terminating)\b.*?\b(i-[0-9a-z]+)/.exec(Description) ?? [];
  if (verb === undefined || id === undefined || at === undefined || StatusCode !== 'Successful')
    return undefined;
  return { id, what: verb === 'Launching' ? 'launched' : 'ended', at };
}

interface Life {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

function livesOf(
  activities: readonly MemberActivity[],
  members: readonly PresentMember[],
): ReadonlyMap<string, Life> {
  const lives = new Map<string, Life>();
  for (const { id, what, at } of activities) {
    const before = lives.get(id) ?? { from: undefined, to: undefined };
    lives.set(id, what === 'launched' ? { ...before, from: at.getTime() } : { ...before, to: at.getTime() });
  }
  for (const { id, launched } of members) lives.set(id, { from: launched.getTime(), to: undefined });
  return lives;
}

/** Hours of all members together from one time to another. One whose launch is not told of was there at first. */
export function memberHours(
  activities: readonly MemberActivity[],
  members: readonly PresentMember[],
  from: Date,
  to: Date,
): number {
  const present = new Set(members.map(({ id }) => id));
  let total = 0;
  for (const [id, life] of livesOf(activities, members)) {
    // Launched, not there any more, and no end told of: nobody knows how long it was.
    if (life.to === undefined && !present.has(id)) continue;
    const begin = Math.max(from.getTime(), life.from ?? from.getTime());
    const end = Math.min(to.getTime(), life.to ?? to.getTime());
    total += Math.max(0, end - begin);
  }
  return total / HOUR_MS;
}

/** So many members must have come and gone for a group to be taken for one of short work. */
const LEAST_ENDED = 10;
const SHORT_HOURS = 24;

/**
 * True of a group none of whose members lives for a day, as far as it is told, and of which ten and more have come and gone.
 * One that serves people keeps some for longer.
 */
export function isShortLived(
  activities: readonly MemberActivity[],
  members: readonly PresentMember[],
  now: Date,
): boolean {
  const lives = [...livesOf(activities, members).values()];
  const ended = lives.flatMap(({ from, to }) => (from === undefined || to === undefined ? [] : [to - from]));
  const running = members.map(({ launched }) => now.getTime() - launched.getTime());
  return ended.length >= LEAST_ENDED && [...ended, ...running].every((ms) => ms < SHORT_HOURS * HOUR_MS);
}
