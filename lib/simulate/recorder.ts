import { isFinishing } from '../decide/restores.ts';
import type { ActionRecord } from '../ledger/ledger.ts';
import { assertNever } from '../types/assert-never.ts';
import type { Decision } from '../types/decision.ts';
import type { ProjectSpend } from '../types/meter.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Resource } from '../types/resource.ts';
import type { RunEvent, Span, SpendPoint } from './result.ts';
import { nextIn, spanAt } from './spans.ts';

/** In use again so soon after its stop: somebody had to wait for it. Milliseconds. */
const FALSE_STOP_MS = 15 * 60_000;
/** What is seen busy is the sample before. Milliseconds. */
const SAMPLE_MS = 60_000;

/** Keeps what happens in a run. */
export class Recorder {
  readonly events: RunEvent[] = [];
  /** By project; `''` = what has none. */
  readonly points = new Map<string, SpendPoint[]>();
  /** What Bursar stopped and nobody has brought back, and when; by ARN. */
  readonly stopped = new Map<string, Date>();
  readonly #inUse: (resource: Resource) => readonly Span[];
  readonly #onIdleStop: (resource: Resource, at: Date) => void;

  readonly #broughtBack = new Set<string>();
  /** What runs with fewer instances for now … */
  readonly #scaledDown = new Set<string>();
  /** … and what is being given fewer or more of them. */
  readonly #resizing = new Set<string>();

  /** @param onIdleStop told of each stop for being idle */
  constructor(
    inUse: (resource: Resource) => readonly Span[],
    onIdleStop: (resource: Resource, at: Date) => void,
  ) {
    this.#inUse = inUse;
    this.#onIdleStop = onIdleStop;
  }

  /** What became of decisions. */
  settle(
    results: readonly { readonly record: Pick<ActionRecord, 'decision'>; readonly outcome: Outcome }[],
    at: Date,
  ): void {
    for (const { record, outcome } of results) {
      const event = this.#eventOf(record.decision, outcome, at);
      if (event !== undefined) this.events.push(event);
    }
  }

  /** How projects stand by the meter. */
  spends(spends: Iterable<ProjectSpend>, at: Date): void {
    for (const { project = '', billed, estimated } of spends) {
      const own = this.points.get(project) ?? [];
      own.push({ at, billed, estimated });
      this.points.set(project, own);
    }
  }

  /** True once for each restore: what runs now runs since Bursar brought it back. */
  isBroughtBack(arn: string): boolean {
    return this.#broughtBack.delete(arn);
  }

  /** True of what neither begins nor ends, but is given another size: until it runs again. */
  isResized(arn: string, runs: boolean): boolean {
    return runs ? this.#resizing.delete(arn) : this.#resizing.has(arn);
  }

  #eventOf(decision: Decision, outcome: Outcome, at: Date): RunEvent | undefined {
    // A sweep that goes on with what somebody asked for is no news.
    if (decision.action === 'restore' && isFinishing(decision)) return undefined;
    const { project, holder, reason } = decision;
    const base = { at, project, ...(holder === undefined ? {} : { holder }), reason };
    if (outcome.status !== 'taken') {
      if (!('target' in decision) || (outcome.status === 'failed' && outcome.retry)) return undefined;
      const { arn } = decision.target;
      return { ...base, event: outcome.status, arn, code: outcome.code, reason: outcome.detail };
    }
    switch (decision.action) {
      case 'stop': {
        const { target, trigger, rule, manner } = decision;
        if (manner === undefined) this.stopped.set(target.arn, at);
        else {
          this.#scaledDown.add(target.arn);
          this.#resizing.add(target.arn);
        }
        const use = this.#inUse(target);
        const again = nextIn(use, at);
        if (trigger === 'idle') this.#onIdleStop(target, at);
        return {
          ...base,
          event: 'stopped',
          arn: target.arn,
          policy: rule.policy,
          trigger,
          ...(manner === undefined ? {} : { manner }),
          whileBusy: trigger === 'idle' && spanAt(use, new Date(at.getTime() - SAMPLE_MS)) !== undefined,
          falseStop:
            trigger === 'idle' && again !== undefined && again.getTime() - at.getTime() < FALSE_STOP_MS,
        };
      }
      case 'warn': {
        const { target, stopAt, rule } = decision;
        return { ...base, event: 'warned', arn: target.arn, policy: rule.policy, stopAt };
      }
      case 'notify':
        return { ...base, event: 'notified', arn: decision.target.arn, policy: decision.rule.policy };
      case 'restore':
        // What was scaled down, and not stopped since, has run all the while.
        if (this.#scaledDown.delete(decision.target.arn) && !this.stopped.has(decision.target.arn)) {
          this.#resizing.add(decision.target.arn);
        } else this.#broughtBack.add(decision.target.arn);
        this.stopped.delete(decision.target.arn);
        return { ...base, event: 'restored', arn: decision.target.arn, by: decision.by };
      case 'keep':
        return { ...base, event: 'kept', arn: decision.target.arn, until: decision.until, by: decision.by };
      case 'budget-notice': {
        const { threshold, spent, limit } = decision;
        return { ...base, event: 'budget', threshold, spent, limit };
      }
      case 'freeze':
        return { ...base, event: 'frozen', until: decision.until };
      case 'unfreeze':
        return { ...base, event: 'unfrozen', by: decision.by };
      case 'hold':
        return {
          ...base,
          event: 'held',
          cause: decision.cause,
          arns: decision.targets.map(({ arn }) => arn),
        };
      case 'release':
        return { ...base, event: 'released', by: decision.by };
      case 'burn-rate':
        return { ...base, event: 'burn-rate', burn: decision.burn, usual: decision.usual };
      // They prove that alerts arrive, sum up what is told elsewhere, or write a tag.
      case 'canary':
      case 'spend-anomaly':
      case 'weekly':
      case 'tag':
      case 'approve':
        return undefined;
      default:
        return assertNever(decision);
    }
  }
}
