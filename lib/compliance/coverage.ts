import { type Policy, projectOf } from '../policy/policy.ts';
import { sumUsd, type Usd } from '../types/money.ts';
import { isGroupMember, type Resource } from '../types/resource.ts';
import { problemOf, requiredTagsOf, type TagProblem } from './required.ts';

/** How many resources lack a required tag. */
export interface Lacking {
  /** As AWS has it. */
  readonly key: string;
  readonly missing: number;
  /** With a value that is not allowed, or names a project that the policy does not. */
  readonly wrong: number;
}

/** How well some resources are tagged. `compliant` ones carry all required tags with allowed values. */
export interface CoverageFigures {
  readonly resources: number;
  readonly compliant: number;
  /** Percent of the resources that are compliant, to one decimal, rounded down: 100 = all. 100 where there are none. */
  readonly byCount: number;
  /** USD an hour of those that run and are priced. */
  readonly hourly: Usd;
  readonly compliantHourly: Usd;
  /** As `byCount`, of `hourly`. */
  readonly byCost: number;
  /** Those that are not compliant, run and have no known price: they are in no amount. */
  readonly unpriced: number;
  /** Each required tag, in the order of the policy. */
  readonly lacking: readonly Lacking[];
}

export interface Coverage {
  readonly account: CoverageFigures;
  /** By the value of the project tag as it stands; `''` = none. A project without resources is absent. */
  readonly projects: ReadonlyMap<string, CoverageFigures>;
}

type Rules = Pick<Policy, 'tags' | 'projects' | 'requiredTags'>;

/** What is wrong with the required tags of a resource, in the order of the policy. */
export const problemsOf = (policy: Rules, { tags }: Pick<Resource, 'tags'>): readonly TagProblem[] =>
  requiredTagsOf(policy).flatMap((tag) => problemOf(tag, tags) ?? []);

/**
 * How many resources carry all required tags, and what they cost, by project and for the account. All that exist
 * count, stopped ones too; what they cost is that of those which run. Members of Auto Scaling groups are left out:
 * they are tagged by their group.
 */
export function coverage(policy: Policy, resources: readonly Resource[]): Coverage {
  const rows = resources.flatMap((resource) =>
    isGroupMember(resource)
      ? []
      : [
          {
            resource,
            project: projectOf(policy, resource.tags) ?? '',
            problems: problemsOf(policy, resource),
          },
        ],
  );
  const keys = requiredTagsOf(policy).map(({ key }) => key);
  const byProject = Map.groupBy(rows, ({ project }) => project);
  return {
    account: figuresOf(keys, rows),
    projects: new Map([...byProject].map(([project, some]) => [project, figuresOf(keys, some)])),
  };
}

interface Row {
  readonly resource: Resource;
  readonly problems: readonly TagProblem[];
}

function figuresOf(keys: readonly string[], rows: readonly Row[]): CoverageFigures {
  const compliant = rows.filter(({ problems }) => problems.length === 0);
  const found = rows.flatMap(({ problems }) => problems);
  const hourly = hourlyOf(rows);
  const compliantHourly = hourlyOf(compliant);
  return {
    resources: rows.length,
    compliant: compliant.length,
    byCount: percent(BigInt(compliant.length), BigInt(rows.length)),
    hourly,
    compliantHourly,
    byCost: percent(compliantHourly, hourly),
    unpriced: rows.filter(
      ({ resource, problems }) => problems.length > 0 && isRunning(resource) && resource.hourly === undefined,
    ).length,
    lacking: keys.map((key) => {
      const some = found.filter((one) => one.key === key);
      const missing = some.filter(({ problem }) => problem === 'missing').length;
      return { key, missing, wrong: some.length - missing };
    }),
  };
}

const isRunning = ({ state }: Resource): boolean => state === 'running';

const hourlyOf = (rows: readonly Row[]): Usd =>
  sumUsd(rows.flatMap(({ resource }) => (isRunning(resource) ? (resource.hourly ?? []) : [])));

const percent = (part: bigint, whole: bigint): number =>
  whole <= 0n ? 100 : Number((part * 1_000n) / whole) / 10;
