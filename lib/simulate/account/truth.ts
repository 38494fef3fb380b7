import { type KeptInstance, type MemoryInstance, REGION } from './state.ts';

/** What an instance truly was, from `at` on. */
export interface InstanceChange {
  readonly at: Date;
  readonly id: string;
  readonly region: string;
  readonly on: boolean;
  readonly tags: MemoryInstance['tags'];
  /** The value of its tag `project`. */
  readonly project: string | undefined;
  readonly type: MemoryInstance['type'];
  readonly spot: boolean;
  /** True where it began or ceased to run, false where but its tags have changed. */
  readonly moved: boolean;
}

const isOn = (one: KeptInstance | undefined): boolean => one !== undefined && one.stoppedAt === undefined;

/** What a value that is set says has changed; `undefined` = nothing that costs otherwise. */
export function changeOf(
  one: KeptInstance,
  before: KeptInstance | undefined,
  now: Date,
): InstanceChange | undefined {
  const on = isOn(one);
  const moved = on !== isOn(before) || (on && one.since.getTime() !== before?.since.getTime());
  const { project } = one.tags;
  if (!moved && project === before?.tags.project && one.type === before?.type) return undefined;
  const begun = one.since < now ? one.since : now;
  const at = moved ? (on ? begun : (one.stoppedAt ?? now)) : now;
  return {
    at,
    id: one.id,
    region: one.region ?? REGION,
    on,
    tags: one.tags,
    project,
    type: one.type,
    spot: one.spot === true,
    moved,
  };
}
