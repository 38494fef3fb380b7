import type { SweepSenses } from '../../lambdas/sweep.ts';
import { isRestoringTime } from '../decide/restores.ts';
import { utcDay } from '../decide/sentences.ts';
import { type Metered, meterFleet } from '../enforce/meter-fleet.ts';
import { isReviewDue } from '../enforce/review-budgets.ts';
import { sweepSpending } from '../enforce/sweep-spending.ts';
import { discoverFleet, type RegionContexts } from '../fleet/discover.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { daysBefore } from '../meter/days.ts';
import { noteFleet } from '../meter/record.ts';
import { modelOf } from '../policy/levels.ts';
import { type Policy, projectOf } from '../policy/policy.ts';
import { mergedMaps } from '../types/lists.ts';
import type { Resource } from '../types/resource.ts';
import { Attention } from './attention.ts';
import type { FleetChange, FleetView } from './fleet-view.ts';
import { HoursWatch } from './hours-watch.ts';
import type { Span } from './result.ts';
import { SpendWatch } from './spend-watch.ts';

export interface SensesOptions {
  readonly policy: Policy;
  /** 12 digits. */
  readonly account: string;
  readonly regions: RegionContexts;
  readonly view: FleetView;
  readonly isSeenInUse: (resource: Resource) => readonly Span[];
  /** Every sweep looks at everything. */
  readonly isExact: boolean;
  /** Told each time that the meter was read. */
  readonly onSpends: (metered: Metered, at: Date) => void;
}

/** The bill of each of so many days is asked for again and again. */
const BILL_DAYS = 4;

/**
 * What the sweeps of a run look at. It knows what has changed since the last one, so that a sweep judges what something
 * may come of, reads the meter where something may come of that, and is left out where nothing can: what it comes to is
 * the same as if it had looked at everything.
 */
export class Senses {
  readonly #options: SensesOptions;
  readonly #attention: Attention;
  readonly #spends: SpendWatch;
  readonly hours: HoursWatch;
  /** What the meter has not noted yet, by ARN. */
  readonly #unnoted = new Map<string, FleetChange>();
  #ledger: Ledger | undefined;
  #judged: ReadonlySet<string> = new Set();
  #isReadingSpend = false;

  constructor(options: SensesOptions) {
    this.#options = options;
    this.#attention = new Attention(options.policy, options.isSeenInUse);
    this.#spends = new SpendWatch(options.policy);
    this.hours = new HoursWatch(options.policy);
  }

  /** What the sweeps write to; must be given before the first one. */
  set ledger(ledger: Ledger) {
    this.#ledger = ledger;
  }

  get ledger(): Ledger {
    if (this.#ledger === undefined) throw new Error('The senses of a run have no ledger yet.');
    return this.#ledger;
  }

  /** For the handler of sweeps. */
  get forSweep(): SweepSenses {
    const { regions, view, isExact, onSpends } = this.#options;
    return {
      discover: () => (isExact ? discoverFleet(regions) : Promise.resolve(view.fleet)),
      attend: (fleet, at) => {
        if (isExact) return fleet;
        this.#judged = this.#attention.take(at);
        return [...this.#judged].flatMap((arn) => view.get(arn) ?? []);
      },
      spend: async (swept, at, deps, how) => {
        await this.#noteChanged(at);
        if (!this.#isReadingSpend) return undefined;
        const read = await sweepSpending(swept, at, deps, how);
        this.#spends.take(read, await this.#newestBill(at), at);
        if (read !== undefined) onSpends(read, at);
        // Nobody looks at the summary of spend in a run.
        return undefined;
      },
    };
  }

  /** Takes down what has changed in the fleet. */
  note(change: FleetChange, now: Date): void {
    const { arn, before, after } = change;
    this.#attention.touch(arn, after ?? before);
    this.#spends.note(change, now);
    this.#unnoted.set(arn, change);
  }

  /** Somebody said something of a resource. */
  heardOf(arn: string): void {
    this.#attention.touch(arn);
  }

  /**
   * True where a sweep could come to anything; where not, it is as if it had been made.
   * @param isWaiting something is going on that each sweep goes on with
   */
  async isCalledFor(now: Date, isWaiting: boolean, hasBudgets: boolean): Promise<boolean> {
    const { policy, isExact, view } = this.#options;
    this.#isReadingSpend = isExact || this.#spends.isDue(now);
    const marks = await this.ledger.projectMarks(now);
    this.#attention.takeMarks(marks);
    const isCalled =
      this.#isReadingSpend ||
      isWaiting ||
      marks.size > 0 ||
      this.#unnoted.size > 0 ||
      this.#attention.isCalled(now) ||
      this.hours.isDue(now, (arn) => view.get(arn)) ||
      (hasBudgets && isReviewDue(now, marks, policy)) ||
      (isRestoringTime(now) && policy.policies.some(({ restore }) => restore === 'next-period'));
    if (!isCalled) await this.#noteChanged(now);
    return isCalled;
  }

  /** The minutes at which a sweep of that time has others set: also of one that is left out. */
  minutesToCome(now: Date): readonly Date[] {
    return this.hours.minutes(this.#options.view.fleet, now);
  }

  /** Works out when each that was judged must be looked at next, as things are after the sweep. */
  async settle(now: Date): Promise<void> {
    const { policy, account, regions, view, isExact } = this.#options;
    if (isExact) return;
    const { ledger } = this;
    const [marks, ...each] = await Promise.all([
      ledger.projectMarks(now),
      ...[...regions.keys()].map((region) =>
        Promise.all([
          ledger.watches(account, region, now),
          ledger.keeps(account, region, now),
          ledger.keepTags(account, region),
        ]),
      ),
    ]);
    this.#attention.takeMarks(marks);
    const input = {
      policy,
      now,
      marks,
      watches: mergedMaps(each.map(([watches]) => watches)),
      keeps: mergedMaps(each.map(([, keeps]) => keeps)),
      keepTags: mergedMaps(each.map(([, , keepTags]) => keepTags)),
    };
    for (const arn of this.#judged) {
      const resource = view.get(arn);
      if (resource !== undefined) this.#attention.settle(resource, { ...input, resources: [resource] });
    }
    this.#judged = new Set();
  }

  /** Reads the meter, and changes nothing. */
  async readMeter(now: Date): Promise<Metered> {
    const { policy, account, regions, view } = this.#options;
    await this.#noteChanged(now);
    const deps = { policy, ledger: this.ledger, regions, account, onUnlisted: () => {} };
    return meterFleet(view.fleet, now, deps, { dryRun: true });
  }

  /** The meter notes what has changed, as each sweep does. */
  async #noteChanged(now: Date): Promise<void> {
    const { policy, account, regions, isExact } = this.#options;
    const { ledger } = this;
    const changes = [...this.#unnoted.values()];
    this.#unnoted.clear();
    if (isExact) return;
    for (const [region] of regions) {
      const own = changes.filter(({ before, after }) => (after ?? before)?.region === region);
      if (own.length > 0) {
        const known = await Promise.all(own.map(({ arn }) => ledger.meterRecord(account, region, arn)));
        const records = new Map(known.flatMap((one) => (one === undefined ? [] : [[one.record.arn, one]])));
        const noted = noteFleet({
          records: new Map([...records].map(([arn, { record }]) => [arn, record])),
          resources: own.flatMap(({ after }) => after ?? []),
          projectOf: ({ tags }) => projectOf(policy, tags),
          modelOf: ({ tags }) => modelOf(policy, tags),
          meteredAt: (await ledger.meteredAt(account, region))?.last,
          now,
        });
        await ledger.saveMeterRecords(
          noted.map((record) => ({ record, version: records.get(record.arn)?.version })),
          now,
        );
      }
      await ledger.saveMeteredAt(account, region, now);
    }
  }

  /** When the newest bill came, in epoch milliseconds. */
  async #newestBill(now: Date): Promise<number> {
    const { account } = this.#options;
    const days = await this.ledger.spendDays(account, daysBefore(utcDay(now), BILL_DAYS), utcDay(now));
    return Math.max(0, ...days.flatMap(({ billedAsOf }) => billedAsOf?.getTime() ?? []));
  }
}
