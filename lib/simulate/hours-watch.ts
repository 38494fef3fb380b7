import { isOpenOrOpening } from '../decide/hours.ts';
import { aheadMsOf } from '../decide/openings.ts';
import { AHEAD_MS, sweepMinutes } from '../decide/sweep-minutes.ts';
import type { RestoreRecord } from '../ledger/ledger.ts';
import { matchPolicy, type NamedPolicy, type Policy } from '../policy/policy.ts';
import { isOpen, lastOpening, nextOpening } from '../schedule/calendar.ts';
import type { Resource } from '../types/resource.ts';

/** Minutes are looked up so far ahead at once. Milliseconds. */
const WINDOW_MS = 6 * 3_600_000;
/** For longer than this after an opening nothing is started by it that nobody had saved. Milliseconds. */
const STARTED_BY_MS = 20 * 60_000;

/** When sweeps must be made for hours: for what closings stopped, and at the minutes that sweeps have set. */
export class HoursWatch {
  readonly #policy: Policy;
  /** Policies whose openings start all that is stopped. */
  readonly #starters: readonly NamedPolicy[];
  /** What closings stopped, and is not back, by ARN. */
  readonly #stopped = new Map<string, RestoreRecord>();
  #fleet: readonly Resource[] | undefined;
  #minutes: readonly Date[] = [];
  #known = Number.NEGATIVE_INFINITY;

  constructor(policy: Policy) {
    this.#policy = policy;
    this.#starters = policy.policies.filter(({ hours = [] }) => hours.some(({ starts }) => starts === 'all'));
  }

  /** A record was saved, or its state has changed. */
  note(record: RestoreRecord): void {
    const { arn, trigger, state } = record;
    if (trigger === 'schedule' && state === 'stopped') this.#stopped.set(arn, record);
    else this.#stopped.delete(arn);
  }

  /** The state of the record that was saved at that time has changed. */
  noteState(arn: string, savedAt: Date, state: RestoreRecord['state']): void {
    const record = this.#stopped.get(arn);
    if (record?.savedAt.getTime() === savedAt.getTime()) this.note({ ...record, state });
  }

  /**
   * True where an opening may start something at that time, or what a closing stopped is somebody else’s by then. Maybe
   * too often, never too seldom.
   */
  isDue(now: Date, found: (arn: string) => Resource | undefined): boolean {
    for (const record of this.#stopped.values()) {
      const resource = found(record.arn);
      if (record.manner === undefined && resource?.state === 'running') return true;
      const matched = matchPolicy(this.#policy, resource?.tags ?? record.resource.tags);
      if (matched === undefined) continue;
      if (matched.hours === undefined || isOpenOrOpening(matched.hours, now)) return true;
    }
    return this.#starters.some(({ hours = [] }) => {
      const opening = isOpen(hours, now) ? lastOpening(hours, now) : nextOpening(hours, now);
      if (opening === undefined) return false;
      const at = opening.at.getTime();
      return at - aheadMsOf(opening) <= now.getTime() && now.getTime() <= at + STARTED_BY_MS;
    });
  }

  /** The minutes that a sweep of that time sets; looked up anew where the fleet is another list than before. */
  minutes(fleet: readonly Resource[], now: Date): readonly Date[] {
    const until = now.getTime() + AHEAD_MS;
    if (fleet !== this.#fleet || until > this.#known) {
      this.#fleet = fleet;
      this.#known = now.getTime() + WINDOW_MS;
      this.#minutes = sweepMinutes(fleet, this.#policy, now, WINDOW_MS);
    }
    return this.#minutes.filter((minute) => minute > now && minute.getTime() <= until);
  }
}
