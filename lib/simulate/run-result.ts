import { kindOf } from '../fleet/registry.ts';
import { matchPolicy, projectOf } from '../policy/policy.ts';
import { sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import type { CostRecord } from './cost-record.ts';
import type { LeftAloneRecord } from './left-alone.ts';
import type { Recorder } from './recorder.ts';
import type { ProjectRun, ResourceRun, RunEvent, RunResult, Span } from './result.ts';
import { clipped, joined } from './spans.ts';
import type { World } from './world.ts';

/** Puts together what a run came to. */
export function resultOf({
  world,
  recorder,
  costs,
  without,
  leftAlone,
  gates,
  counts,
}: {
  readonly world: World;
  readonly recorder: Recorder;
  readonly costs: CostRecord;
  readonly without: CostRecord;
  readonly leftAlone: LeftAloneRecord;
  readonly gates: RunResult['gates'];
  readonly counts: RunResult['counts'];
}): RunResult {
  const { title, description, policy, policyFile, from, to, assumptions, inUse } = world;
  const whole = { from, to };
  const alone = new Map([...without.resources()].map(({ resource, spent }) => [resource.arn, spent]));
  const stops = stopsByArn(recorder.events);
  const resources = [...costs.resources()].map(({ resource, ran, spent }): ResourceRun => {
    const { arn, id, kind, size, region, hourly, tags } = resource;
    const isOn = (ran.at(-1)?.to ?? from) >= to;
    const left = isOn ? leftAlone.get(arn) : undefined;
    return {
      arn,
      id,
      kind,
      title: kindOf(kind)?.title ?? kind,
      size,
      region,
      project: projectOf(policy, tags),
      policy: matchPolicy(policy, tags)?.name,
      hourly,
      ran: clipped(ran, whole),
      stopped: stoppedSpans(stops.get(arn) ?? [], ran, to),
      busy: clipped(inUse(resource), whole),
      spent,
      without: alone.get(arn) ?? ZERO_USD,
      ...(left === undefined ? {} : { leftAlone: left }),
    };
  });
  const spent = costs.byProject();
  const spentWithout = without.byProject();
  const names = new Set<string | undefined>([
    ...Object.keys(policy.projects),
    ...spent.keys(),
    ...spentWithout.keys(),
  ]);
  const projects = [...names].map(
    (project): ProjectRun => ({
      project,
      limit: project === undefined ? undefined : policy.projects[project]?.budget,
      spent: spent.get(project) ?? ZERO_USD,
      without: spentWithout.get(project) ?? ZERO_USD,
      points: recorder.points.get(project ?? '') ?? [],
    }),
  );
  return {
    title,
    description,
    from,
    to,
    policy: policyFile,
    spent: total(spent),
    without: total(spentWithout),
    assumptions,
    projects,
    resources,
    events: recorder.events.toSorted((a, b) => a.at.getTime() - b.at.getTime()),
    gates,
    counts,
  };
}

const total = (by: ReadonlyMap<string | undefined, Usd>): Usd => sumUsd(by.values());

const stopsByArn = (events: readonly RunEvent[]): ReadonlyMap<string, readonly Date[]> =>
  new Map(
    [
      ...Map.groupBy(
        events.filter((one) => one.event === 'stopped').filter(({ manner }) => manner === undefined),
        ({ arn }) => arn,
      ),
    ].map(([arn, some]) => [arn, some.map(({ at }) => at)]),
  );

/** From each stop until it ran again. */
const stoppedSpans = (stops: readonly Date[], ran: readonly Span[], to: Date): readonly Span[] =>
  joined(
    stops.flatMap((from) => {
      const again = ran.find((span) => span.from > from)?.from ?? to;
      return from < again ? [{ from, to: again }] : [];
    }),
  );
