import type { discoverFleet } from '../fleet/discover.ts';
import type { Policy } from '../policy/policy.ts';
import type { RuntimeRule } from '../policy/schedule.ts';
import type { AwsContextOptions, AwsContexts } from './aws-contexts.ts';
import type { Io } from './io.ts';
import { withBar } from './progress-bar.ts';
import { priceNotes, readingError } from './remote-error.ts';
import { fleetOf, type ScheduledFleet } from './schedule-fleet.ts';
import { scheduledPolicies, type Timetable, type TimetableSpan, timetablesOf } from './schedule-timetable.ts';

/** What reads the account. */
export interface ScheduleParts {
  readonly awsContexts: (options: AwsContextOptions) => Promise<AwsContexts>;
  readonly discoverFleet: typeof discoverFleet;
}

export interface ScheduleWanted extends TimetableSpan {
  readonly policy: Policy;
  /** This project alone; absent = all. */
  readonly project?: string;
  /** Whether the account is asked which resources it concerns. */
  readonly isWithFleet: boolean;
  readonly profile?: string;
}

/** What hours and longest runtimes come to. */
export interface Scheduled extends TimetableSpan {
  /** `undefined` = no account was asked. */
  readonly account: string | undefined;
  readonly timetables: readonly (Timetable & { readonly fleet?: ScheduledFleet })[];
  readonly runtimes: readonly (RuntimeRule & { readonly policy: string })[];
  /** Policies that have neither. */
  readonly without: readonly string[];
  /** What should be known of the figures, a sentence each. */
  readonly notes: readonly string[];
}

const DENIED = 'bursar plan --iam-policy prints a policy that allows all it needs.';

const FLEET_NOTES = [
  'Saved a week: list price × the time from a closing until the resource is started again, in the seven days from the beginning on, against running day and night. What people keep, start by hand or stop themselves is not in it.',
];

/**
 * What a policy's hours make happen in a span. Pure calendar, unless the fleet is asked for: then the account that the
 * credentials in use belong to is read, and nothing touched.
 * @throws UsageError one line, where AWS does not let it be read
 */
export async function runSchedule(
  { policy, project, from, to, isWithFleet, profile }: ScheduleWanted,
  io: Pick<Io, 'lively' | 'now'>,
  parts: () => Promise<ScheduleParts>,
): Promise<Scheduled> {
  const policies = scheduledPolicies(policy, project);
  const timetables = timetablesOf(policies, { from, to });
  const calendar = {
    from,
    to,
    timetables,
    runtimes: policies.flatMap(({ name, maxRuntime }) =>
      maxRuntime === undefined ? [] : [{ policy: name, ...maxRuntime }],
    ),
    without: policies.flatMap(({ name, hours = [], maxRuntime }) =>
      hours.length === 0 && maxRuntime === undefined ? [name] : [],
    ),
  };
  if (!isWithFleet || timetables.length === 0) return { ...calendar, account: undefined, notes: [] };
  const { awsContexts, discoverFleet: discover } = await parts();
  const unpriced = new Map<string, unknown>();
  const { account, regions } = await awsContexts({
    policy,
    ...(profile === undefined ? {} : { profile }),
    now: io.now,
    onPriceError: (price, error) => unpriced.set(price, error),
  });
  const fleet = await withBar(io, 'Reading the account', () => discover(regions)).catch((error: unknown) => {
    throw readingError(error, account, DENIED);
  });
  return {
    ...calendar,
    account,
    timetables: timetables.map((one) => ({ ...one, fleet: fleetOf(one, fleet, policy, project) })),
    notes: [...FLEET_NOTES, ...priceNotes(unpriced, DENIED)],
  };
}
