import type { Alert, AlertAnswer } from '../types/alert.ts';
import type { Decision, Trigger } from '../types/decision.ts';
import type { MeterRecord, SpendDay } from '../types/meter.ts';
import type { Usd } from '../types/money.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Resource, ResourceKind } from '../types/resource.ts';
import type { BudgetReading, SpendSource } from '../types/spend.ts';

/** A decision's record: its intent, and once it is settled its outcome. */
export interface ActionRecord {
  readonly key: string;
  /** The batch of commands that claimed it last. */
  readonly batch: string;
  /** Made anew by each claim. `settle` changes a record only while it still carries the caller's token. */
  readonly token: string;
  readonly decision: Decision;
  readonly status: 'intended' | Outcome['status'];
  readonly intendedAt: Date;
  readonly outcome: Outcome | undefined;
}

/**
 * `won`: the intent is written and the caller must act. `held`: another worker has it and may be at work, try later.
 * `done`: settled before; `record` says how.
 */
export type Claim =
  | { readonly state: 'won'; readonly record: ActionRecord }
  | { readonly state: 'held'; readonly record: ActionRecord }
  | { readonly state: 'done'; readonly record: ActionRecord };

/** What the sweep remembers of a resource between two sweeps. Belongs to one running spell (`since`). */
export interface Watch {
  readonly arn: string;
  readonly since: Date;
  /**
   * End of the newest busy sample seen, or when its idle time had to start anew: it cannot be idle for `after`
   * before `busyAt + after`.
   */
  readonly busyAt: Date | undefined;
  /** The time for which its stop was announced; `undefined` = it was not warned. */
  readonly stopAt: Date | undefined;
  /** When its stop was held back, because at once more were due than the limits allow … */
  readonly heldAt: Date | undefined;
  /** … and how many those were: the hold ends where the limits allow as many. */
  readonly heldDue: number | undefined;
  /** When people were last reminded of it. */
  readonly toldAt: Date | undefined;
  /** When a sweep last ordered its stop: what counts towards the limits for the next minutes. */
  readonly orderedAt: Date | undefined;
  /** Of `orderedAt`: its hours ordered it, so it counts for how many a sweep may order, and for no share of the fleet. */
  readonly paced?: true | undefined;
  /** The time for which its stop by its hours was announced; absent = it was not warned. */
  readonly closingAt?: Date | undefined;
  /** The time for which its stop after its longest runtime was announced; absent = it was not warned. */
  readonly endsAt?: Date | undefined;
  /** Of what AWS does not tell when it was started: when a sweep first found it running … */
  readonly upSince?: Date | undefined;
  /** … when one first found it stopped before that … */
  readonly downSince?: Date | undefined;
  /** … and when this was last written: what is not written for two days is forgotten. */
  readonly notedAt?: Date | undefined;
}

/** Somebody's "not now" about one resource; the newest replaces the one before. */
export interface Keep {
  readonly arn: string;
  /** The running spell that it was said in; a restart ends the counting. */
  readonly since: Date;
  /** No stop before this. */
  readonly until: Date;
  /** For people: `ana (Slack)`. */
  readonly by: string;
  readonly at: Date;
  /** How many times it was kept in this spell, this one included. */
  readonly count: number;
}

/** A value of the keep tag that says no time by itself (a duration, or nothing readable), and when it was first seen. */
export interface KeepTag {
  readonly arn: string;
  readonly value: string;
  readonly seenAt: Date;
}

/** A plan that somebody approved: what may be acted on, where the policy asks for approval. */
export interface Approval {
  /** Of the plan, `sha256:…` (`planHashOf` of the two that follow). */
  readonly hash: string;
  /** Of the policy that it was made of. */
  readonly policyHash: string;
  /** ARNs by the name of the policy that may act on them (`PlanLists`). */
  readonly lists: ReadonlyMap<string, ReadonlySet<string>>;
  readonly at: Date;
  /** For people: `ana (command line)`. */
  readonly by: string;
}

/** What is known of the budgets of a project, team or model for the rest of their periods. */
export interface ProjectMark {
  /** Whose they are (`holderOf`, lib/policy/levels.ts): of a project its name. */
  readonly holder: string;
  /** The breach that was last enforced, of each source; resources that ran at `asOf` are still owed its stops. */
  readonly breaches: ReadonlyMap<SpendSource, BudgetReading>;
  /** New launches are stopped until then. */
  readonly frozenUntil: Date | undefined;
  /** When somebody last ended a freeze that would not be over yet; absent = nobody did. */
  readonly unfrozenAt?: Date;
  /** When each rule that stops was first reached in this period, or its grace period began anew, by `ruleId`. */
  readonly reached: ReadonlyMap<string, Date>;
  /** After this the mark means nothing (the end of the longest of its periods). */
  readonly until: Date;
}

/** A record of the meter as it was read. It is written back only where nobody has written it meanwhile. */
export interface VersionedMeterRecord {
  readonly record: MeterRecord;
  /** Of what was read; `undefined` = there is none yet. */
  readonly version: string | undefined;
}

/** When the meter saw a region for the first time, and last. */
export interface MeterLooks {
  readonly first: Date;
  readonly last: Date;
}

/** What projects spent in one past month, as billed; for limits on all that a project ever spends. */
export interface SpendMonth {
  /** `2026-10`. */
  readonly month: string;
  readonly billedAsOf: Date;
  /** By the value of the project tag; `''` is what has none. Gross of credits. */
  readonly billed: ReadonlyMap<string, Usd>;
}

/** Where a report lies: keys in the bucket of reports. */
export interface ReportKeys {
  readonly html: string;
  readonly csv: string;
  readonly json: string;
}

/** A report that was written, and how people open it. */
export interface SavedReport {
  /** `2026-11`. */
  readonly month: string;
  readonly madeAt: Date;
  readonly keys: ReportKeys;
  /** `undefined` = nobody is sent one. */
  readonly link: ReportLink | undefined;
  /** What it recommends, in short; absent = nothing. */
  readonly recommended?: RecommendedInShort;
}

/** How to spend less, as the weekly alert tells it. */
export interface RecommendedInShort {
  readonly count: number;
  /** USD a month. */
  readonly monthly: Usd;
  /** Titles of the largest, a sentence each, with their USD a month. */
  readonly largest: readonly { readonly title: string; readonly monthly: Usd }[];
}

/** Whoever has the URL may read the report. */
export interface ReportLink {
  /** It holds the token, so it is never logged. */
  readonly url: string;
  /** SHA-256 of the token, hexadecimal. */
  readonly tokenHash: string;
  /** It opens the report until then. */
  readonly until: Date;
}

/** What a link leads to. */
export type LinkedReport =
  | { readonly state: 'open'; readonly month: string; readonly keys: ReportKeys }
  | { readonly state: 'expired' };

/** What a reservation is for, as the meter will see it. */
export interface ReservedJob {
  /** USD at list price that it may cost. */
  readonly cost: Usd;
  /** `undefined` = the meter sees no such jobs. */
  readonly kind: ResourceKind | undefined;
  readonly region: string;
  /** Its name, or with `jobs` above 1 what the names of its jobs begin with; `undefined` = it is made when it starts. */
  readonly name: string | undefined;
  /** What it runs on, as the fleet words it: `2 × ml.g5.xlarge`; `undefined` = not known. */
  readonly size: string | undefined;
  /** How many jobs it may become. */
  readonly jobs: number;
}

/** What the gate has let through: its cost counts as committed until the meter counts it, or `until`. */
export interface Reservation {
  /** Of the request; the same request again is the same reservation. */
  readonly id: string;
  /** SHA-256 of what was asked, hexadecimal: another job is another request. */
  readonly asked: string;
  readonly project: string;
  /** The value of the model tag, where the job carries one. */
  readonly model?: string;
  readonly at: Date;
  readonly until: Date;
  readonly jobs: readonly ReservedJob[];
  /** What was answered, as JSON text. */
  readonly answer: string;
}

/** The reservations of a pot as they were read. They are written back only where nobody has written them meanwhile. */
export interface VersionedReservations {
  /** Those whose `until` has not passed, the oldest first. */
  readonly reservations: readonly Reservation[];
  /** Of what was read; `undefined` = there is none yet. */
  readonly version: string | undefined;
}

/** One line of the append-only trail. */
export interface AuditEntry {
  readonly at: Date;
  readonly batch: string;
  readonly decision: Decision;
  readonly event: 'intended' | Outcome['status'];
  readonly code: string | undefined;
  readonly detail: string;
}

/** `restoring`: it was begun, and something is left to do once the resource is in service. */
export const RESTORE_STATES = ['stopped', 'restoring', 'restored'] as const;
export type RestoreState = (typeof RESTORE_STATES)[number];

/** What a restore of one resource needs, saved before the stop. */
export interface RestoreRecord {
  readonly arn: string;
  readonly resource: Resource;
  readonly project: string | undefined;
  /** What it was stopped for. */
  readonly trigger: Trigger;
  readonly savedAt: Date;
  readonly state: RestoreState;
  /** The kind's own record. */
  readonly record: unknown;
  /** Of trigger `schedule`, set where it was scaled down, and runs on so. */
  readonly manner?: 'scale-down';
  /** Of trigger `schedule`, set where the hours that it was stopped by start nothing. */
  readonly stays?: true;
}

/** Where a keep belongs, and the id of the wish. */
export interface KeepPlace {
  readonly account: string;
  readonly region: string;
  readonly id: string;
}

/**
 * State per resource and project, and the trail of what was meant and done. Every write is a conditional
 * update of what changed. All methods throw `LedgerError` (with `cause`) where DynamoDB refuses.
 */
export interface Ledger {
  /**
   * Writes the intent of each decision unless another worker holds it (a live lease) or it is settled.
   * A lease that ran out, and a settled record whose `retryAt` has passed, can be claimed again.
   * Results come in the order of the decisions; a key that comes twice is won once at most.
   * Also appends the intent to the audit trail.
   */
  claim(
    decisions: readonly Decision[],
    options: { readonly batch: string; readonly now: Date; readonly leaseSeconds: number },
  ): Promise<readonly Claim[]>;
  /**
   * Writes outcomes, and the audit trail. `retryAt` is when the same key may be claimed again;
   * `undefined` = never (the record's own TTL of 100 days ends it). A record that another worker has
   * claimed meanwhile keeps that worker's state; the trail tells what this one did all the same.
   */
  settle(
    results: readonly {
      readonly record: ActionRecord;
      readonly outcome: Outcome;
      readonly retryAt: Date | undefined;
    }[],
    now: Date,
  ): Promise<void>;

  /** All watches of one account and region, by ARN. One that was last written 2 days ago is forgotten. */
  watches(account: string, region: string, now: Date): Promise<ReadonlyMap<string, Watch>>;
  /** Writes only those given; a record of an older spell (`since` differs) is replaced whole. */
  saveWatches(account: string, region: string, watches: readonly Watch[], now: Date): Promise<void>;

  /** Marks of all holders of limits whose `until` has not passed, by holder. */
  projectMarks(now: Date): Promise<ReadonlyMap<string, ProjectMark>>;
  /** Remembers a breach of the reading's source. An older reading (`asOf`) never replaces a newer one of it. */
  markBreach(reading: BudgetReading, until: Date): Promise<void>;
  /** Extends a freeze, never shortens one. */
  freeze(holder: string, until: Date): Promise<void>;
  /** Ends a freeze before its time, and remembers so until that time; where there is none, nothing changes. */
  unfreeze(holder: string, now: Date): Promise<void>;

  /**
   * Remembers that a rule that stops was reached. @returns when it was first reached in this period: the
   * earliest call wins, and a repeat changes nothing.
   */
  reach(holder: string, period: string, rule: string, at: Date, until: Date): Promise<Date>;
  /** Forgets it: the spend has fallen below the rule again. */
  unreach(holder: string, period: string, rule: string): Promise<void>;

  /** The newest replaces the one before. One whose JSON is over 350 KB is refused with a `LedgerError`. */
  saveRestore(record: RestoreRecord): Promise<void>;
  restoreRecord(arn: string): Promise<RestoreRecord | undefined>;
  /** Changes the state of the record that was saved at `savedAt`; a newer record is left as it is. */
  setRestoreState(arn: string, savedAt: Date, state: RestoreState): Promise<void>;
  /** All in a state, of one project or of all. An index, so a second or so behind. */
  restoreRecords(state: RestoreState, project?: string): Promise<readonly RestoreRecord[]>;

  /** All that are kept in one account and region, by ARN, also those whose time has passed in the last 30 days. */
  keeps(account: string, region: string, now: Date): Promise<ReadonlyMap<string, Keep>>;
  /**
   * Keeps a resource. `id` names the wish: the same one twice changes nothing. With `most`, neither does a wish where
   * the count of this spell is as high already. @returns what holds now, with the count of this spell.
   */
  keep(wish: Omit<Keep, 'count'> & KeepPlace & { readonly most?: number }): Promise<Keep>;
  /** The keep tags that were seen, by ARN. Kept 400 days after they were last written. */
  keepTags(account: string, region: string): Promise<ReadonlyMap<string, KeepTag>>;
  saveKeepTags(account: string, region: string, tags: readonly KeepTag[], now: Date): Promise<void>;

  /** The plan that was approved last, whole; `undefined` = none ever was. It does not expire. */
  approval(): Promise<Approval | undefined>;
  /** Takes the place of the one before it, in one step; one of an older `at` never does. */
  approve(approval: Approval): Promise<void>;

  /** Keeps an alert for 90 days, so that an answer to it can be understood. */
  saveAlert(alert: Alert): Promise<void>;
  alert(id: string): Promise<{ readonly alert: Alert; readonly answers: readonly AlertAnswer[] } | undefined>;
  /** Adds an answer, unless one of its id is there. @returns all answers in their order; none of an unknown alert. */
  answerAlert(id: string, answer: AlertAnswer): Promise<readonly AlertAnswer[]>;

  /**
   * Oldest first. `since` filters on `at`, inclusive. A hold concerns many resources and is found under its
   * project alone; `project: undefined` gives what no project is named for. Entries are kept 400 days.
   */
  audit(
    of: { readonly arn: string } | { readonly project: string | undefined },
    since?: Date,
  ): Promise<readonly AuditEntry[]>;

  /** USD an hour and when it was read; `hourly` undefined = the Pricing API knows no price. */
  price(key: string): Promise<{ readonly hourly: Usd | undefined; readonly asOf: Date } | undefined>;
  savePrice(key: string, hourly: Usd | undefined, asOf: Date): Promise<void>;

  /** All records of the meter of one account and region, by ARN. One that was last written 62 days ago is forgotten. */
  meterRecords(account: string, region: string): Promise<ReadonlyMap<string, VersionedMeterRecord>>;
  /** One of them. */
  meterRecord(account: string, region: string, arn: string): Promise<VersionedMeterRecord | undefined>;
  /** Writes each unless somebody has written it since it was read. @returns the ARNs of those that were not written. */
  saveMeterRecords(records: readonly VersionedMeterRecord[], now: Date): Promise<ReadonlySet<string>>;
  /** Deletes each unless somebody has written it since it was read. */
  forgetMeterRecords(records: readonly VersionedMeterRecord[]): Promise<void>;
  /** When the meter saw the whole fleet of a region; `undefined` = never. */
  meteredAt(account: string, region: string): Promise<MeterLooks | undefined>;
  saveMeteredAt(account: string, region: string, at: Date): Promise<void>;
  /** Days from `from` to `to` (`YYYY-MM-DD`, both included) that something is known of, in order. Kept 400 days. */
  spendDays(account: string, from: string, to: string): Promise<readonly SpendDay[]>;
  /** What was billed for days. A day's earlier answer is replaced, but never by one of an older `billedAsOf`. */
  saveBilledDays(account: string, days: readonly Omit<SpendDay, 'metered' | 'models'>[]): Promise<void>;
  /** What the meter said of days that are settled. The first that is saved of a day stays. */
  saveMeteredDays(
    account: string,
    days: readonly Pick<SpendDay, 'day' | 'metered' | 'models'>[],
  ): Promise<void>;
  /** Past months from `from` (`YYYY-MM`) on, in order. Kept 1,200 days. */
  spendMonths(account: string, from: string): Promise<readonly SpendMonth[]>;
  saveSpendMonths(account: string, months: readonly SpendMonth[]): Promise<void>;

  /**
   * Remembers a report as the newest, unless one that was made later is known, and its link by the hash of its token.
   * Beside the newest report, and there alone, stands the link itself: whoever sends the weekly alert must know it. The
   * stack encrypts the table by a key of its own, and the role that opens links may not read that item.
   */
  saveReport(report: SavedReport): Promise<void>;
  /** The newest report, for 30 days after it was made; `undefined` = there is none. */
  newestReport(now: Date): Promise<SavedReport | undefined>;
  /** What the link of a token leads to; `undefined` = there never was such a link, or it expired 30 days ago. */
  reportByToken(tokenHash: string, now: Date): Promise<LinkedReport | undefined>;

  /**
   * What the gate has let through of a pot: a team's projects together, or a project without a team (`holderOf`), so that
   * one write holds a request against all limits that count for it.
   */
  reservations(pot: string, now: Date): Promise<VersionedReservations>;
  /**
   * Replaces the reservations of a pot with those given, unless somebody has written them since they were read. Those
   * whose `until` has passed are dropped. @returns false where somebody has: read and decide anew. More than 350 KB, six
   * hundred or so, are refused with a `LedgerError`.
   */
  saveReservations(
    pot: string,
    reservations: readonly Reservation[],
    version: string | undefined,
    now: Date,
  ): Promise<boolean>;

  /** True for the first caller of an id, false for every later one (kept 14 days). */
  once(id: string, now: Date): Promise<boolean>;
  /** Gives an id back, so that a failed send can be tried again. */
  forget(id: string): Promise<void>;
  /** Has `once` been called for it, in the 14 days before `now`? */
  seen(id: string, now: Date): Promise<boolean>;

  /** What was told of a batch, as the marks that `rememberTold` was given. */
  told(batch: string): Promise<ReadonlySet<string>>;
  /** Adds marks, all or none of them (kept 14 days). */
  rememberTold(batch: string, marks: readonly string[], now: Date): Promise<void>;

  /**
   * Reserves the next free instant of a channel that takes one message every `spacingMs`; the caller waits until then.
   * Atomic between concurrent callers.
   */
  reserveSlot(channel: string, spacingMs: number, now: Date): Promise<Date>;
}
