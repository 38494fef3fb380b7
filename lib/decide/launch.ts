import type { ProjectMark } from '../ledger/ledger.ts';
import { levelTitle, levelWord, projectHolder } from '../policy/levels.ts';
import {
  type BudgetRule,
  matchPolicy,
  type NamedPolicy,
  type Policy,
  type Project,
  projectNamed,
  projectOf,
} from '../policy/policy.ts';
import type { Decision, HoldDecision, NotifyDecision, StopDecision, Verdict } from '../types/decision.ts';
import { formatUsd, sumUsd, type Usd } from '../types/money.ts';
import { isGroupMember, type Resource, startOf } from '../types/resource.ts';
import { type BudgetReading, SPEND_SOURCES } from '../types/spend.ts';
import {
  enforcedRules,
  graceEnd,
  isPassedOver,
  ofHolder,
  reachedFreeze,
  spendSentence,
  thresholdText,
  waitsForBill,
} from './budget.ts';
import { exemption, type Keeping } from './exempt.ts';
import { freezeStop } from './freeze-stop.ts';
import { managerOf } from './managed.ts';
import { readingEnd } from './period.ts';
import { atMinute } from './sentences.ts';
import { neverStopped, UNTAGGED } from './untagged.ts';

export interface LaunchInput extends Keeping {
  /** As AWS described it after the event. */
  readonly resource: Resource;
  /** Of its model, its project and its team, as far as there are any. */
  readonly marks: readonly ProjectMark[];
  /** USD an hour of what ran in its project before it; needed where the project has `maxHourly`. */
  readonly hourlyOfProject: Usd;
  /** When the event says that it was started, where the resource itself does not tell. */
  readonly startedAt?: Date | undefined;
  /** True where somebody has just brought it back through Bursar: who does that knows how the project stands. */
  readonly broughtBack?: boolean | undefined;
  /** True where the limits allow no more launches of its project to be undone in this hour. */
  readonly overLimit?: boolean | undefined;
}

export interface LaunchDecided {
  readonly decisions: readonly Decision[];
  /** Why nothing is done. */
  readonly verdict?: Verdict;
  /**
   * The stop, where it counts towards the limits: for its type alone. A mistake in `types` must not undo all launches of
   * a day; where money speaks against them as well, each is undone.
   */
  readonly limited?: StopDecision;
}

/** What was started longer ago is no launch any more; an endpoint takes its time to come into service. */
export const LAUNCH_MS = 2 * 3_600_000;

/**
 * What a launch comes to: nothing, a word to its people, or its stop. Pure: repeats of an event, and an event that comes
 * late, give the same decisions under the same keys, or none.
 */
export function decideLaunch(input: LaunchInput): LaunchDecided {
  const { policy, resource } = input;
  const matched = matchPolicy(policy, resource.tags);
  const left = (verdict: Verdict['verdict'], why: string): LaunchDecided => ({
    decisions: [],
    verdict: { resource, policy: matched?.name, verdict, why },
  });
  if (resource.state !== 'running') return left('not-running', `It is ${resource.state}.`);
  if (isGroupMember(resource)) return left('exempt', 'Its Auto Scaling group is looked at instead.');
  const project = projectOf(policy, resource.tags);
  if (project === undefined) return untaggedLaunch(input);
  if (matched === undefined) return left('no-policy', 'No policy matches its tags.');

  const launched: Launched = { ...input, project, matched, at: launchedAt(input) };
  const frozen = frozenBy(launched);
  const objections = isRecent(launched) ? objectionsTo(launched) : [];
  const exempt = exemption(resource, matched, input);
  const spared =
    exempt?.why ?? (input.broughtBack === true ? 'somebody has just brought it back on purpose.' : undefined);
  if (frozen !== undefined) {
    const stop = freezeStop(resource, project, matched, frozen);
    const why = exempt?.why ?? (frozen.waits ? WAITS : undefined);
    if (why === undefined) return { decisions: [stop] };
    return told(launched, 'frozen', stop.rule.rule, [stop.reason, runsOn(why)]);
  }
  const [first] = objections;
  if (first === undefined) return left('within-budget', 'Nothing speaks against its launch.');
  const reasons = objections.map(({ why }) => why);
  const rule = ({ title }: Objection): string => `launch ${title}: ${matched.launch}`;
  const cause = objections.find(({ stops }) => stops);
  if (matched.launch === 'notify' || spared !== undefined || cause === undefined) {
    const why =
      matched.launch === 'notify'
        ? `policy ${matched.name} only tells of launches.`
        : (spared ?? first.spares);
    return told(launched, first.code, rule(first), [...reasons, ...(why === undefined ? [] : [runsOn(why)])]);
  }
  const stop: StopDecision = {
    action: 'stop',
    trigger: 'launch',
    key: keyOf(launched, cause.code),
    ...ofHolder(cause.holder ?? projectHolder(project), project),
    target: resource,
    rule: { policy: matched.name, rule: rule(cause) },
    ...(cause.until === undefined ? {} : { expires: cause.until }),
    reason: [...reasons, `Policy ${matched.name} undoes such launches.`, cause.undo].join(' '),
  };
  const isLimited = objections.every(({ code, stops }) => code === 'type' || !stops);
  if (!isLimited) return { decisions: [stop] };
  return input.overLimit === true ? { decisions: [held(launched)] } : { decisions: [stop], limited: stop };
}

/** One an hour and project: it tells of the first launch that is not undone, and those after it are like it. */
function held({ policy, project, resource, now }: Launched): HoldDecision {
  const { maxStopsPerSweep: most } = policy.limits;
  const hour = now.toISOString().slice(0, 13);
  return {
    action: 'hold',
    cause: 'blast-radius',
    key: `hold/launch/${project}/${hour}`,
    project,
    targets: [resource],
    reason:
      `In project ${project} ${most} ${most === 1 ? 'launch' : 'launches'} of a type that is not allowed ` +
      `${most === 1 ? 'was' : 'were'} undone in this hour, and the limits allow no more (maxStopsPerSweep ${most}). ` +
      `This one runs on, and so do others until ${hour.slice(11)}:59 UTC. If \`types\` of the project in the policy file is as it should be, stop them by hand.`,
  };
}

interface Launched extends LaunchInput {
  readonly project: string;
  readonly matched: NamedPolicy;
  /** When it was started. */
  readonly at: Date;
}

/** The later of the two: an event may be of an earlier start, and not every kind tells its last one. */
export function launchedAt({ resource, startedAt: told }: Pick<LaunchInput, 'resource' | 'startedAt'>): Date {
  const start = startOf(resource);
  return told !== undefined && told > start ? told : start;
}

const isRecent = ({ at, now }: Launched): boolean => now.getTime() - at.getTime() <= LAUNCH_MS;

/** Kinds that do not tell their last start tell one of long ago; others tell it but for the time that starting takes. */
const TELLS_ITS_START_MS = 3_600_000;

const keyOf = ({ resource, at }: Pick<Launched, 'resource' | 'at'>, why: string): string => {
  const start = startOf(resource);
  const spell = at.getTime() - start.getTime() > TELLS_ITS_START_MS ? at : start;
  return `launch/${resource.arn}/${spell.toISOString()}/${why}`;
};

const runsOn = (why: string): string => `It runs: ${why.charAt(0).toLowerCase()}${why.slice(1)}`;

const told = (
  launched: Launched,
  code: string,
  rule: string,
  sentences: readonly string[],
): LaunchDecided => ({
  decisions: [
    {
      action: 'notify',
      trigger: 'launch',
      key: keyOf(launched, `told-${code}`),
      project: launched.project,
      target: launched.resource,
      rule: { policy: launched.matched.name, rule },
      reason: sentences.join(' '),
    },
  ],
});

/** The breaches whose period still runs, with the marks that they are of. */
const breachesOf = ({
  marks,
  now,
}: Launched): readonly { readonly mark: ProjectMark; readonly breach: BudgetReading }[] =>
  marks.flatMap((mark) =>
    SPEND_SOURCES.flatMap((source) => {
      const breach = mark.breaches.get(source);
      return breach !== undefined && readingEnd(breach) > now ? [{ mark, breach }] : [];
    }),
  );

/** The freeze that the launch falls under; `undefined` = none, or it ran before and its grace period is not over. */
function frozenBy(launched: Launched): Frozen | undefined {
  const { matched, policy, resource, now, at } = launched;
  const found = breachesOf(launched).flatMap(({ mark, breach }): readonly Frozen[] => {
    const { holder, frozenUntil: until, reached } = mark;
    if (until === undefined || until <= now) return [];
    const rule = reachedFreeze(matched, breach, policy);
    if (rule === undefined) return [];
    const hasGrace = rule.graceSeconds > 0 && at <= breach.asOf && graceEnd(rule, breach, reached) > now;
    return hasGrace ? [] : [{ holder, rule, until, waits: waitsForBill(resource, breach.source) }];
  });
  return found.find(({ waits }) => !waits) ?? found[0];
}

interface Frozen {
  readonly holder: string;
  readonly rule: BudgetRule;
  readonly until: Date;
  /** True where the spend behind it is estimated alone, and the resource could not be brought back. */
  readonly waits: boolean;
}

const WAITS = 'what cannot be brought back is not stopped for estimated spend.';

/** Something that speaks against a launch. */
interface Objection {
  readonly code: 'over-budget' | 'type' | 'hourly' | 'unpriced';
  /** For the rule that it is by: `over budget`. */
  readonly title: string;
  readonly why: string;
  /** What must change for it to be launched, whole sentences. */
  readonly undo: string;
  /** False where it is but to be told. */
  readonly stops: boolean;
  /** When it ends by itself. */
  readonly until?: Date;
  /** Whose limit it is; absent = its project's. */
  readonly holder?: string;
  /** Why this one is told of and not stopped. */
  readonly spares?: string;
}

function objectionsTo(launched: Launched): readonly Objection[] {
  const { policy, project: name } = launched;
  const project = projectNamed(policy, name);
  return [
    ...overBudget(launched),
    ...(project === undefined ? [] : [...typeRefused(launched, project), ...overHourly(launched, project)]),
  ];
}

/**
 * By the first breach that a rule that stops has reached and that was found before the launch; by one that spares it only
 * where no other stops it.
 */
function overBudget(launched: Launched): readonly Objection[] {
  const { matched, policy, resource, at, now } = launched;
  const all = breachesOf(launched).flatMap(({ mark, breach }): readonly Objection[] => {
    // What ran when the breach was found is that rule's own business, and has its grace period.
    if (at <= breach.asOf) return [];
    const rule = enforcedRules(matched, breach, policy)
      .filter((one) => one.do === 'stop')
      .at(-1);
    if (rule === undefined) return [];
    const spares = waitsForBill(resource, breach.source)
      ? WAITS
      : isUnfrozen(mark, now) && isPassedOver(rule, matched, mark)
        ? `somebody has unfrozen the ${levelWord(mark.holder)}.`
        : undefined;
    return [
      {
        code: 'over-budget',
        title: `over budget ${thresholdText(rule)}`,
        why: `${levelTitle(breach.holder)} is over its budget, and it was launched at ${atMinute(at)}. ${spendSentence(breach, rule.of, policy)}`,
        undo: `It may run again from ${atMinute(readingEnd(breach))} on, or once the limit is raised; keep it as you restore it, and it runs before that.`,
        until: readingEnd(breach),
        holder: breach.holder,
        stops: spares === undefined,
        ...(spares === undefined ? {} : { spares }),
      },
    ];
  });
  const first = all.find(({ stops }) => stops) ?? all[0];
  return first === undefined ? [] : [first];
}

/** True where somebody has ended the last freeze. */
const isUnfrozen = ({ unfrozenAt, frozenUntil }: ProjectMark, now: Date): boolean =>
  unfrozenAt !== undefined && !(frozenUntil !== undefined && frozenUntil > now);

function typeRefused({ resource }: Launched, { name, types: allowed }: Project): readonly Objection[] {
  if (allowed === undefined) return [];
  const patterns = allowed.map(globOf);
  const refused = typesOf(resource).filter((type) => !patterns.some((pattern) => pattern.test(type)));
  if (refused.length === 0) return [];
  return [
    {
      code: 'type',
      title: 'of a type that is not allowed',
      why: `Project ${name} may launch ${allowed.join(', ')} alone, and this is ${refused.join(', ')}.`,
      undo: 'To have it, add its type to `types` of the project in the policy file.',
      stops: true,
    },
  ];
}

/** `*` stands for any characters; all others for themselves. */
const globOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((text) => text.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'))
      .join('.*')}$`,
    'i',
  );

/** What it runs on, each type once; none where that cannot be told. */
function typesOf({ parts, size }: Resource): readonly string[] {
  const named =
    parts === undefined
      ? [size.split(/[ ,]/)[0] ?? '']
      : parts.flatMap(({ type, count }) => (count > 0 ? [type] : []));
  return [...new Set(named.filter((type) => /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(type)))];
}

function overHourly(
  { resource, hourlyOfProject }: Launched,
  { name, maxHourly }: Project,
): readonly Objection[] {
  if (maxHourly === undefined) return [];
  const may = `Project ${name} may cost ${formatUsd(maxHourly)} an hour`;
  const undo =
    'To have it, stop something else first, or raise `maxHourly` of the project in the policy file.';
  const { hourly } = resource;
  if (hourly === undefined) {
    return [
      {
        code: 'unpriced',
        title: 'of unknown price',
        why: `${may}, and the price of this is not known, so it cannot be told whether it is within that.`,
        undo,
        stops: false,
      },
    ];
  }
  const together = sumUsd([hourlyOfProject, hourly]);
  if (together <= maxHourly || hourly === 0n) return [];
  return [
    {
      code: 'hourly',
      title: 'over maxHourly',
      why: `${may}. What ran before costs ${formatUsd(hourlyOfProject)}, and this costs ${formatUsd(hourly)} more: ${formatUsd(together)}.`,
      undo,
      stops: true,
    },
  ];
}

/** Nothing is stopped at once for a tag that was forgotten: people are told, and when they are told again. */
function untaggedLaunch(input: LaunchInput): LaunchDecided {
  const { policy, resource } = input;
  const at = launchedAt(input);
  const left = (verdict: Verdict['verdict'], why: string): LaunchDecided => ({
    decisions: [],
    verdict: { resource, policy: undefined, verdict, why },
  });
  const managed = managerOf(resource);
  if (managed !== undefined) return left('exempt', managed.detail);
  if (input.now.getTime() - at.getTime() > LAUNCH_MS) {
    return left('no-policy', `It has no tag ${policy.tags.project}, and was not launched now.`);
  }
  const decision: NotifyDecision = {
    action: 'notify',
    trigger: 'untagged',
    key: keyOf({ resource, at }, 'told-untagged'),
    project: undefined,
    target: resource,
    rule: { policy: UNTAGGED, rule: 'untagged at its launch: notify' },
    reason: `It was launched at ${atMinute(at)} without a tag ${policy.tags.project}, so nobody's budget sees it. ${whatFollows(resource, policy)}`,
  };
  return { decisions: [decision] };
}

function whatFollows(resource: Resource, policy: Policy): string {
  const { afterSeconds, do: does } = policy.untagged;
  const then = atMinute(new Date(resource.since.getTime() + afterSeconds * 1000));
  return does === 'stop' && neverStopped(resource, policy) === undefined
    ? `Without one it is stopped at ${then}.`
    : `Without one you are reminded of it from ${then} on, once a day.`;
}
