import { untouchable } from '../decide/exempt.ts';
import { kindOf } from '../fleet/registry.ts';
import { matchPolicy, type Policy, projectOf } from '../policy/policy.ts';
import { costOver, sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import { isGroupMember, type Resource, type ResourceState } from '../types/resource.ts';
import type { Timetable } from './schedule-timetable.ts';

/** A resource that hours are for. */
export interface ScheduledResource {
  readonly id: string;
  readonly arn: string;
  readonly kind: string;
  /** For people: `EC2 instance`. */
  readonly title: string;
  readonly size: string;
  readonly region: string;
  readonly project: string;
  readonly policy: string;
  readonly state: ResourceState;
  /** List price, USD an hour while it runs; `undefined` = unpriced. */
  readonly hourly: Usd | undefined;
  /** At list price, against running day and night: what hours take off the week that begins. */
  readonly savedAWeek: Usd;
  /** Why its hours do nothing to it, one sentence; absent = they do. */
  readonly leftAlone?: string;
}

export interface ScheduledFleet {
  /** In the order of project and id. */
  readonly resources: readonly ScheduledResource[];
  readonly savedAWeek: Usd;
  /** Of those that hours stop: how many have no price. */
  readonly unpriced: number;
}

/** Which resources a timetable is for, and what it saves a week; those of one project alone where it is given. Pure. */
export function fleetOf(
  { policies, offInWeek }: Pick<Timetable, 'policies' | 'offInWeek'>,
  fleet: readonly Resource[],
  policy: Policy,
  only: string | undefined,
): ScheduledFleet {
  const resources = fleet
    .flatMap((resource): readonly ScheduledResource[] => {
      const project = projectOf(policy, resource.tags);
      const matched = matchPolicy(policy, resource.tags);
      if (project === undefined || (only !== undefined && project !== only)) return [];
      if (matched === undefined || !policies.includes(matched.name)) return [];
      // Its group is told of.
      if (isGroupMember(resource) || resource.state === 'failed') return [];
      const { id, arn, kind, size, region, state, hourly } = resource;
      const why = untouchable(resource, matched)?.why;
      return [
        {
          id,
          arn,
          kind,
          title: kindOf(kind)?.title ?? kind,
          size,
          region,
          project,
          policy: matched.name,
          state,
          hourly,
          savedAWeek: hourly === undefined || why !== undefined ? ZERO_USD : costOver(hourly, offInWeek),
          ...(why === undefined ? {} : { leftAlone: why }),
        },
      ];
    })
    .sort((a, b) => a.project.localeCompare(b.project) || a.id.localeCompare(b.id));
  return {
    resources,
    savedAWeek: sumUsd(resources.map(({ savedAWeek }) => savedAWeek)),
    unpriced: resources.filter(({ hourly, leftAlone }) => hourly === undefined && leftAlone === undefined)
      .length,
  };
}
