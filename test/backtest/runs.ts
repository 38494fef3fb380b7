import type { RunEvent, RunResult } from '../../lib/simulate/result.ts';
import { costOver, microUsd, sumUsd } from '../../lib/types/money.ts';
import { at } from './fixtures.ts';

export interface MadeStop {
  readonly id: string;
  readonly project?: string;
  readonly at: Date;
  readonly until: Date;
  readonly falseStop?: boolean;
  readonly whileBusy?: boolean;
}

const HOURLY = microUsd(1_000_000n);
const FROM = at('2026-11-01');
const TO = at('2026-11-05');

const arnOf = (id: string): string => `arn:aws:ec2:us-east-1:111122223333:instance/${id}`;

/** A result with these stops, of instances of $1 an hour that run all the time otherwise. */
export function runOf(policy: string, stops: readonly MadeStop[]): RunResult {
  const ids = [...new Set(stops.map(({ id }) => id))];
  const resources = ids.map((id) => {
    const own = stops.filter((stop) => stop.id === id);
    const without = costOver(HOURLY, TO.getTime() - FROM.getTime());
    const saved = sumUsd(own.map((stop) => costOver(HOURLY, stop.until.getTime() - stop.at.getTime())));
    return {
      arn: arnOf(id),
      id,
      kind: 'ec2-instance',
      title: 'EC2 instance',
      size: 'm5.large',
      region: 'us-east-1',
      project: own[0]?.project ?? 'recsys',
      policy: 'development',
      hourly: HOURLY,
      ran: [{ from: FROM, to: TO }],
      stopped: own.map((stop) => ({ from: stop.at, to: stop.until })),
      busy: [],
      spent: microUsd(without - saved),
      without,
    };
  });
  const names = [...new Set(resources.map(({ project }) => project))];
  const sum = (of: 'spent' | 'without', some = resources) => sumUsd(some.map((one) => one[of]));
  return {
    title: 'Backtest',
    description: '',
    from: FROM,
    to: TO,
    policy,
    spent: sum('spent'),
    without: sum('without'),
    assumptions: ['Without Bursar all of it would have run on.'],
    projects: names.map((project) => {
      const own = resources.filter((one) => one.project === project);
      return {
        project,
        limit: undefined,
        spent: sum('spent', own),
        without: sum('without', own),
        points: [],
      };
    }),
    resources,
    events: stops.map(
      (stop): RunEvent => ({
        event: 'stopped',
        at: stop.at,
        project: stop.project ?? 'recsys',
        reason: 'Idle from 09:30 to 10:00 UTC: CPU at most 1%. Policy development stops after 30 min idle.',
        arn: arnOf(stop.id),
        policy: 'development',
        trigger: 'idle',
        whileBusy: stop.whileBusy ?? false,
        falseStop: stop.falseStop ?? false,
      }),
    ),
    gates: [],
    counts: { sweeps: 1_152, metrics: 10 },
  };
}
