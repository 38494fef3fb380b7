import type { NamedPolicy } from '../policy/policy.ts';
import type { Schedule } from '../policy/schedule.ts';
import { type Closing, isOpen, lastClosing, nextClosing, nextOpening } from '../schedule/calendar.ts';
import { edgeTime } from '../schedule/wall-time.ts';
import type { StopDecision } from '../types/decision.ts';
import type { Resource } from '../types/resource.ts';
import { type Asked, announcedStop, watchOfStart } from './announced-stop.ts';
import type { SweepInput } from './judged.ts';
import { atMinute, duration } from './sentences.ts';
import { knownStart, type Start } from './starts.ts';

/** True of a schedule whose closings stop something. */
export const stopsAtClosing = ({ do: does }: Schedule): boolean => does !== 'start';

type Looking = Pick<SweepInput, 'watches' | 'keeps' | 'now'>;

/**
 * What the hours of its policy ask of a running resource that nothing protects. What was started before the last closing
 * is due for as long as it is closed; what was started since runs on as the policy says of manual starts.
 * @param keptUntil when the keep ends that holds it now
 */
export function judgeHours(
  resource: Resource,
  project: string,
  matched: NamedPolicy,
  keptUntil: Date | undefined,
  input: Looking,
): Asked | undefined {
  const { hours } = matched;
  if (hours === undefined) return undefined;
  const { now } = input;
  // A keep puts the stop off: what counts is what holds when it ends.
  const then = keptUntil !== undefined && keptUntil > now ? keptUntil : now;
  const isThenOpen = isOpenOrOpening(hours, then);
  const closing = isThenOpen ? nextClosing(hours, then) : lastClosing(hours, then);
  const governing = closing?.schedules.filter(stopsAtClosing) ?? [];
  if (closing === undefined || governing.length === 0) return undefined;
  const start = knownStart(resource, input);
  const isManual = !isThenOpen && start.at >= closing.at && !start.byAws;
  const at = isManual ? manualEnd(start, governing) : closing.at;
  if (at === undefined) {
    const next = nextClosing(hours, now);
    const until = next === undefined ? '' : ` It runs to the next closing, ${edgeTime(next)}.`;
    return { state: 'note', note: `It was started at ${atMinute(start.at)}, outside its hours.${until}` };
  }
  const opening = nextOpening(hours, isThenOpen ? closing.at : then);
  const before = opening && opensAt(opening);
  if (before !== undefined && at >= before) {
    const note = isManual
      ? `It was started at ${atMinute(start.at)}, and may run on until its hours begin.`
      : 'Its hours end for so short a time that it would be started again at once: it runs on.';
    return { state: 'note', note };
  }
  const manner = mannerOf(resource, governing);
  const done = manner === undefined ? undefined : scaledDown(resource, closing, input);
  if (done !== undefined) return { state: 'note', note: done };
  const stop: StopDecision = {
    action: 'stop',
    trigger: 'schedule',
    key: keyOf(resource, closing, isManual ? start : undefined),
    project,
    target: resource,
    rule: { policy: matched.name, rule: 'hours' },
    reason: reasonOf(closing, { matched, start: isManual ? start : undefined, governing, now, manner }),
    ...(before === undefined ? {} : { expires: before }),
    ...(manner === undefined ? {} : { manner }),
  };
  const warned = Math.max(...governing.map(({ warnSeconds }) => warnSeconds));
  return announcedStop(
    {
      stop,
      warnKey: 'warn-schedule',
      at,
      // Nobody is told longer before than it may run.
      warnSeconds: isManual ? Math.min(warned, longestManual(governing) ?? 0) : warned,
      field: 'closingAt',
      before,
      keptUntil,
    },
    input,
  );
}

/** The same however often it is asked for; what is stopped more than once outside hours was started as often. */
const keyOf = ({ arn }: Resource, { at }: Closing, manual: Start | undefined): string =>
  `schedule/${arn}/${at.toISOString()}${manual === undefined ? '' : `/${manual.at.toISOString()}`}`;

/** When a manual start is over; `undefined` = at the next closing. Of several schedules the most lenient counts. */
function manualEnd({ at }: Start, governing: readonly Schedule[]): Date | undefined {
  const seconds = longestManual(governing);
  return seconds === undefined ? undefined : new Date(at.getTime() + seconds * 1000);
}

function longestManual(governing: readonly Schedule[]): number | undefined {
  return governing
    .map(({ manualStartSeconds }) => manualStartSeconds)
    .reduce((most, one) => (most === undefined || one === undefined ? undefined : Math.max(most, one)));
}

/** When what is to be ready at an opening is started. */
function opensAt({ at, schedules }: Closing): Date {
  const starting = schedules.filter(({ do: does }) => does !== 'stop');
  return new Date(at.getTime() - Math.max(0, ...starting.map((one) => one.startAheadSeconds)) * 1000);
}

/** True in the hours, and where they begin so soon that what runs is being made ready. */
export function isOpenOrOpening(hours: readonly Schedule[], at: Date): boolean {
  if (isOpen(hours, at)) return true;
  const opening = nextOpening(hours, at);
  return opening !== undefined && opensAt(opening) <= at;
}

/** `scale-down` where all that govern the closing say so, of what is an endpoint. */
const mannerOf = ({ kind }: Resource, governing: readonly Schedule[]): StopDecision['manner'] =>
  kind === 'sagemaker-endpoint' && governing.every(({ endpoints }) => endpoints === 'scale-down')
    ? 'scale-down'
    : undefined;

/** True of an endpoint that serves with as few instances as it can. */
export const isScaledDown = ({ parts }: Pick<Resource, 'parts'>): boolean =>
  parts?.every(({ count }) => count <= 1) === true;

/** Why an endpoint is not scaled down for a closing (again); it runs on all the while. */
function scaledDown(resource: Resource, { at }: Closing, { watches }: Looking): string | undefined {
  if (isScaledDown(resource))
    return 'It serves with the fewest instances that it can: the end of its hours asks no more.';
  const { orderedAt } = watches.get(resource.arn) ?? {};
  return orderedAt !== undefined && orderedAt >= at && resource.since > orderedAt
    ? `Its hours are over. It was scaled down for that, and scaled up again at ${atMinute(resource.since)}.`
    : undefined;
}

function reasonOf(
  closing: Closing,
  {
    matched,
    start,
    governing,
    now,
    manner,
  }: {
    readonly matched: NamedPolicy;
    /** Of what was started outside hours. */
    readonly start: Start | undefined;
    readonly governing: readonly Schedule[];
    readonly now: Date;
    readonly manner: StopDecision['manner'];
  },
): string {
  const names = [...new Set(governing.flatMap(({ name }) => name ?? []))];
  const by = `Policy ${matched.name} has hours${names.length === 0 ? '' : ` (${names.join(', ')})`}`;
  const how = manner === undefined ? '' : ' and scales it down then';
  if (start === undefined) {
    return closing.at > now
      ? `${by}, which end at ${edgeTime(closing)}${how}.`
      : `${by}, which ended at ${edgeTime(closing)}${how}.`;
  }
  const seconds = longestManual(governing) ?? 0;
  const runs = seconds === 0 ? 'is stopped' : `may run for ${duration(seconds)}`;
  return `${by}, which ended at ${edgeTime(closing)}. It was started at ${atMinute(start.at)}: outside its hours it ${runs}.`;
}

/** Of what its hours asked to stop: why they do not any more; `undefined` where they still do. */
export function hoursObjection(
  fresh: Resource,
  { hours }: NamedPolicy,
  { manner }: StopDecision,
  now: Date,
): { readonly code: 'Expired' | 'AlreadyStopped'; readonly detail: string } | undefined {
  if (hours === undefined) return undefined;
  if (isOpenOrOpening(hours, now)) {
    return { code: 'Expired', detail: 'Its hours have begun again.' };
  }
  return manner === 'scale-down' && isScaledDown(fresh)
    ? { code: 'AlreadyStopped', detail: 'It serves with the fewest instances already.' }
    : undefined;
}

/**
 * The next time at which its hours may come to something else than now, epoch milliseconds; infinite where they do not.
 * Never later than that, but maybe earlier.
 */
export function hoursChangeAt(
  resource: Resource,
  { hours }: NamedPolicy,
  keptUntil: Date | undefined,
  input: Looking,
): number {
  if (hours === undefined) return Number.POSITIVE_INFINITY;
  const { now, watches } = input;
  const warns = [0, ...hours.map(({ warnSeconds }) => warnSeconds * 1000)];
  const aheads = [0, ...hours.map(({ startAheadSeconds }) => startAheadSeconds * 1000)];
  const manuals = hours.flatMap(({ manualStartSeconds: seconds }) =>
    seconds === undefined ? [] : [seconds * 1000],
  );
  const start = knownStart(resource, input).at.getTime();
  const closing = nextClosing(hours, now)?.at.getTime();
  const opening = nextOpening(hours, now)?.at.getTime();
  const until = keptUntil?.getTime();
  const before = (at: number | undefined, lengths: readonly number[]): readonly number[] =>
    at === undefined ? [] : lengths.map((length) => at - length);
  const times = [
    ...before(closing, warns),
    ...before(opening, aheads),
    ...before(until, warns),
    ...manuals.flatMap((length) => before(start + length, warns)),
    watchOfStart(resource, watches)?.closingAt?.getTime() ?? 0,
  ];
  return Math.min(...times.filter((at) => at > now.getTime()), Number.POSITIVE_INFINITY);
}
