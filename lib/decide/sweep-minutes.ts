import { matchPolicy, type NamedPolicy, type Policy } from '../policy/policy.ts';
import { edgesBetween } from '../schedule/calendar.ts';
import { type Resource, startOf } from '../types/resource.ts';
import { aheadMsOf } from './openings.ts';

/** So far ahead a sweep has others set: regular ones come every five minutes, and one may be lost. Milliseconds. */
export const AHEAD_MS = 10 * 60_000;

const MINUTE_MS = 60_000;

/**
 * The minutes to come at which a sweep must look, so that what hours and longest runtimes ask for comes to the minute and
 * not up to five minutes later: closings, openings less what is started ahead, announcements, and ends of runtimes, of
 * the policies that have something that they concern. In the next ten minutes, each once, the soonest first.
 * @param aheadMs to look further ahead than a sweep does
 */
export function sweepMinutes(
  fleet: readonly Resource[],
  policy: Policy,
  now: Date,
  aheadMs = AHEAD_MS,
): readonly Date[] {
  const timed = policy.policies.filter(
    ({ hours, maxRuntime }) => hours !== undefined || maxRuntime !== undefined,
  );
  if (timed.length === 0) return [];
  const minutes = new Set<number>();
  const add = (ms: number): void => {
    // A sweep that looks too soon sees nothing, and a minute is one sweep whatever it is for.
    const minute = Math.ceil(ms / MINUTE_MS) * MINUTE_MS;
    if (minute > now.getTime() && ms <= now.getTime() + aheadMs) minutes.add(minute);
  };
  const running = new Set<NamedPolicy>();
  for (const resource of fleet) {
    const matched = matchPolicy(policy, resource.tags);
    if (matched === undefined || resource.state !== 'running' || !timed.includes(matched)) continue;
    running.add(matched);
    for (const ms of endsOf(resource, matched)) add(ms);
  }
  for (const matched of timed) {
    // What was shut down is in no fleet: openings are looked at whether or not anything is seen stopped.
    for (const ms of edgesOf(matched, { closings: running.has(matched), aheadMs }, now)) add(ms);
  }
  return [...minutes].sort((a, b) => a - b).map((ms) => new Date(ms));
}

/** When the time of one is over that runs: its longest runtime, or that of a manual start. */
function endsOf(resource: Resource, { hours = [], maxRuntime }: NamedPolicy): readonly number[] {
  const start = startOf(resource).getTime();
  const after = (seconds: number): number => start + seconds * 1000;
  return [
    ...(maxRuntime === undefined
      ? []
      : [after(maxRuntime.afterSeconds), after(maxRuntime.afterSeconds - maxRuntime.warnSeconds)]),
    ...hours.flatMap(({ manualStartSeconds, warnSeconds }) =>
      manualStartSeconds === undefined || manualStartSeconds === 0
        ? []
        : [after(manualStartSeconds), after(manualStartSeconds - warnSeconds)],
    ),
  ];
}

/** Minutes of openings and closings of a policy that may lie within so much time from now. */
function edgesOf(
  { hours = [] }: NamedPolicy,
  { closings, aheadMs }: { readonly closings: boolean; readonly aheadMs: number },
  now: Date,
): readonly number[] {
  if (hours.length === 0) return [];
  const leads = hours.flatMap(({ startAheadSeconds, warnSeconds }) => [startAheadSeconds, warnSeconds]);
  const to = new Date(now.getTime() + aheadMs + Math.max(0, ...leads) * 1000);
  return edgesBetween(hours, now, to).flatMap((edge) => {
    const at = edge.at.getTime();
    if (edge.kind === 'opening') return [at - aheadMsOf(edge), at];
    return closings ? [at, ...edge.schedules.map(({ warnSeconds }) => at - warnSeconds * 1000)] : [];
  });
}
