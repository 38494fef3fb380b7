import type { ResourceRun, RunResult } from '../simulate/result.ts';
import { clipped } from '../simulate/spans.ts';

/** How long resources were in use while hours, or a longest runtime, had them out of service. */
export interface UsedWhileOff {
  readonly id: string;
  readonly milliseconds: number;
}

const BY_TIME: ReadonlySet<string> = new Set(['schedule', 'runtime']);

/** The most used first; empty where nothing was used then. */
export function usedWhileOff({
  events,
  resources,
}: Pick<RunResult, 'events' | 'resources'>): readonly UsedWhileOff[] {
  const stops = Map.groupBy(
    events.filter((one) => one.event === 'stopped').filter(({ trigger }) => BY_TIME.has(trigger)),
    ({ arn }) => arn,
  );
  return resources
    .map((run) => ({ id: run.id, milliseconds: usedIn(run, stops.get(run.arn) ?? []) }))
    .filter(({ milliseconds }) => milliseconds > 0)
    .sort((a, b) => b.milliseconds - a.milliseconds || a.id.localeCompare(b.id));
}

const usedIn = ({ stopped, busy }: ResourceRun, stops: readonly { readonly at: Date }[]): number => {
  const times = new Set(stops.map(({ at }) => at.getTime()));
  return stopped
    .filter(({ from }) => times.has(from.getTime()))
    .flatMap((span) => clipped(busy, span))
    .reduce((sum, { from, to }) => sum + to.getTime() - from.getTime(), 0);
};

/** As many are named. */
const NAMED = 5;

/** The same as a sentence for people; none where there is nothing to tell. */
export function usedWhileOffSentences(result: Pick<RunResult, 'events' | 'resources'>): readonly string[] {
  const used = usedWhileOff(result);
  if (used.length === 0) return [];
  const hours = (milliseconds: number): string => `${Math.round(milliseconds / 360_000) / 10} h`;
  const named = used.slice(0, NAMED).map(({ id, milliseconds }) => `${id} ${hours(milliseconds)}`);
  const more = used.length > NAMED ? ` and ${used.length - NAMED} more` : '';
  return [
    `Used while hours or a longest runtime would have had them off, and not asked back: ${named.join(', ')}${more}.`,
  ];
}
