import { utcDay } from '../decide/sentences.ts';
import type { SignalPlan } from '../fleet/kind.ts';
import { kindOf } from '../fleet/registry.ts';
import type { Resource, ResourceKind } from '../types/resource.ts';
import type { HistoryResource } from './history.ts';
import type { Trails } from './read-trails.ts';
import { TRAIL_DAYS } from './trail-events.ts';

export interface GapFacts {
  readonly resources: readonly HistoryResource[];
  readonly plans: ReadonlyMap<string, SignalPlan>;
  readonly from: Date;
  readonly unreadDays: number;
  readonly coarseDays: number;
  readonly trails: Trails;
  /** Nothing of it was published in all the span. */
  readonly isSilent: (resource: Resource) => boolean;
}

/** What could not be known, whole sentences for people, the gravest first. */
export function gapSentences(facts: GapFacts): readonly string[] {
  const { resources, plans, from, unreadDays, coarseDays, trails, isSilent } = facts;
  const all = resources.map(({ resource }) => resource);
  const silent = all.filter(isSilent);
  const blind = all.filter((one) => !silent.includes(one) && (plans.get(one.arn)?.missing.length ?? 0) > 0);
  const assumed = resources.filter(({ known }) => known === 'assumed').map(({ resource }) => resource);
  const unpriced = all.filter(({ hourly }) => hourly === undefined);
  const gone = trails.gone;
  return [
    ...(unreadDays === 0
      ? []
      : [
          `${count(unreadDays, 'day of a single metric', 'days of single metrics')} could not be read: nothing is judged idle by them. Run it again to read them.`,
        ]),
    ...(silent.length === 0 ? [] : [`No metric of ${kindsOf(silent)} was published: never judged idle.`]),
    ...(blind.length === 0
      ? []
      : [`A metric is missing that ${kindsOf(blind)} must have: never judged idle.`]),
    ...(coarseDays === 0
      ? []
      : [
          `CloudWatch keeps 5-minute samples for 63 days. Of ${count(coarseDays, 'day of a single metric', 'days of single metrics')} only hours are left, each taken for as busy all along as at its busiest: less is judged idle there than was.`,
        ]),
    ...(gone.length === 0
      ? []
      : [
          `CloudTrail names ${kindsOf(gone)} that ${gone.length === 1 ? 'is' : 'are'} gone now: what ${gone.length === 1 ? 'it' : 'they'} cost and did is not in these figures.`,
        ]),
    ...trails.failed.map(
      ({ region, why }) =>
        `CloudTrail could not be read in ${region}: when things ran is told by their metrics. ${why}`,
    ),
    ...(trails.tooShort
      ? [
          `CloudTrail keeps ${TRAIL_DAYS} days, less than since ${utcDay(from)}: when things ran is told by their metrics.`,
        ]
      : []),
    ...trails.cutShort.map(
      ({ region, kind }) =>
        `CloudTrail has more events of ${kindTitle(kind, 2)} in ${region} than are read: when they ran is told by their metrics.`,
    ),
    ...(assumed.length === 0
      ? []
      : [`Nothing says when ${kindsOf(assumed)} ran: taken to have run since the last start alone.`]),
    ...(unpriced.length === 0 ? [] : [`${kindsOf(unpriced)} without a known price: in no sum.`]),
    'Tags, sizes and prices are those of now.',
  ];
}

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

/** `3 EC2 instances and 1 SageMaker endpoint`. */
function kindsOf(some: readonly { readonly kind: ResourceKind }[]): string {
  const counts = new Map<ResourceKind, number>();
  for (const { kind } of some) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const parts = [...counts].map(([kind, n]) => `${n} ${kindTitle(kind, n)}`);
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

const kindTitle = (kind: ResourceKind, n: number): string =>
  `${kindOf(kind)?.title ?? kind}${n === 1 ? '' : 's'}`;
