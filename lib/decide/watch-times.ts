import type { Watch } from '../ledger/ledger.ts';
import { matchPolicy } from '../policy/policy.ts';
import type { Resource } from '../types/resource.ts';
import { watchOfStart } from './announced-stop.ts';
import type { SweepInput } from './judged.ts';
import { newWatch, spellOf } from './spell.ts';
import { newStartNote } from './starts.ts';

type Sweeping = Pick<SweepInput, 'policy' | 'resources' | 'watches' | 'now'>;

/**
 * The watches that a sweep writes, with what they must still say of announced times and of starts: a watch is written whole,
 * and idleness knows of neither. Where there is news of a start alone, its watch is written for that.
 */
export function withTimes(written: readonly Watch[], input: Sweeping): readonly Watch[] {
  const { policy, resources, watches } = input;
  const hasTimes = ({ tags }: Resource): boolean => {
    const matched = matchPolicy(policy, tags);
    return matched?.hours !== undefined || matched?.maxRuntime !== undefined;
  };
  if (policy.policies.every(({ hours, maxRuntime }) => hours === undefined && maxRuntime === undefined)) {
    return written;
  }
  const timed = new Map(resources.flatMap((one) => (hasTimes(one) ? [[one.arn, one] as const] : [])));
  const isWritten = new Set(written.map(({ arn }) => arn));
  const whole = written.map((watch) => {
    const resource = timed.get(watch.arn);
    return resource === undefined
      ? watch
      : { ...knownTimes(resource, input), ...watch, ...newStartNote(resource, input) };
  });
  const noted = [...timed.values()].flatMap((resource) => {
    const note = isWritten.has(resource.arn) ? undefined : newStartNote(resource, input);
    const before = spellOf(resource, watches) ?? newWatch(resource);
    return note === undefined ? [] : [{ ...before, ...knownTimes(resource, input), ...note }];
  });
  return [...whole, ...noted];
}

/** What the watch of before says of them, as far as it still counts. */
function knownTimes(resource: Resource, { watches }: Sweeping): Partial<Watch> {
  const { upSince, downSince, notedAt } = watches.get(resource.arn) ?? {};
  const { closingAt, endsAt } = watchOfStart(resource, watches) ?? {};
  return {
    ...(upSince === undefined ? {} : { upSince }),
    ...(downSince === undefined ? {} : { downSince }),
    ...(notedAt === undefined ? {} : { notedAt }),
    ...(closingAt === undefined ? {} : { closingAt }),
    ...(endsAt === undefined ? {} : { endsAt }),
  };
}
