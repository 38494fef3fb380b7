import type { NamedPolicy } from '../policy/policy.ts';
import type { RuntimeRule } from '../policy/schedule.ts';
import type { NotifyDecision, StopDecision } from '../types/decision.ts';
import type { Resource } from '../types/resource.ts';
import { type Asked, announcedStop, watchOfStart } from './announced-stop.ts';
import { reminded, type SweepInput } from './judged.ts';
import { atMinute, duration, nextUtcDay, utcDay } from './sentences.ts';
import { knownStart, toldStart } from './starts.ts';

type Looking = Pick<SweepInput, 'watches' | 'keeps' | 'now'>;

const endOf = (resource: Resource, { afterSeconds }: RuntimeRule, input: Looking): Date =>
  new Date(knownStart(resource, input).at.getTime() + afterSeconds * 1000);

/**
 * What the longest runtime of its policy asks of a running resource that nothing protects: the stop, announced where the
 * policy says so, or a daily reminder.
 * @param keptUntil when the keep ends that holds it now
 */
export function judgeRuntime(
  resource: Resource,
  project: string,
  matched: NamedPolicy,
  keptUntil: Date | undefined,
  input: Looking,
): Asked | undefined {
  const { maxRuntime: rule } = matched;
  if (rule === undefined) return undefined;
  const { now } = input;
  const start = knownStart(resource, input).at;
  const end = endOf(resource, rule, input);
  const of = {
    trigger: 'runtime' as const,
    project,
    target: resource,
    rule: { policy: matched.name, rule: `maxRuntime ${duration(rule.afterSeconds)}: ${rule.do}` },
    reason: `It has run since ${atMinute(start)}. Policy ${matched.name} lets it run for ${duration(rule.afterSeconds)}.`,
  };
  const key = `runtime/${resource.arn}/${start.toISOString()}`;
  if (rule.do === 'notify') {
    if (end > now || keptUntil !== undefined) return undefined;
    const notice: NotifyDecision = { ...of, action: 'notify', key: `${key}/${utcDay(now)}` };
    const judged = reminded(notice, input);
    return judged.decision === undefined
      ? { state: 'note', note: judged.verdict?.why ?? '' }
      : { state: 'told', decision: notice, news: { toldAt: now } };
  }
  const stop: StopDecision = { ...of, action: 'stop', key };
  return announcedStop(
    { stop, warnKey: 'warn-runtime', at: end, warnSeconds: rule.warnSeconds, field: 'endsAt', keptUntil },
    input,
  );
}

/** Of what has run for as long as it may: why that is not so any more; `undefined` where it still is. */
export function runtimeObjection(
  fresh: Resource,
  { maxRuntime: rule }: NamedPolicy,
  now: Date,
): string | undefined {
  const start = toldStart(fresh)?.getTime() ?? 0;
  if (rule === undefined || start + rule.afterSeconds * 1000 <= now.getTime()) return undefined;
  return `It may run for ${duration(rule.afterSeconds)} by now.`;
}

/** The next time at which its longest runtime may come to something else than now, epoch milliseconds; or infinite. */
export function runtimeChangeAt(
  resource: Resource,
  { maxRuntime: rule }: NamedPolicy,
  keptUntil: Date | undefined,
  input: Looking,
): number {
  if (rule === undefined) return Number.POSITIVE_INFINITY;
  const { now, watches } = input;
  const warned = rule.warnSeconds * 1000;
  const times = [endOf(resource, rule, input).getTime(), keptUntil?.getTime() ?? 0].flatMap((at) => [
    at,
    at - warned,
  ]);
  const announced = watchOfStart(resource, watches)?.endsAt?.getTime() ?? 0;
  const reminds = rule.do === 'notify' ? nextUtcDay(now).getTime() : 0;
  return Math.min(
    ...[...times, announced, reminds].filter((at) => at > now.getTime()),
    Number.POSITIVE_INFINITY,
  );
}
