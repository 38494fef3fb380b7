import { type Objection, recheck } from '../decide/recheck.ts';
import { failure } from '../fleet/aws-errors.ts';
import type { Kind, StopContext } from '../fleet/kind.ts';
import { kindOf } from '../fleet/registry.ts';
import type { RestoreRecord } from '../ledger/ledger.ts';
import { matchPolicy, type Policy } from '../policy/policy.ts';
import { lastClosing } from '../schedule/calendar.ts';
import type { StopDecision } from '../types/decision.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Protection, Resource } from '../types/resource.ts';
import type { EnforceDeps } from './deps.ts';
import { BROKE_OFF, earlierAttempt } from './earlier-attempt.ts';
import { isFrozen } from './launch-roles.ts';
import { lost, outOfScope } from './no-outcome.ts';
import { readKeeping } from './read-keeping.ts';

/** Stops what is still to be stopped, each kind of each region by itself. Outcomes by decision key. */
export async function carryOutStops(
  stops: readonly StopDecision[],
  issuedAt: Date,
  deps: EnforceDeps,
): Promise<ReadonlyMap<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const groups = Map.groupBy(
    stops,
    ({ target, manner }) => `${target.kind} ${target.region} ${manner ?? ''}`,
  );
  for (const group of groups.values()) {
    for (const [key, outcome] of await stopGroup(group, issuedAt, deps)) outcomes.set(key, outcome);
  }
  return outcomes;
}

/** Stops of one kind in one region, in one manner. Whatever goes wrong becomes an outcome of each. */
async function stopGroup(
  stops: readonly StopDecision[],
  issuedAt: Date,
  deps: EnforceDeps,
): Promise<readonly (readonly [string, Outcome])[]> {
  const [first] = stops;
  if (first === undefined) return [];
  const kind = kindOf(first.target.kind);
  const region = deps.regions.get(first.target.region);
  const at = deps.now();
  if (kind === undefined || region === undefined) {
    return stops.map(({ key, target }) => [key, outOfScope(target, at)]);
  }
  // Of several for one resource the first is the one that stops it.
  const byTarget = new Map(stops.toReversed().map((stop) => [stop.target.arn, stop]));
  const context: StopContext = {
    ...region,
    saveRestore: async (resource, record) => {
      const stop = byTarget.get(resource.arn);
      if (stop === undefined) throw new Error(`${resource.arn} was not to be stopped`);
      const { project, trigger } = stop;
      const { arn } = resource;
      const savedAt = deps.now();
      await deps.ledger.saveRestore({
        arn,
        resource,
        project,
        trigger,
        savedAt,
        state: 'stopped',
        record,
        ...(trigger === 'schedule' ? closingOf(stop, deps.policy, savedAt) : {}),
      });
    },
    unrestored: async ({ arn }) => {
      const saved = await deps.ledger.restoreRecord(arn);
      return saved?.state === 'stopped' ? saved.record : undefined;
    },
  };
  try {
    const fresh = await kind.describe(
      stops.map(({ target }) => target.id),
      context,
    );
    const byArn = new Map(fresh.map((resource) => [resource.arn, resource]));
    const running = fresh.filter(({ state }) => state === 'running');
    const protections = running.length === 0 ? undefined : await kind.inspect?.(running, context);
    // Last of all: a "not now" that is said meanwhile is heard.
    const kept = await readKeeping(deps.ledger, region.account, [region.region], at, deps.policy);
    const frozen = stops.some(({ trigger }) => trigger === 'freeze') ? await frozenHolders(deps) : undefined;
    const keeping = { policy: deps.policy, ...kept, frozen, now: deps.now() };
    const going = new Set<string>();
    const checked = stops.map((stop) => {
      const resource = byArn.get(stop.target.arn);
      const found = resource && withProtection(resource, protections?.get(resource.arn));
      const objection = recheck(stop, found, keeping, issuedAt) ?? askedTwice(stop, going);
      if (objection === undefined) going.add(stop.target.arn);
      return { stop, resource, objection };
    });
    const go = checked.flatMap(({ resource, objection }) =>
      resource !== undefined && objection === undefined ? [resource] : [],
    );
    const stop = first.manner === 'scale-down' ? (kind.scaleDown ?? kind.stop) : kind.stop;
    const done = go.length === 0 ? new Map<string, Outcome>() : await stop(go, context);
    return await Promise.all(
      checked.map(
        async ({ stop, objection }) =>
          [
            stop.key,
            objection === undefined
              ? (done.get(stop.target.arn) ?? lost(at))
              : await objected(stop, objection, kind, issuedAt, deps),
          ] as const,
      ),
    );
  } catch (error) {
    return stops.map(({ key }) => [key, failure(error, at)]);
  }
}

/** What is to be remembered of a stop by hours, for the opening that ends it. */
function closingOf(
  { manner, target }: StopDecision,
  policy: Policy,
  at: Date,
): Pick<RestoreRecord, 'manner' | 'stays'> {
  const closing = lastClosing(matchPolicy(policy, target.tags)?.hours ?? [], at);
  const stays = closing?.schedules.every((schedule) => schedule.do === 'stop') === true;
  return { ...(manner === undefined ? {} : { manner }), ...(stays ? { stays } : {}) };
}

async function frozenHolders({ ledger, now }: EnforceDeps): Promise<ReadonlySet<string>> {
  const marks = await ledger.projectMarks(now());
  return new Set([...marks].flatMap(([holder, mark]) => (isFrozen(mark, now()) ? [holder] : [])));
}

/** One resource may be asked for by several limits at once: it is stopped for the first of them. */
const askedTwice = ({ target }: StopDecision, going: ReadonlySet<string>): Objection | undefined =>
  going.has(target.arn)
    ? { code: 'AlreadyStopped', detail: 'It is stopped for another limit at the same time.', retry: false }
    : undefined;

const withProtection = (resource: Resource, found: Protection | undefined): Resource =>
  found === undefined ? resource : { ...resource, protections: [...resource.protections, found] };

/** What an objection comes to. One that the wish is fulfilled already is a stop of ours where one broke off. */
async function objected(
  stop: StopDecision,
  { code, detail, retry }: Objection,
  kind: Kind,
  issuedAt: Date,
  deps: EnforceDeps,
): Promise<Outcome> {
  const at = deps.now();
  if (retry) return { status: 'failed', at, code, detail, retry };
  const earlier =
    code === 'AlreadyStopped' || code === 'Gone' ? await earlierAttempt(stop, issuedAt, deps) : undefined;
  if (earlier !== undefined) {
    return { status: 'taken', at, detail: earlier.told ?? `It is ${kind.stopped} now: ${BROKE_OFF}` };
  }
  return { status: 'skipped', at, code, detail };
}
