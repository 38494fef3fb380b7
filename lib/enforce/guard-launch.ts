import { decideLaunch, LAUNCH_MS, type LaunchDecided, launchedAt } from '../decide/launch.ts';
import { managerOf } from '../decide/managed.ts';
import { marksOf } from '../decide/marks-of.ts';
import { creatorTag } from '../decide/untagged.ts';
import type { RegionContexts } from '../fleet/discover.ts';
import type { FleetContext } from '../fleet/kind.ts';
import { kindOf } from '../fleet/registry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { noteEvent, noteStart } from '../meter/record.ts';
import { modelOf } from '../policy/levels.ts';
import { type Policy, projectNamed, projectOf, tagOf } from '../policy/policy.ts';
import type { Named } from '../signals/cloudtrail.ts';
import type { CreatedBy, StateChange, TagChange } from '../signals/launch-event.ts';
import type { Clock } from '../types/clock.ts';
import type { Decision } from '../types/decision.ts';
import { mapLimited } from '../types/lists.ts';
import type { MeterPoint } from '../types/meter.ts';
import { type Usd, ZERO_USD } from '../types/money.ts';
import { isGroupMember, type Resource, startOf } from '../types/resource.ts';
import { noteChange } from './note-change.ts';
import { around, hourlyOf, type Run, runsOf } from './project-runs.ts';
import { readKeeping } from './read-keeping.ts';
import { mayUndo } from './undo-limit.ts';

export interface GuardDeps {
  readonly policy: Policy;
  readonly ledger: Pick<
    Ledger,
    | 'meterRecord'
    | 'meterRecords'
    | 'saveMeterRecords'
    | 'meteredAt'
    | 'projectMarks'
    | 'keeps'
    | 'keepTags'
    | 'approval'
    | 'audit'
    | 'once'
    | 'seen'
  >;
  readonly regions: RegionContexts;
  readonly account: string;
  readonly now: Clock;
  /** Waits so many milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

/**
 * What one event comes to: the meter is told first, and then it is decided by the resource as AWS describes it now.
 * What lies in another account or region than is watched is left alone.
 * @throws where AWS or the ledger cannot be asked now: the same event can be looked at again.
 */
export async function guardLaunch(
  event: StateChange | CreatedBy | TagChange,
  deps: GuardDeps,
): Promise<LaunchDecided> {
  const context = deps.regions.get(event.region);
  if (context === undefined || event.account !== deps.account) return NOTHING;
  switch (event.type) {
    case 'state':
      return stateChange(event, context, deps);
    case 'tagged':
      return tagChange(event, context, deps);
    case 'created':
      return created(event, context, deps);
  }
}

const NOTHING: LaunchDecided = { decisions: [] };

async function stateChange(
  event: StateChange,
  context: FleetContext,
  deps: GuardDeps,
): Promise<LaunchDecided> {
  switch (event.to) {
    case 'other':
      return NOTHING;
    case 'off':
      await noteEnd(event, context, deps);
      return NOTHING;
    case 'on': {
      const resource = await settled(event, context, deps);
      if (resource === undefined || isGroupMember(resource)) return NOTHING;
      const point = pointOf(resource, event.at, deps.policy);
      const looks = await deps.ledger.meteredAt(deps.account, event.region);
      await noteChange(
        resource,
        async (record) => noteStart(record, resource, point, looks?.last),
        deps.ledger,
        deps.now(),
      );
      return decide(resource, event.starts ? event.at : undefined, deps);
    }
  }
}

/** So often a resource is looked at again that EC2 or SageMaker still describes as it was before the event … */
const LOOKS = 3;
/** … with so many milliseconds between. */
const LOOK_EVERY_MS = 1_000;

async function settled(
  named: Named,
  context: FleetContext,
  { pause }: GuardDeps,
): Promise<Resource | undefined> {
  let resource = await describe(named, context);
  for (let look = 1; look < LOOKS && resource?.state === 'transitional'; look += 1) {
    await pause(LOOK_EVERY_MS);
    resource = await describe(named, context);
  }
  return resource;
}

async function describe({ kind, id }: Named, context: FleetContext): Promise<Resource | undefined> {
  const found = await kindOf(kind)?.describe([id], context);
  return found?.find((one) => one.id === id);
}

const pointOf = (
  { hourly, tags }: Pick<Resource, 'hourly' | 'tags'>,
  at: Date,
  policy: Policy,
): MeterPoint => {
  const model = modelOf(policy, tags);
  return {
    at,
    on: true,
    project: projectOf(policy, tags),
    ...(model === undefined ? {} : { model }),
    hourly,
    by: 'event',
  };
};

const note = (resource: Resource, point: MeterPoint, { ledger, now }: GuardDeps): Promise<void> =>
  noteChange(resource, async (record) => noteEvent(record, resource, point), ledger, now());

/**
 * It has ceased to cost money. Where the meter knows nothing of it, its start may be on its way: AWS is asked what it
 * is, and what is gone by now was never seen to cost anything.
 */
async function noteEnd(event: StateChange, context: FleetContext, deps: GuardDeps): Promise<void> {
  const point: MeterPoint = {
    at: event.at,
    on: false,
    project: undefined,
    hourly: undefined,
    by: 'event',
  };
  await noteChange(
    event,
    async (record) => {
      if (record !== undefined) return noteEvent(record, record, point);
      const resource = await describe(event, context);
      return resource === undefined || isGroupMember(resource)
        ? undefined
        : noteEvent(undefined, resource, point);
    },
    deps.ledger,
    deps.now(),
  );
}

/** From then on it costs its new project and model; one that was launched just now is judged once more, by its new tags. */
async function tagChange(event: TagChange, context: FleetContext, deps: GuardDeps): Promise<LaunchDecided> {
  const { policy, ledger, account } = deps;
  // Our own.
  if (event.changed.every((key) => key === policy.tags.creator)) return NOTHING;
  const known = await ledger.meterRecord(account, event.region, event.arn);
  const resource = await describe({ kind: event.kind, id: known?.record.id ?? event.id }, context);
  if (resource === undefined || isGroupMember(resource)) return NOTHING;
  const tagged = { ...resource, tags: event.tags ?? resource.tags };
  // What is stopped costs no project anything, and what is between two states is told of when it has come to one.
  if (resource.state !== 'running') return NOTHING;
  // Tags that were changed while it was stopped are those that its start was told with.
  if (startOf(resource) <= event.at) await note(resource, pointOf(tagged, event.at, deps.policy), deps);
  return decide(resource, undefined, deps);
}

const CALLS_AT_ONCE = 5;

/** Who made it is written on what has no project. What is in service by now is judged as well. */
async function created(event: CreatedBy, context: FleetContext, deps: GuardDeps): Promise<LaunchDecided> {
  const { policy } = deps;
  const all = await mapLimited(
    event.resources,
    CALLS_AT_ONCE,
    async (named): Promise<readonly Decision[]> => {
      const resource = await describe(named, context);
      if (resource === undefined || managerOf(resource) !== undefined) return [];
      const { decisions } = await decide(resource, undefined, deps);
      const isUntold =
        projectOf(policy, resource.tags) === undefined &&
        tagOf(resource.tags, policy.tags.creator) === undefined;
      return isUntold && event.who !== undefined
        ? [creatorTag(resource, event.who, policy), ...decisions]
        : decisions;
    },
  );
  return { decisions: all.flat() };
}

/** So long before the launch somebody may have asked for the restore whose end it is. Milliseconds. */
const RESTORE_TAKES_MS = 30 * 60_000;

async function decide(
  resource: Resource,
  startedAt: Date | undefined,
  deps: GuardDeps,
): Promise<LaunchDecided> {
  const { policy, ledger, account, regions, now } = deps;
  const project = projectOf(policy, resource.tags);
  if (project === undefined || !hasHourlyLimit(policy, project)) {
    return decideOne(resource, startedAt, ZERO_USD, deps);
  }
  const runs = await runsOf(project, ledger, account, regions.keys());
  const { before, after } = around(resource, runs);
  const own = await decideOne(resource, startedAt, hourlyOf(before), deps);
  // Its event came later than theirs: they were judged as if it did not run.
  const launches = after.filter(({ start }) => now().getTime() - start.getTime() <= LAUNCH_MS);
  const later = await describeRuns(launches, deps);
  const others = await mapLimited(later, CALLS_AT_ONCE, (one) =>
    decideOne(one, undefined, hourlyOf(around(one, runs).before), deps),
  );
  return { ...own, decisions: [own, ...others].flatMap(({ decisions }) => decisions) };
}

async function describeRuns(runs: readonly Run[], { regions }: GuardDeps): Promise<readonly Resource[]> {
  const groups = Map.groupBy(runs, ({ record: { region, kind } }) => `${region} ${kind}`);
  const found = await mapLimited([...groups.values()], CALLS_AT_ONCE, async (some) => {
    const [first] = some;
    const context = first && regions.get(first.record.region);
    const kind = first && kindOf(first.record.kind);
    if (context === undefined || kind === undefined) return [];
    return kind.describe(
      some.map(({ record }) => record.id),
      context,
    );
  });
  return found.flat();
}

async function decideOne(
  described: Resource,
  startedAt: Date | undefined,
  hourlyOfProject: Usd,
  deps: GuardDeps,
): Promise<LaunchDecided> {
  const { policy, ledger, account, now } = deps;
  const at = now();
  const kept = await readKeeping(ledger, account, [described.region], at, policy);
  const marks = marksOf(described, policy, await ledger.projectMarks(at));
  const input = { policy, ...kept, resource: described, marks, hourlyOfProject, startedAt, now: at };
  const first = decideLaunch(input);
  if (!first.decisions.some(({ action }) => action === 'stop')) return first;

  const looked = { ...input, resource: await lookClosely(described, deps) };
  const decided = decideLaunch(looked);
  const undoes = decided.decisions.some((one) => one.action === 'stop' && one.trigger === 'launch');
  if (!undoes) return decided;
  const trail = await ledger.audit(
    { arn: described.arn },
    new Date(launchedAt(looked).getTime() - RESTORE_TAKES_MS),
  );
  const broughtBack = trail.some(
    ({ decision, event }) => decision.action === 'restore' && (event === 'intended' || event === 'taken'),
  );
  if (broughtBack) return decideLaunch({ ...looked, broughtBack });
  const { limited } = decided;
  return limited === undefined || (await mayUndo(limited, policy.limits.maxStopsPerSweep, ledger, at))
    ? decided
    : decideLaunch({ ...looked, overLimit: true });
}

/** Stop protection and the like: what has it is told of once, where a stop would be refused at each event of it. */
async function lookClosely(resource: Resource, { regions }: GuardDeps): Promise<Resource> {
  const context = regions.get(resource.region);
  const found = context && (await kindOf(resource.kind)?.inspect?.([resource], context))?.get(resource.arn);
  return found === undefined ? resource : { ...resource, protections: [...resource.protections, found] };
}

const hasHourlyLimit = (policy: Policy, project: string): boolean =>
  projectNamed(policy, project)?.maxHourly !== undefined;
