import { describe, expect, it } from 'vitest';
import { sweepMinutes } from '../../lib/decide/sweep-minutes.ts';
import type { NamedPolicy } from '../../lib/policy/policy.ts';
import type { Schedule } from '../../lib/policy/schedule.ts';
import { development, instance, policyOf } from './fixtures.ts';

const office: Schedule = {
  timezone: 'UTC',
  week: Array.from({ length: 7 }, () => [{ from: 480, to: 1_140 }]),
  closed: [],
  do: 'start-and-stop',
  starts: 'its-own',
  startAheadSeconds: 600,
  warnSeconds: 900,
  endpoints: 'shut-down',
};
const running = instance('i-1', { since: new Date('2026-11-10T06:00:30Z') });
const stopped = instance('i-2', { state: 'stopped' });

const asked = (
  time: string,
  fleet = [running, stopped],
  change: Partial<NamedPolicy> = { hours: [office] },
) =>
  sweepMinutes(fleet, policyOf([development(change)]), new Date(`2026-11-10T${time}Z`)).map((at) =>
    at.toISOString().slice(11, 19),
  );

describe('the minutes at which a sweep must look', () => {
  it('are those of the next ten: before openings, at them, at closings and announcements of these', () => {
    expect(asked('07:35:00')).toEqual([]);
    expect(asked('07:40:00')).toEqual(['07:50:00']);
    expect(asked('07:50:00'), 'the minute itself has come').toEqual(['08:00:00']);
    expect(asked('18:40:10')).toEqual(['18:45:00']);
    expect(asked('18:55:10')).toEqual(['19:00:00']);
    expect(asked('19:00:00')).toEqual([]);
  });

  it('are none of a policy that nothing is of, nor of closings where nothing of it runs', () => {
    const other = instance('i-3', { tags: { project: 'recsys', environment: 'prod' } });
    expect(asked('18:55:00', [other])).toEqual([]);
    expect(asked('18:55:00', [stopped])).toEqual([]);
    expect(asked('07:55:00', [stopped])).toEqual(['08:00:00']);
    expect(asked('07:55:00', []), 'what was shut down is in no fleet').toEqual(['08:00:00']);
  });

  it('are the ends of runtimes and of manual starts, by whole minutes, each once', () => {
    const rule = { maxRuntime: { afterSeconds: 3_600, warnSeconds: 300, do: 'stop' } } as const;
    expect(asked('06:50:00', [running, { ...running, arn: 'arn:2' }], rule)).toEqual(['06:56:00']);
    expect(asked('06:53:00', [running], rule)).toEqual(['06:56:00', '07:01:00']);
    const manual = { hours: [{ ...office, manualStartSeconds: 3_600, warnSeconds: 0 }] };
    expect(asked('06:53:00', [running], manual)).toEqual(['07:01:00']);
  });

  it('are none where no policy knows of time', () => {
    expect(asked('07:55:00', [running], {})).toEqual([]);
  });
});
