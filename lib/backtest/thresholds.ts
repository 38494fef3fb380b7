import { untouchable } from '../decide/exempt.ts';
import { formatSignal } from '../decide/idle.ts';
import { duration } from '../decide/sentences.ts';
import type { SignalPlan } from '../fleet/kind.ts';
import { type IdleRule, matchPolicy, type NamedPolicy, type Policy, projectOf } from '../policy/policy.ts';
import type { SignalName } from '../types/evidence.ts';
import { costOver, formatUsd, sumUsd, type Usd } from '../types/money.ts';
import type { History } from './history.ts';
import { type Judgeable, judgeable, type WouldStop, wouldStop } from './would-stop.ts';

/** What an idle rule would have come to over the history. */
export interface RuleFigures {
  readonly stops: number;
  readonly falseStops: number;
  /** USD that running idle would not have cost; what is unpriced is in no sum. */
  readonly saved: Usd;
}

/** The one setting that would be different. */
export type Change =
  | { readonly set: 'after'; readonly seconds: number }
  | { readonly set: 'below'; readonly signal: SignalName; readonly limit: number };

/**
 * `keep`: no stop would have been false, and a shorter `after` would have brought nothing. `shorten`: none would have
 * been, nor with this shorter `after`. `change`: with it none would have been. `none`: no threshold helps.
 */
export type Proposal = {
  readonly policy: string;
  /** `undefined` = all that the policy matches. */
  readonly project: string | undefined;
  readonly resources: number;
  readonly now: RuleFigures;
  /** For people, one sentence or two. */
  readonly text: string;
} & (
  | { readonly advice: 'keep' | 'none' }
  | { readonly advice: 'shorten' | 'change'; readonly change: Change; readonly changed: RuleFigures }
);

const MINUTE = 60;
const HOUR = 3_600;
/** Values of `after` that people would write, in seconds. */
const AFTERS = [
  15 * MINUTE,
  20 * MINUTE,
  30 * MINUTE,
  45 * MINUTE,
  HOUR,
  90 * MINUTE,
  2 * HOUR,
  3 * HOUR,
  4 * HOUR,
  6 * HOUR,
  8 * HOUR,
  12 * HOUR,
  24 * HOUR,
  48 * HOUR,
  72 * HOUR,
  168 * HOUR,
] as const;

/** Lower limits that are tried, as divisors of the present one. */
const DIVISORS = [2, 5, 10] as const;

/** Shares and rates, for which half of a limit means something. Of counts, the limit is nearly always one. */
const GRADUAL = ['cpu', 'gpu', 'network'] as const;

/** What the policy file takes: percent, percent, bytes a second. */
const LEAST_LIMIT = { cpu: 0.1, gpu: 0.1, network: 1 } as const;

/**
 * For each policy whose idle rule stops, and for each project in it: the shortest longer `after` with which no stop would
 * have been followed by use within a quarter of an hour, and where there is none, the highest lower limit of one signal.
 * A threshold with which nothing at all would have been stopped is none. Pure.
 * @param plans what each resource is judged by, by ARN
 */
export function proposeThresholds(
  history: History,
  plans: ReadonlyMap<string, SignalPlan>,
  policy: Policy,
): readonly Proposal[] {
  const members = membersOf(history, plans, policy);
  return policy.policies.flatMap((named): readonly Proposal[] => {
    const { idle, name } = named;
    const own = members.filter(({ matched }) => matched === named);
    if (idle === 'off' || idle.do !== 'stop' || own.length === 0) return [];
    const projects = [...new Set(own.map(({ project }) => project))].sort();
    const known = new Map<string, readonly WouldStop[]>();
    const groups: readonly (string | undefined)[] =
      projects.length === 1 ? projects : [undefined, ...projects];
    return groups.map((project) =>
      propose(
        name,
        project,
        own.filter((one) => project === undefined || one.project === project),
        idle,
        known,
      ),
    );
  });
}

interface Member {
  readonly one: Judgeable;
  readonly matched: NamedPolicy;
  readonly project: string;
}

/** What the idle rules of the policy would judge. */
function membersOf(
  { resources, metrics }: History,
  plans: ReadonlyMap<string, SignalPlan>,
  policy: Policy,
): readonly Member[] {
  return resources.flatMap((life) => {
    const { resource } = life;
    const plan = plans.get(resource.arn);
    const project = projectOf(policy, resource.tags);
    const matched = matchPolicy(policy, resource.tags);
    if (plan === undefined || project === undefined || matched === undefined) return [];
    if (resource.neverIdle !== undefined || untouchable(resource, matched) !== undefined) return [];
    return [{ one: judgeable(life, plan, metrics), matched, project }];
  });
}

function propose(
  policy: string,
  project: string | undefined,
  members: readonly Member[],
  idle: IdleRule,
  known: Map<string, readonly WouldStop[]>,
): Proposal {
  const figures = (rule: IdleRule): RuleFigures => figuresOf(members, rule, idle, known);
  const now = figures(idle);
  const base = { policy, project, resources: members.length, now };
  const found = now.falseStops === 0 ? shorter(idle, now, figures) : mend(members, idle, figures);
  if (found === undefined) {
    const advice = now.falseStops === 0 ? 'keep' : 'none';
    return { ...base, advice, text: advice === 'keep' ? keepText(now) : noneText(now) };
  }
  const advice = now.falseStops === 0 ? 'shorten' : 'change';
  return { ...base, advice, ...found, text: changeText(found.change, idle, now, found.changed) };
}

interface Found {
  readonly change: Change;
  readonly changed: RuleFigures;
}

const withAfter = (idle: IdleRule, seconds: number): IdleRule => ({ ...idle, afterSeconds: seconds });

/** As the policy file wants it: a warning comes after at least ten minutes of idleness. */
const leastAfter = ({ warnSeconds }: IdleRule): number => (warnSeconds === 0 ? 0 : warnSeconds + 10 * MINUTE);

/** The shortest `after` down to which no stop would have been false, where it saves more. */
function shorter(
  idle: IdleRule,
  now: RuleFigures,
  figures: (rule: IdleRule) => RuleFigures,
): Found | undefined {
  let found: Found | undefined;
  for (const seconds of AFTERS.toReversed()) {
    if (seconds >= idle.afterSeconds || seconds < leastAfter(idle)) continue;
    const changed = figures(withAfter(idle, seconds));
    if (changed.falseStops > 0) break;
    if (changed.saved > now.saved) found = { change: { set: 'after', seconds }, changed };
  }
  return found;
}

function mend(
  members: readonly Member[],
  idle: IdleRule,
  figures: (rule: IdleRule) => RuleFigures,
): Found | undefined {
  const helps = ({ stops, falseStops }: RuleFigures): boolean => stops > 0 && falseStops === 0;
  for (const seconds of AFTERS) {
    if (seconds <= idle.afterSeconds) continue;
    const changed = figures(withAfter(idle, seconds));
    if (helps(changed)) return { change: { set: 'after', seconds }, changed };
    // Longer yet, nothing is stopped either.
    if (changed.stops === 0) break;
  }
  const read = new Set(members.flatMap(({ one }) => one.readings.map(({ signal }) => signal)));
  for (const divisor of DIVISORS) {
    for (const signal of GRADUAL.filter((name) => read.has(name))) {
      const limit = Number((idle.below[signal] / divisor).toPrecision(2));
      if (limit < LEAST_LIMIT[signal]) continue;
      const changed = figures({ ...idle, below: { ...idle.below, [signal]: limit } });
      if (helps(changed)) return { change: { set: 'below', signal, limit }, changed };
    }
  }
  return undefined;
}

function figuresOf(
  members: readonly Member[],
  rule: IdleRule,
  used: IdleRule,
  known: Map<string, readonly WouldStop[]>,
): RuleFigures {
  const stops = members.flatMap(({ one }) => {
    const { resource } = one.life;
    const key = `${resource.arn} ${rule.afterSeconds} ${Object.values(rule.below).join(' ')}`;
    const some = known.get(key) ?? wouldStop(one, rule, used);
    known.set(key, some);
    return some.map((stop) => ({ ...stop, hourly: resource.hourly }));
  });
  return {
    stops: stops.length,
    falseStops: stops.filter(({ isFalse }) => isFalse).length,
    saved: sumUsd(
      stops.flatMap(({ hourly, at, until }) =>
        hourly === undefined ? [] : [costOver(hourly, until.getTime() - at.getTime())],
      ),
    ),
  };
}

const falseText = ({ falseStops, stops }: RuleFigures): string => `${falseStops} of ${stops} stops false`;

const keepText = ({ stops, saved }: RuleFigures): string =>
  stops === 0
    ? 'As it is, nothing would have been stopped.'
    : `As it is: none of ${stops} ${stops === 1 ? 'stop' : 'stops'} false, ${formatUsd(saved)} saved.`;

const noneText = (now: RuleFigures): string =>
  `No threshold helps: ${falseText(now)}, and with a longer \`after\` or a lower limit still some, or nothing would be stopped at all. Consider \`do: notify\`.`;

function changeText(change: Change, idle: IdleRule, now: RuleFigures, changed: RuleFigures): string {
  const what =
    change.set === 'after'
      ? `after: ${afterText(change.seconds)} instead of ${duration(idle.afterSeconds)}`
      : `${change.signal} below ${formatSignal(change.signal, change.limit)} instead of ${formatSignal(change.signal, idle.below[change.signal])}`;
  const before = now.falseStops === 0 ? 'none now either' : `now ${falseText(now)}`;
  return `${what}: none of ${changed.stops} ${changed.stops === 1 ? 'stop' : 'stops'} false (${before}), ${formatUsd(changed.saved)} saved instead of ${formatUsd(now.saved)}.`;
}

/** As the policy file has it. */
const afterText = (seconds: number): string =>
  seconds % HOUR === 0 ? `${seconds / HOUR}h` : `${seconds / MINUTE}m`;
