import { DAY_MS } from '../meter/days.ts';
import { matchPolicy, type NamedPolicy, type Policy } from '../policy/policy.ts';
import type { Schedule } from '../policy/schedule.ts';
import { edgesBetween, HORIZON_DAYS, isOpen, lastClosing, nextOpening } from '../schedule/calendar.ts';
import type { StopDecision } from '../types/decision.ts';
import { startOf } from '../types/resource.ts';

/** True where hours or a longest runtime of some policy stop things. */
export const hasSchedules = ({ policies }: Pick<Policy, 'policies'>): boolean =>
  policies.some(({ hours = [], maxRuntime }) => hours.some(stops) || maxRuntime?.do === 'stop');

const stops = ({ do: does }: Schedule): boolean => does !== 'start';

/**
 * When a stop ends to count because of the policy's hours, as the file says now. Of one by its hours that is the opening
 * that follows; of any other the next closing that would have stopped the resource, the end of a manual start, or its
 * longest runtime, whichever is first. `undefined` = there is none within 400 days.
 */
export const scheduledStop =
  (policy: Policy) =>
  ({ target, trigger }: StopDecision, at: Date): Date | undefined => {
    const matched = matchPolicy(policy, target.tags);
    if (matched === undefined) return undefined;
    const { hours = [] } = matched;
    if (trigger === 'schedule') return nextOpening(hours, at)?.at;
    const start = startOf(target);
    const ends = [
      stoppingClosing(hours, at),
      manualEnd(hours, start, at),
      runtimeEnd(matched, start),
    ].flatMap((end) => (end === undefined || end <= at ? [] : [end.getTime()]));
    return ends.length === 0 ? undefined : new Date(Math.min(...ends));
  };

/** The first closing that stops something. */
function stoppingClosing(hours: readonly Schedule[], at: Date): Date | undefined {
  // Hours that stop something may all end within others, which do not.
  const far = new Date(at.getTime() + HORIZON_DAYS * DAY_MS);
  return edgesBetween(hours, at, far).find(
    ({ kind, schedules }) => kind === 'closing' && schedules.some(stops),
  )?.at;
}

/** When what somebody had started outside hours would have been over; `undefined` = at the next closing. */
function manualEnd(hours: readonly Schedule[], start: Date, at: Date): Date | undefined {
  const closing = isOpen(hours, at) ? undefined : lastClosing(hours, at);
  if (closing === undefined || start < closing.at) return undefined;
  const lengths = closing.schedules.filter(stops).map(({ manualStartSeconds }) => manualStartSeconds);
  const longest = lengths.reduce(
    (most, one) => (most === undefined || one === undefined ? undefined : Math.max(most, one)),
    lengths[0],
  );
  return longest === undefined ? undefined : new Date(start.getTime() + longest * 1000);
}

const runtimeEnd = ({ maxRuntime }: NamedPolicy, start: Date): Date | undefined =>
  maxRuntime?.do === 'stop' ? new Date(start.getTime() + maxRuntime.afterSeconds * 1000) : undefined;
