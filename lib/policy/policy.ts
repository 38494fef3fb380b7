import { createHash } from 'node:crypto';
import type { Usd } from '../types/money.ts';
import type { Dismissal } from '../types/recommendation.ts';
import type { Consent } from '../types/resource.ts';
import type { SpendSource } from '../types/spend.ts';
import type { AllocationRules } from './allocation.ts';
import type { RuntimeRule, Schedule } from './schedule.ts';

/** Tag keys that carry a meaning for Bursar. Policies match on the logical names `project`, `owner`, `environment`, `model`. */
export interface TagKeys {
  readonly project: string;
  readonly owner: string;
  readonly environment: string;
  readonly keepUntil: string;
  /** Names the model that something serves or trains: a part of its project. */
  readonly model: string;
  /** Says who made a resource; written by Bursar on what has no project. */
  readonly creator: string;
}

/** What may be spent. */
export interface Budgets {
  /** USD a calendar month (UTC). Absent = no AWS Budget is made for it. */
  readonly budget?: Usd;
  /** USD a UTC day, by the meter. */
  readonly daily?: Usd;
  /** USD of all time from the first day of the month of `since` (`YYYY-MM-DD`) on, by the meter. */
  readonly total?: { readonly limit: Usd; readonly since: string };
}

/** Projects that share limits. */
export interface Team extends Budgets {
  readonly name: string;
  readonly owner?: string;
  /** Slack channel of its alerts. Absent = the default channel. */
  readonly slack?: string;
  /** Slack ids of those who may act on all that its projects have. */
  readonly owners: readonly string[];
}

/** A part of a project, with limits of its own. */
export interface Model extends Budgets {
  readonly name: string;
}

export interface Project extends Budgets {
  readonly name: string;
  readonly owner?: string;
  /** Its team, one of `Policy.teams`. */
  readonly team?: string;
  /** By the value of the model tag; absent = it has none with limits. */
  readonly models?: Readonly<Record<string, Model>>;
  /** Percent that Savings Plans and reservations take off its list prices; absent = learned. */
  readonly discount?: number;
  /** Instance types that it may launch, `*` standing for any characters (`g5.*`, `ml.g5.*`); absent = all. */
  readonly types?: readonly string[];
  /** USD an hour that all it runs may cost; absent = no limit. */
  readonly maxHourly?: Usd;
  /** Names of IAM roles that may launch nothing while it is frozen. */
  readonly freezeRoles: readonly string[];
  /** Slack channel, `#fraud-ml`. Absent = the default channel. */
  readonly slack?: string;
  /** Slack ids of users (`U…`, `W…`) and user groups (`S…`) who may act on its resources and approve for others. */
  readonly owners: readonly string[];
  /** Slack ids of those who may act on its resources. */
  readonly members: readonly string[];
}

/** What a signal must stay below, in every sample, to count as idle. */
export interface IdleLimits {
  /** Percent, 0–100 of the whole resource. */
  readonly cpu: number;
  /** Percent, 0–100 of the busiest GPU. */
  readonly gpu: number;
  /** Bytes a second; each of in and out must stay below. */
  readonly network: number;
  /** Invocations in one sample. */
  readonly invocations: number;
  /** Requests that wait in the queue of an asynchronous endpoint. */
  readonly backlog: number;
  /** Open connections of a database. */
  readonly connections: number;
}

export interface IdleRule {
  /** Seconds for which every sample must be idle. */
  readonly afterSeconds: number;
  /** Seconds before the stop at which people are told, within `afterSeconds`; 0 = no warning. */
  readonly warnSeconds: number;
  readonly do: 'stop' | 'notify';
  readonly below: IdleLimits;
}

export interface BudgetRule {
  /** Percent of the project's budget. */
  readonly at: number;
  /** What AWS Budgets says, hours behind, or what the meter says. */
  readonly of: 'actual' | 'forecasted' | 'estimated';
  /** Which of the project's limits; other than `month` for estimated spend alone. */
  readonly per: 'month' | 'day' | 'total';
  readonly do: 'notify' | 'stop' | 'freeze';
  /** Seconds between telling people of the stop and the stop; 0 = at once. */
  readonly graceSeconds: number;
}

/** Tag key (or logical name) → values of which one must be carried. All keys must match. */
export type Match = Readonly<Record<string, readonly string[]>>;

export interface NamedPolicy {
  readonly name: string;
  readonly match: Match;
  readonly idle: 'off' | IdleRule;
  /** In ascending order of `at` for each kind of spend and period. */
  readonly budget: readonly BudgetRule[];
  /** What is done about what starts while its project is over budget, or which its project may not have. */
  readonly launch: 'notify' | 'stop';
  /** What may be done to its resources beyond a stop that loses nothing. */
  readonly allow: readonly Consent[];
  /** Whether what its budget stopped is restored when the next month begins. */
  readonly restore: 'by-hand' | 'next-period';
  /** When its resources run: where any of these is open. Absent = always. */
  readonly hours?: readonly Schedule[];
  /** Absent = they may run as long as they like. */
  readonly maxRuntime?: RuntimeRule;
}

/** The policy file, parsed and checked (`parsePolicy`). */
export interface Policy {
  readonly version: 1;
  readonly tags: TagKeys;
  readonly teams: Readonly<Record<string, Team>>;
  readonly projects: Readonly<Record<string, Project>>;
  /** Slack ids of those who may act on everything, and release what the limits hold back. */
  readonly operators: readonly string[];
  /** IANA name of the time zone in which `tomorrow 9:00` is meant. */
  readonly timezone: string;
  /** The first that matches a resource's tags is the one that counts. */
  readonly policies: readonly NamedPolicy[];
  /** Of what has no project tag; `warnSeconds` before a stop people are told, within `afterSeconds`. */
  readonly untagged: {
    readonly afterSeconds: number;
    readonly do: 'notify' | 'stop';
    readonly warnSeconds: number;
  };
  /** Tag key (or logical name) that every resource must carry → the values that it may have, or any. */
  readonly requiredTags: Readonly<Record<string, 'any' | readonly string[]>>;
  readonly alerts: {
    /** Told when an hour costs so many times the usual one; `undefined` = never. */
    readonly burnRate: number | undefined;
    /** Whether the weekly alert is sent. */
    readonly weekly: boolean;
    /** Whether people are told of days that cost far more than such a weekday does. */
    readonly anomalies: boolean;
  };
  readonly limits: {
    readonly maxStopsPerSweep: number;
    /** Percent of the running fleet, rounded up to a whole resource. */
    readonly maxFleetShare: number;
  };
  /** `self` stands for the account that Bursar is deployed in. */
  readonly scope: { readonly regions: readonly string[]; readonly accounts: readonly string[] };
  /** `required`: nothing is stopped or frozen that is in no approved plan of this very policy. */
  readonly approval: 'required' | 'off';
  readonly allocation: AllocationRules;
  /** Recommendations that nobody wants to be told of for now. */
  readonly dismissed: readonly Dismissal[];
}

/** Names a budget rule within its policy, and across policies the threshold that it shares with others. */
export const ruleId = ({ at, of, per }: BudgetThreshold): string =>
  per === 'month' ? `${of}-${at}` : `${of}-${per}-${at}`;

/** Whose readings a rule goes by. */
export function sourceOf({ of, per }: Pick<BudgetRule, 'of' | 'per'>): SpendSource {
  if (of !== 'estimated') return 'budgets';
  return per === 'month' ? 'meter' : `meter-${per}`;
}

export type Tags = Readonly<Record<string, string>>;

/** The tag of a key; an own property alone, so that a tag named `constructor` is not found by accident. */
export const tagOf = (tags: Tags, key: string): string | undefined =>
  Object.hasOwn(tags, key) ? tags[key] : undefined;

/** The tag key that a key of `match` stands for: `project`, `owner`, `environment` and `model` are logical names. */
export function matchTagKey(tags: TagKeys, key: string): string {
  switch (key) {
    case 'project':
    case 'owner':
    case 'environment':
    case 'model':
      return tags[key];
    default:
      return key;
  }
}

/** The first policy whose every key is met by the tags; `undefined` where no policy names the resource. */
export function matchPolicy(policy: Policy, tags: Tags): NamedPolicy | undefined {
  const found = matchersOf(policy).find(({ wanted }) =>
    wanted.every(({ key, values }) => {
      const value = tagOf(tags, key);
      return value !== undefined && values.includes(value);
    }),
  );
  return found?.named;
}

interface Matcher {
  readonly named: NamedPolicy;
  /** By tag key. */
  readonly wanted: readonly { readonly key: string; readonly values: readonly string[] }[];
}

/** Of each policy file what its policies match on, worked out once: it is asked of every resource, time and again. */
const matchers = new WeakMap<Policy, readonly Matcher[]>();

function matchersOf(policy: Policy): readonly Matcher[] {
  const before = matchers.get(policy);
  if (before !== undefined) return before;
  const made = policy.policies.map((named) => ({
    named,
    wanted: Object.entries(named.match).map(([key, values]) => ({
      key: matchTagKey(policy.tags, key),
      values,
    })),
  }));
  matchers.set(policy, made);
  return made;
}

/** The value of the project tag as it stands, since AWS compares it so; `undefined` where it is absent or blank. */
export function projectOf(policy: Policy, tags: Tags): string | undefined {
  const value = tagOf(tags, policy.tags.project);
  return value === undefined || value.trim() === '' ? undefined : value;
}

/** The project that the policy file names so; an own property alone, as of `tagOf`. */
export const projectNamed = (
  { projects }: Pick<Policy, 'projects'>,
  name: string | undefined,
): Project | undefined => (name !== undefined && Object.hasOwn(projects, name) ? projects[name] : undefined);

/** AWS Budgets takes at most this many notifications a budget. */
export const MAX_BUDGET_NOTIFICATIONS = 10;

/** What share of which limit: percent. */
export type BudgetThreshold = Pick<BudgetRule, 'at' | 'of' | 'per'>;

/** The policies that a resource of the project could match: those whose `match` names other projects alone are left out. */
export const policiesFor = (
  { tags, policies }: Pick<Policy, 'tags' | 'policies'>,
  project: string,
): readonly NamedPolicy[] =>
  policies.filter(({ match }) =>
    Object.entries(match).every(
      ([key, values]) => matchTagKey(tags, key) !== tags.project || values.includes(project),
    ),
  );

/** The distinct thresholds of all policies that concern the project, by source, ascending, actual before forecasted. */
export const budgetThresholds = (
  policy: Pick<Policy, 'tags' | 'policies'>,
  project: string,
  source: SpendSource = 'budgets',
): readonly BudgetThreshold[] => distinctThresholds(policiesFor(policy, project), source);

/** The distinct thresholds of policies, by source, ascending, actual before forecasted. */
export function distinctThresholds(
  policies: readonly NamedPolicy[],
  source: SpendSource,
): readonly BudgetThreshold[] {
  const rules = policies.flatMap(({ budget }) => budget).filter((rule) => sourceOf(rule) === source);
  const distinct = new Map(rules.map(({ at, of, per }) => [ruleId({ at, of, per }), { at, of, per }]));
  return [...distinct.values()].sort((a, b) => a.of.localeCompare(b.of) || a.at - b.at);
}

const BUDGET_PREFIX = 'bursar-';

/**
 * The name of the AWS Budget of a project. It ends in a digest of the thresholds: CloudFormation replaces a
 * budget whose notifications change, and makes the new one before it deletes the old, so that the two need
 * different names.
 */
export const budgetName = (policy: Pick<Policy, 'tags' | 'policies'>, project: string): string =>
  `${BUDGET_PREFIX}${project}-${digestOf(budgetThresholds(policy, project).map(ruleId))}`;

/** AWS takes names of up to 100 characters (AWS Budgets API, `BudgetName`); a team's may be as long as a project's. */
const TEAM_IN_NAME = 79;

/**
 * The name of the AWS Budget of a team, with its thresholds. A project may be called `team-alpha`, and its budget have
 * the same beginning: the digest is of the team's name too, and never that of a project's thresholds.
 */
export const teamBudgetName = (team: string, thresholds: readonly BudgetThreshold[]): string =>
  `${BUDGET_PREFIX}team-${[...team].slice(0, TEAM_IN_NAME).join('')}-${digestOf([`team:${team}`, ...thresholds.map(ruleId)])}`;

const digestOf = (texts: readonly string[]): string =>
  createHash('sha256').update(texts.join(' ')).digest('hex').slice(0, 8);
