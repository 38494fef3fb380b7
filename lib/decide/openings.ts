import type { Approval, ProjectMark, RestoreRecord } from '../ledger/ledger.ts';
import { levelTitle } from '../policy/levels.ts';
import { matchPolicy, type NamedPolicy, type Policy, projectOf } from '../policy/policy.ts';
import type { Schedule } from '../policy/schedule.ts';
import { isOpen, lastOpening, nextClosing, nextOpening, type Opening } from '../schedule/calendar.ts';
import { edgeTime } from '../schedule/wall-time.ts';
import type { NotifyDecision, RestoreDecision } from '../types/decision.ts';
import type { Resource } from '../types/resource.ts';
import { unapproved } from './approval.ts';
import { untouchable } from './exempt.ts';
import { marksOf } from './marks-of.ts';
import { hasRunSince, overLimit, STOPPING_MS } from './restores.ts';
import { atMinute, duration } from './sentences.ts';

export interface OpeningsInput {
  /** All of state `stopped`, whatever for. */
  readonly stopped: readonly RestoreRecord[];
  /** ARNs of what is being restored already. */
  readonly restoring: ReadonlySet<string>;
  readonly fleet: readonly Resource[];
  readonly policy: Policy;
  readonly marks: ReadonlyMap<string, ProjectMark>;
  /** Absent = none was given. */
  readonly approval?: Approval | undefined;
  readonly now: Date;
}

/** What comes back because hours begin, what does not and why, and what is no more ours to bring back. */
export interface Openings {
  /** With the record that it comes back from; `undefined` where nothing was saved. */
  readonly due: readonly {
    readonly decision: RestoreDecision | NotifyDecision;
    readonly record: RestoreRecord | undefined;
  }[];
  /** Records of what somebody has started since: its next stop is theirs, or has a record of its own. */
  readonly theirs: readonly RestoreRecord[];
}

/**
 * What is due at openings. What a closing stopped comes back once, from `startAhead` before its hours begin until they
 * end, unless a limit that its policy enforces is passed or its holder is frozen: people are told that once. So does what
 * is stopped where the policy has no hours any more. With `starts: all` an opening starts as well what somebody else
 * stopped, and Bursar for nothing else.
 */
export function openings(input: OpeningsInput): Openings {
  const { stopped, fleet } = input;
  const found = new Map(fleet.map((resource) => [resource.arn, resource]));
  const byHours = stopped.filter(({ trigger, state }) => trigger === 'schedule' && state === 'stopped');
  return {
    due: [
      ...byHours.flatMap((record) => {
        const decision = comesBack(record, found.get(record.arn), input);
        return decision === undefined ? [] : [{ decision, record }];
      }),
      ...unsaved(input).map((decision) => ({ decision, record: undefined })),
    ],
    theirs: byHours.filter((record) => isTheirs(record, found.get(record.arn), input.now)),
  };
}

/** So long after its stop was begun that it cannot be of before that, it runs. */
const isTheirs = ({ manner, savedAt }: RestoreRecord, found: Resource | undefined, now: Date): boolean =>
  manner === undefined && found?.state === 'running' && now.getTime() - savedAt.getTime() > STOPPING_MS;

function comesBack(
  record: RestoreRecord,
  found: Resource | undefined,
  input: OpeningsInput,
): RestoreDecision | NotifyDecision | undefined {
  const { arn, resource, savedAt, manner, stays } = record;
  const { policy, now } = input;
  // One that is deleted when it is stopped is not found at all.
  const isStopped = found === undefined || found.state === (manner === undefined ? 'stopped' : 'running');
  if (!isStopped || hasRunSince(found, record)) return undefined;
  const target = { ...resource, tags: found?.tags ?? resource.tags };
  const of = ruledBy(target, policy);
  if (of === undefined) return undefined;
  const { hours } = of.matched;
  const what = manner === undefined ? 'stopped' : 'scaled down';
  const when = `It was ${what} at ${atMinute(savedAt)}, when hours were over.`;
  const key = `restore/${arn}/${savedAt.toISOString()}`;
  if (hours === undefined) {
    if (stays !== undefined) return undefined;
    const reason = `Policy ${of.matched.name} has no hours any more. ${when}`;
    return orHeld({ ...of, key: `${key}/no-hours`, target, reason, isOpen: true }, input);
  }
  const opening = dueOpening(hours, now);
  if (opening === undefined || opening.starters.length === 0) return undefined;
  const reason = `${beginSentence(of.matched, opening, now)} ${when}`;
  const at = opening.at?.toISOString() ?? 'open';
  return orHeld(
    {
      ...of,
      key: `${key}/opening/${at}`,
      target,
      reason,
      isOpen: !opening.isAhead,
      ...endOf(hours, opening, now),
    },
    input,
  );
}

interface Ruled {
  readonly project: string;
  readonly matched: NamedPolicy;
}

/** `undefined` of what no project or policy names: it is not touched. */
function ruledBy({ tags }: Pick<Resource, 'tags'>, policy: Policy): Ruled | undefined {
  const project = projectOf(policy, tags);
  const matched = matchPolicy(policy, tags);
  return project === undefined || matched === undefined ? undefined : { project, matched };
}

/** An opening that starts what is stopped now. */
interface DueOpening {
  /** `undefined` = it has been open for longer than anybody looks back. */
  readonly at: Date | undefined;
  /** Those of its schedules that start something. */
  readonly starters: readonly Schedule[];
  /** It is still to come. */
  readonly isAhead: boolean;
  /** So long before it what is stopped is started. Milliseconds. */
  readonly aheadMs: number;
}

const starting = (schedules: readonly Schedule[]): readonly Schedule[] =>
  schedules.filter((schedule) => schedule.do !== 'stop');

/** So long before an opening what is stopped is started, milliseconds: of several schedules the earliest counts. */
export const aheadMsOf = ({ schedules }: Pick<Opening, 'schedules'>): number =>
  Math.max(0, ...starting(schedules).map(({ startAheadSeconds }) => startAheadSeconds * 1000));

/** The opening by which it is open now, or that is so near that it starts what is stopped; `undefined` = there is none. */
function dueOpening(hours: readonly Schedule[], now: Date): DueOpening | undefined {
  const isAhead = !isOpen(hours, now);
  const opening = isAhead ? nextOpening(hours, now) : lastOpening(hours, now);
  if (opening === undefined) {
    return isAhead ? undefined : { at: undefined, starters: starting(hours), isAhead, aheadMs: 0 };
  }
  const aheadMs = aheadMsOf(opening);
  if (isAhead && opening.at.getTime() - aheadMs > now.getTime()) return undefined;
  return { at: opening.at, starters: starting(opening.schedules), isAhead, aheadMs };
}

/** When the hours end that an opening begins. */
function endOf(hours: readonly Schedule[], { at }: DueOpening, now: Date): Pick<RestoreDecision, 'expires'> {
  const closing = nextClosing(hours, at !== undefined && at > now ? at : now);
  return closing === undefined ? {} : { expires: closing.at };
}

function beginSentence({ name }: NamedPolicy, { at, starters, isAhead }: DueOpening, now: Date): string {
  if (at === undefined) return `The hours of policy ${name} are open.`;
  const time = edgeTime({ at, schedules: starters });
  if (!isAhead) return `The hours of policy ${name} began: ${time}.`;
  const before = duration(Math.round((at.getTime() - now.getTime()) / 60_000) * 60);
  return `The hours of policy ${name} begin in ${before}: ${time}. It is started so that it is ready then.`;
}

/** Who asks for it. */
const byHours = ({ name }: NamedPolicy): string => `the hours of policy ${name}`;

interface Wanted extends Ruled {
  readonly key: string;
  readonly target: Resource;
  readonly reason: string;
  /** False where its hours are still to begin. */
  readonly isOpen: boolean;
  readonly unsaved?: true;
  readonly expires?: Date;
}

/** The restore; or what people are told where a limit is in its way, once hours have begun. */
function orHeld(
  { project, matched, key, target, reason, isOpen: isBegun, ...rest }: Wanted,
  { policy, marks, now }: OpeningsInput,
): RestoreDecision | NotifyDecision | undefined {
  const held = inTheWay(matched, marksOf(target, policy, marks), policy, now);
  if (held === undefined) {
    return { action: 'restore', key, project, target, by: byHours(matched), reason, ...rest };
  }
  if (!isBegun) return undefined;
  return {
    action: 'notify',
    trigger: 'schedule',
    key: `${key}/held`,
    project,
    target,
    rule: { policy: matched.name, rule: 'hours' },
    reason: `${reason} ${held}`,
  };
}

/** Why it is not started, one sentence; `undefined` = nothing speaks against it. */
function inTheWay(
  matched: NamedPolicy,
  marks: readonly ProjectMark[],
  policy: Policy,
  now: Date,
): string | undefined {
  for (const { holder, frozenUntil } of marks) {
    if (frozenUntil !== undefined && frozenUntil > now) {
      return `${levelTitle(holder)} is frozen until ${atMinute(frozenUntil)}, so it is not started.`;
    }
  }
  const over = overLimit(matched, marks, policy, now);
  return over === undefined
    ? undefined
    : `${levelTitle(over.holder)} is over a limit that policy ${matched.name} enforces, so it is not started.`;
}

/**
 * For so long after an opening what somebody else had stopped is started by it: then it counts as stopped by hand within
 * hours, which stays. Long enough for two sweeps to be lost. Milliseconds.
 */
const STARTING_MS = 15 * 60_000;

/** What openings start though nothing was saved of it. */
function unsaved(input: OpeningsInput): readonly (RestoreDecision | NotifyDecision)[] {
  const { stopped, restoring, fleet, policy, now } = input;
  const all = policy.policies.some(({ hours = [] }) => hours.some(({ starts }) => starts === 'all'));
  if (!all) return [];
  const records = new Map(stopped.map((record) => [record.arn, record]));
  return fleet.flatMap((target) => {
    if (target.state !== 'stopped' || restoring.has(target.arn)) return [];
    const record = records.get(target.arn);
    if (record !== undefined && !hasRunSince(target, record)) return [];
    const of = ruledBy(target, policy);
    if (of?.matched.hours === undefined) return [];
    const opening = dueOpening(of.matched.hours, now);
    if (opening?.at === undefined || !opening.starters.some(({ starts }) => starts === 'all')) return [];
    const { at, aheadMs, isAhead } = opening;
    if (now.getTime() - at.getTime() > STARTING_MS) return [];
    // It ran when this opening was to start it: whoever stopped it did so within hours.
    if (target.since.getTime() > at.getTime() - aheadMs) return [];
    if (untouchable(target, of.matched) !== undefined || unapproved(target, input) !== undefined) return [];
    const decision = orHeld(
      {
        ...of,
        key: `start/${target.arn}/${at.toISOString()}`,
        target,
        reason: `${beginSentence(of.matched, opening, now)} They start all that is stopped.`,
        isOpen: !isAhead,
        unsaved: true,
        ...endOf(of.matched.hours, opening, now),
      },
      input,
    );
    return decision === undefined ? [] : [decision];
  });
}
