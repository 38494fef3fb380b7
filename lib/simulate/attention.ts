import type { BeforeReading } from '../decide/judged.ts';
import { quietOf } from '../decide/quiet.ts';
import type { ProjectMark } from '../ledger/ledger.ts';
import { holdersOf } from '../policy/levels.ts';
import type { Policy } from '../policy/policy.ts';
import type { Resource } from '../types/resource.ts';
import { Agenda } from './agenda.ts';
import type { Span } from './result.ts';
import { spanAt } from './spans.ts';

/**
 * Which resources a sweep has to judge: those of which something may come (`quietOf`), and those of which something
 * has changed. A simulation knows besides how long a resource stays in use, so that it need not be looked at until
 * then; to see it busy once more changes nothing of what happens later.
 */
export class Attention {
  readonly #policy: Policy;
  readonly #seenInUse: (resource: Resource) => readonly Span[];
  readonly #agenda = new Agenda<string>();
  /** When each is looked at next: what the agenda says besides is out of date. */
  readonly #next = new Map<string, number>();
  readonly #changed = new Set<string>();
  readonly #marks = new Map<string, string>();
  /** By holder of limits. */
  readonly #byHolder = new Map<string, Set<string>>();

  constructor(policy: Policy, seenInUse: (resource: Resource) => readonly Span[]) {
    this.#policy = policy;
    this.#seenInUse = seenInUse;
  }

  /** Something about a resource, or what people said of it, has changed. */
  touch(arn: string, resource?: Resource): void {
    this.#changed.add(arn);
    for (const holder of resource === undefined ? [] : holdersOf(this.#policy, resource.tags)) {
      const own = this.#byHolder.get(holder) ?? new Set<string>();
      own.add(arn);
      this.#byHolder.set(holder, own);
    }
  }

  /** Takes the marks as they are now: where one has changed, all that counts for its holder may. */
  takeMarks(marks: ReadonlyMap<string, ProjectMark>): void {
    for (const holder of new Set([...marks.keys(), ...this.#marks.keys()])) {
      const mark = marks.get(holder);
      const text = mark === undefined ? '' : textOf(mark);
      if (text === (this.#marks.get(holder) ?? '')) continue;
      if (mark === undefined) this.#marks.delete(holder);
      else this.#marks.set(holder, text);
      for (const arn of this.#byHolder.get(holder) ?? []) this.#changed.add(arn);
    }
  }

  /** True where a sweep at that time would have something to judge. */
  isCalled(at: Date): boolean {
    return this.#changed.size > 0 || this.#agenda.first <= at.getTime();
  }

  /** ARNs of what is to be judged at that time. Each must be `settle`d after the sweep. */
  take(at: Date): ReadonlySet<string> {
    const due = new Set(this.#changed);
    this.#changed.clear();
    for (const arn of this.#agenda.take(at.getTime())) {
      if ((this.#next.get(arn) ?? Number.POSITIVE_INFINITY) <= at.getTime()) due.add(arn);
    }
    for (const arn of due) this.#next.delete(arn);
    return due;
  }

  /** Works out when a resource that was judged is looked at next. `input`: as things are after the sweep. */
  settle(resource: Resource, input: BeforeReading): void {
    const now = input.now.getTime();
    const quiet = quietOf(resource, input);
    const busyAt = input.watches.get(resource.arn)?.busyAt;
    const busyUntil = quiet.isInUse ? this.#busyUntil(resource, busyAt, input.now) : 0;
    const used = Math.max(quiet.until, now + 1, busyUntil);
    const until = Math.min(used, Math.max(quiet.timed, now + 1));
    if (until === Number.POSITIVE_INFINITY) return;
    this.#next.set(resource.arn, until);
    this.#agenda.put(until, resource.arn);
  }

  /** The end of the use in which it was last seen; 0 where it is not in use any more. */
  #busyUntil(resource: Resource, busyAt: Date | undefined, now: Date): number {
    if (resource.state !== 'running' || busyAt === undefined) return 0;
    const span = spanAt(this.#seenInUse(resource), new Date(now.getTime() - 1));
    const sawIt = span !== undefined && busyAt > span.from && resource.since < busyAt;
    return sawIt ? span.to.getTime() : 0;
  }
}

const textOf = ({ breaches, frozenUntil, unfrozenAt, reached, until }: ProjectMark): string =>
  [
    ...[...breaches].map(([source, { asOf }]) => `${source} ${asOf.getTime()}`),
    ...[...reached].map(([rule, at]) => `${rule} ${at.getTime()}`),
    frozenUntil?.getTime(),
    unfrozenAt?.getTime(),
    until.getTime(),
  ].join('|');
