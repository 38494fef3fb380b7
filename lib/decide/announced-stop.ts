import type { Watch } from '../ledger/ledger.ts';
import type { NotifyDecision, StopDecision, Verdict, WarnDecision } from '../types/decision.ts';
import { type Resource, startOf } from '../types/resource.ts';
import { announcementId, wholeMinute } from './announcement.ts';
import type { Judged, SweepInput } from './judged.ts';
import { atMinute } from './sentences.ts';
import { newWatch, spellOf } from './spell.ts';

/**
 * What a rule that knows the time of its stop asks of a resource: its hours, or its longest runtime. `due`: the stop, now.
 * `told`: people are told something now. `waiting`: nothing yet. `note`: nothing, and a sentence that says why, or ''.
 */
export type Asked =
  | { readonly state: 'due'; readonly judged: Judged }
  | {
      readonly state: 'told';
      readonly decision: WarnDecision | NotifyDecision;
      /** What is to be remembered of it. */
      readonly news: Partial<Omit<Watch, 'arn' | 'since'>>;
    }
  | { readonly state: 'waiting'; readonly note: string }
  | { readonly state: 'note'; readonly note: string };

/** A stop whose time is known. */
export interface TimedStop {
  /** What people are told of and what is done: the stop, without `action`. */
  readonly stop: StopDecision;
  /** Of the key of its warning: `warn-schedule`. */
  readonly warnKey: string;
  /** From then on it is due. */
  readonly at: Date;
  readonly warnSeconds: number;
  /** What of the watch holds the time that was announced. */
  readonly field: 'closingAt' | 'endsAt';
  /** It is pointless from then on, so it is not announced for then. */
  readonly before?: Date | undefined;
  /** It is kept until then. */
  readonly keptUntil: Date | undefined;
}

/** A warning that is no later than a regular sweep gives it, nor than half its time, puts the stop off by nothing. */
const SWEEP_MS = 6 * 60_000;

/** The stop at its time; where people are to be warned of it, at the time that they were told, and only if they were. */
export function announcedStop(
  { stop, warnKey, at, warnSeconds, field, before, keptUntil }: TimedStop,
  { watches, keeps, now }: Pick<SweepInput, 'watches' | 'keeps' | 'now'>,
): Asked {
  const { target: resource } = stop;
  const isKept = keptUntil !== undefined && keptUntil > now;
  const due: Judged = { resource, decision: stop };
  if (warnSeconds === 0) {
    return !isKept && at <= now
      ? { state: 'due', judged: due }
      : { state: 'waiting', note: isKept ? '' : stop.reason };
  }
  // What was announced for a time before the end of a keep is void, also once the keep has ended.
  const earliest = Math.max(
    at.getTime(),
    keptUntil?.getTime() ?? 0,
    keeps.get(resource.arn)?.until.getTime() ?? 0,
  );
  const announced = watchOfStart(resource, watches)?.[field];
  if (announced === undefined || announced.getTime() < earliest) {
    const warnAt = earliest - warnSeconds * 1000;
    if (now.getTime() < warnAt) return { state: 'waiting', note: '' };
    const isLate = now.getTime() - warnAt > Math.min(SWEEP_MS, warnSeconds * 500);
    const stopAt = wholeMinute(
      new Date(isLate ? Math.max(earliest, now.getTime() + warnSeconds * 1000) : earliest),
    );
    if (before !== undefined && stopAt >= before) return { state: 'waiting', note: '' };
    return { state: 'told', decision: warning(stop, stopAt, warnKey), news: { [field]: stopAt } };
  }
  if (announced > now || isKept) {
    return {
      state: 'waiting',
      note: `${stop.reason} It was warned: it is stopped at ${atMinute(announced)}.`,
    };
  }
  const id = announcementId({ trigger: stop.trigger, target: resource, stopAt: announced });
  const stopAt = wholeMinute(new Date(now.getTime() + warnSeconds * 1000));
  const otherwise: Judged =
    before !== undefined && stopAt >= before
      ? { resource, verdict: leftAlone(stop, `${stop.reason} Nobody could be told of the stop.`) }
      : {
          resource,
          decision: warning(stop, stopAt, warnKey),
          watch: { ...(spellOf(resource, watches) ?? newWatch(resource)), [field]: stopAt },
        };
  return { state: 'due', judged: { ...due, announcement: { id, otherwise } } };
}

const warning = (
  { trigger, project, rule, target, reason }: StopDecision,
  stopAt: Date,
  key: string,
): WarnDecision => ({
  action: 'warn',
  trigger,
  key: `${key}/${target.arn}/${stopAt.toISOString()}`,
  project,
  target,
  stopAt,
  rule,
  reason,
});

const leftAlone = ({ target: resource, rule }: StopDecision, why: string): Verdict => ({
  resource,
  policy: rule.policy,
  verdict: 'unknown',
  why,
});

/** The watch of what was started once: what autoscaling changed since is the same start. */
export function watchOfStart(resource: Resource, watches: SweepInput['watches']): Watch | undefined {
  const watch = watches.get(resource.arn);
  return watch !== undefined && watch.since >= startOf(resource) ? watch : undefined;
}
