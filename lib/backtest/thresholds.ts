import { untouchable } from '../decide/exempt.ts';
import { formatSignal } from '../decide/idle.ts';
import { duration } from '../decide/sentences.ts';
import type { SignalPlan } from '../fleet/kind.ts';
import { type IdleRule, matchPolicy, type NamedPolicy, type Policy, projectOf } from '../policy/policy.ts';
import type { SignalName } from '../types/evidence.ts';
import { costOver, formatUsd, sumUsd, type Usd } from '../types/money.ts';
import type { History, HistoryResource } from './history.ts';
import { judgeable, wouldStop } from './would-stop.ts';

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
export async function proposeThresholds(
  history: History,
  plans: ReadonlyMap<string, SignalPlan>,
  policy: Policy,
  { breathe = async () => {}, onProgress = () => {} }: ProposeOptions = {},
): Promise<readonly Proposal[]> {
  const members = membersOf(history, plans, policy);
  const groups = policy.policies.flatMap((named): readonly Group[] => {
    const { idle, name } = named;
    const own = members.filter(({ matched }) => matched === named);
    if (idle === 'off' || idle.do !== 'stop' || own.length === 0) return [];
    const projects = [...new Set(own.map(({ project }) => project))].sort();
    const names: readonly (string | undefined)[] =
      projects.length === 1 ? projects : [undefined, ...projects];
    return names.map((project) => ({
      policy: name,
      project,
      idle,
      members: own.filter((one) => project === undefined || one.project === project),
      metrics: history.metrics,
      breathe,
    }));
  });
  const proposals: Proposal[] = [];
  for (const group of groups) {
    proposals.push(await propose(group));
    onProgress(proposals.length / groups.length);
  }
  return proposals;
}

export interface ProposeOptions {
  /** Awaited now and then, so that other things can happen meanwhile; what it throws ends the search. */
  readonly breathe?: () => Promise<void>;
  readonly onProgress?: (share: number) => void;
}

interface Member {
  readonly life: HistoryResource;
  readonly plan: SignalPlan;
  readonly matched: NamedPolicy;
  readonly project: string;
}

/** What one proposal is for. */
interface Group {
  readonly policy: string;
  readonly project: string | undefined;
  readonly idle: IdleRule;
  readonly members: readonly Member[];
  readonly metrics: History['metrics'];
  readonly breathe: () => Promise<void>;
}

/** What the idle rules of the policy would judge. */
function membersOf(
  { resources }: History,
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
    return [{ life, plan, matched, project }];
  });
}

async function propose(group: Group): Promise<Proposal> {
  const { policy, project, members, idle } = group;
  const now = await figuresOf(group, idle);
  const base = { policy, project, resources: members.length, now };
  const isClean = now.falseStops === 0;
  const found = isClean ? await shorter(group, now) : await mend(group);
  if (found === undefined) {
    return { ...base, advice: isClean ? 'keep' : 'none', text: isClean ? keepText(now) : noneText(now) };
  }
  const text = changeText(found.change, idle, now, found.changed);
  return { ...base, advice: isClean ? 'shorten' : 'change', ...found, text };
}

interface Found {
  readonly change: Change;
  readonly changed: RuleFigures;
}

const withAfter = (idle: IdleRule, seconds: number): IdleRule => ({ ...idle, afterSeconds: seconds });

/** As the policy file wants it: a warning comes after at least ten minutes of idleness. */
const leastAfter = ({ warnSeconds }: IdleRule): number => (warnSeconds === 0 ? 0 : warnSeconds + 10 * MINUTE);

/** Less than one percent more is not worth a change. */
const isWorthIt = (saved: Usd, now: Usd): boolean => 100n * saved > 101n * now;

/** The shortest `after` down to which no stop would have been false, where it saves more. */
async function shorter(group: Group, now: RuleFigures): Promise<Found | undefined> {
  const { idle } = group;
  let found: Found | undefined;
  for (const seconds of AFTERS.toReversed()) {
    if (seconds >= idle.afterSeconds || seconds < leastAfter(idle)) continue;
    const changed = await cleanFigures(group, withAfter(idle, seconds));
    if (changed === undefined) break;
    if (isWorthIt(changed.saved, now.saved)) found = { change: { set: 'after', seconds }, changed };
  }
  return found;
}

async function mend(group: Group): Promise<Found | undefined> {
  const { idle, members } = group;
  for (const seconds of AFTERS) {
    if (seconds <= idle.afterSeconds) continue;
    const changed = await cleanFigures(group, withAfter(idle, seconds));
    // Longer yet, nothing is stopped either.
    if (changed?.stops === 0) break;
    if (changed !== undefined) return { change: { set: 'after', seconds }, changed };
  }
  const read = new Set<SignalName>(members.flatMap(({ plan }) => plan.queries.map(({ signal }) => signal)));
  for (const divisor of DIVISORS) {
    for (const signal of GRADUAL.filter((name) => read.has(name))) {
      const limit = Number((idle.below[signal] / divisor).toPrecision(2));
      if (limit < LEAST_LIMIT[signal]) continue;
      const changed = await cleanFigures(group, { ...idle, below: { ...idle.below, [signal]: limit } });
      if (changed !== undefined && changed.stops > 0) {
        return { change: { set: 'below', signal, limit }, changed };
      }
    }
  }
  return undefined;
}

/** What a rule would have come to; `undefined` as soon as one stop is false. */
async function cleanFigures(group: Group, rule: IdleRule): Promise<RuleFigures | undefined> {
  const figures = await figuresOf(group, rule, true);
  return figures.falseStops > 0 ? undefined : figures;
}

async function figuresOf(
  { members, metrics, idle, breathe }: Group,
  rule: IdleRule,
  untilFalse = false,
): Promise<RuleFigures> {
  let [stops, falseStops] = [0, 0];
  const saved: Usd[] = [];
  for (const { life, plan } of members) {
    await breathe();
    const { hourly } = life.resource;
    const made = wouldStop(judgeable(life, plan, metrics), rule, idle, untilFalse);
    stops += made.length;
    falseStops += made.filter(({ isFalse }) => isFalse).length;
    if (untilFalse && falseStops > 0) break;
    for (const { at, until } of made) {
      if (hourly !== undefined) saved.push(costOver(hourly, until.getTime() - at.getTime()));
    }
  }
  return { stops, falseStops, saved: sumUsd(saved) };
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
