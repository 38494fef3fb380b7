import fc from 'fast-check';
import { createColors } from 'picocolors';
import { describe, expect, it } from 'vitest';
import { checkJson, RunJsonSchema, runJson } from '../../lib/cli/run-text/run-json.ts';
import { runLines } from '../../lib/cli/run-text/run-lines.ts';
import { TIMELINE_LINES, timelineLines } from '../../lib/cli/run-text/timeline.ts';
import { checkLines, safetyLines } from '../../lib/cli/run-text/verdict-lines.ts';
import type { Checked } from '../../lib/simulate/expectations.ts';
import type { RunEvent, RunResult } from '../../lib/simulate/result.ts';
import { parseUsd } from '../../lib/types/money.ts';
import { instance } from './fixtures.ts';
import { at, BUSY_STOP, EVERY_EVENT, resourceRun, usd, WEEKEND } from './run-fixtures.ts';

const view = (width: number | undefined, colours = false) => ({ outColours: createColors(colours), width });

const CHECKS: readonly Checked[] = [
  { ok: true, text: 'saved: $2,393.36' },
  { ok: false, text: 'stopped: 47: expected, but found 46' },
];

const FULL: RunResult = {
  ...WEEKEND,
  events: EVERY_EVENT.toSorted((a, b) => a.at.getTime() - b.at.getTime()),
  gates: [
    {
      at: at('28T09:00'),
      outcome: {
        project: 'recsys',
        limit: usd('5000'),
        committed: usd('3900'),
        verdict: 'over',
        pick: 'ml.g5.xlarge',
        judged: [
          {
            type: 'ml.g5.12xlarge',
            verdict: 'over',
            adds: usd('5175.7'),
            projected: usd('9075.7'),
            over: usd('4075.7'),
            why: 'It is over by $4,075.70.',
          },
          {
            type: 'ml.g5.xlarge',
            verdict: 'pass',
            adds: usd('1027.84'),
            projected: usd('4927.84'),
            why: 'It leaves $72.16.',
          },
          { type: 'ml.x1.xlarge', verdict: 'unpriced', why: 'Its price is not known.' },
        ],
      },
    },
  ],
};

describe('what a run came to, for people', () => {
  it.each([80, 120])('on a terminal of %i columns', async (width) => {
    const lines = runLines(FULL, view(width), { checks: CHECKS });
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(width);
    await expect(lines.join('\n')).toMatchFileSnapshot(`./snapshots/run-${width}.txt`);
  });

  it('in a pipe', async () => {
    const lines = runLines(FULL, view(undefined), { checks: CHECKS });
    await expect(lines.join('\n')).toMatchFileSnapshot('./snapshots/run-pipe.txt');
  });

  it('says by words what it says by colours', () => {
    const escapes = new RegExp(`${String.fromCodePoint(27)}\\[\\d+m`, 'g');
    const plain = runLines(FULL, view(120), { checks: CHECKS });
    const painted = runLines(FULL, view(120, true), { checks: CHECKS });
    expect(painted.map((line) => line.replaceAll(escapes, ''))).toEqual(plain);
    expect(painted).not.toEqual(plain);
  });

  it('puts more parts before what the figures stand on', () => {
    const lines = runLines(WEEKEND, view(80), { more: [['Proposal', '  after: 45m']] });
    expect(lines.slice(-6)).toEqual([
      '',
      'Proposal',
      '  after: 45m',
      '',
      '  What was stopped would have run on to the end.',
      '  756 sweeps, which asked for 1 metric.',
    ]);
  });

  it('is short where nothing happened', () => {
    const idle: RunResult = {
      ...WEEKEND,
      description: '',
      spent: usd('0'),
      without: usd('0'),
      projects: [],
      resources: [],
      events: [],
      assumptions: [],
      counts: { sweeps: 0, metrics: 0 },
    };
    expect(runLines(idle, view(80))).toEqual([
      'Weekend endpoint',
      '  2026-11-27 18:00 UTC to 2026-11-30 09:00 UTC, 63 h, by policies/weekend.yaml',
      '',
      '  spent           $0.00',
      '  without Bursar  $0.00',
      '  saved           $0.00  0%',
      '  stops               0',
      '  warnings            0',
      '  other alerts        0',
      '',
      'What happened: nothing',
      '',
      'Stopped while busy: none',
      'False stops (in use again within 15 min): none',
      '',
      '  0 sweeps, which asked for 0 metrics.',
    ]);
  });
});

describe('a timeline on a terminal', () => {
  const stop = (n: number, time: Date, project = 'recsys'): RunEvent => ({
    ...BUSY_STOP,
    event: 'stopped',
    policy: 'development',
    trigger: 'idle',
    whileBusy: false,
    falseStop: false,
    at: time,
    project,
    reason: 'Idle for 30 min.',
    arn: instance(`i-${n}`),
  });
  const shown = (events: readonly RunEvent[], width: number | 'pipe' = 100): readonly string[] =>
    timelineLines({ ...WEEKEND, resources: [], events }, view(width === 'pipe' ? undefined : width));

  it('tells what is alike of one minute on one line', () => {
    const lines = shown([
      ...Array.from({ length: 47 }, (_, n) => stop(n, at('28T10:00'))),
      { ...BUSY_STOP, at: at('28T10:00') },
      stop(99, at('28T10:05')),
    ]);
    expect(lines).toEqual([
      'What happened',
      '  UTC          RESOURCE         WHAT          WHY',
      '  11-28 10:00  i-0 and 46 more  47 × STOPPED  Idle for 30 min.',
      '  11-28 10:00  i-0aaa           STOPPED BUSY  It was in use. Idle from 11:30 UTC to 12:00 UTC: CPU …',
      '  11-28 10:05  i-99             STOPPED       Idle for 30 min.',
      '  49 events in 3 lines; --json has each.',
    ]);
  });

  it('tells what happens most the most coarsely, and of each in a pipe', () => {
    const events = [
      ...Array.from({ length: 48 * 4 }, (_, n) => stop(n, new Date(at('28T00:00').getTime() + n * 900_000))),
      ...Array.from({ length: 12 }, (_, n) =>
        stop(n, new Date(at('28T00:00').getTime() + n * 900_000), 'fraud'),
      ),
      BUSY_STOP,
    ].toSorted((a, b) => a.at.getTime() - b.at.getTime());
    const lines = shown(events);
    expect(lines.slice(2, 5)).toEqual([
      '  11-28 00:00  recsys   i-0 and 95 more   96 × STOPPED  To 11-28 23:45. Idle for 30 min.',
      '  11-28 00:00  fraud    i-0               STOPPED       Idle for 30 min.',
      '  11-28 00:15  fraud    i-1               STOPPED       Idle for 30 min.',
    ]);
    expect(lines.slice(-3)).toEqual([
      '  11-28 12:00  recsys   i-0aaa            STOPPED BUSY  It was in use. Idle from 11:30 UTC to …',
      '  11-29 00:00  recsys   i-96 and 95 more  96 × STOPPED  To 11-29 23:45. Idle for 30 min.',
      `  ${events.length} events in 15 lines; --json has each.`,
    ]);
    expect(shown(events, 'pipe')).toHaveLength(events.length + 2);
  });

  it('says how much is cut, and of what', () => {
    const events = Array.from({ length: 100 }, (_, n) => stop(n, at('28T10:00'), `project-${n}`));
    const lines = shown(events);
    expect(lines).toHaveLength(TIMELINE_LINES + 3);
    expect(lines.at(-1)).toBe('  … and 40 more lines: 40 × STOPPED. --json and --html have all 100 events.');
  });

  it('is never longer, and loses no event', () => {
    const minute = fc.integer({ min: 0, max: 3_780 });
    const some = fc.array(fc.tuple(minute, fc.constantFrom(...EVERY_EVENT)), { maxLength: 400 });
    fc.assert(
      fc.property(some, fc.integer({ min: 80, max: 160 }), (drawn, width) => {
        const events = drawn
          .map(([minutes, event]) => ({
            ...event,
            at: new Date(at('27T18:00').getTime() + minutes * 60_000),
          }))
          .toSorted((a, b) => a.at.getTime() - b.at.getTime());
        const lines = shown(events, width);
        expect(lines.length).toBeLessThanOrEqual(TIMELINE_LINES + 3);
        for (const line of lines.slice(0, -1)) expect([...line].length).toBeLessThanOrEqual(width);
        if (lines.length < TIMELINE_LINES + 3) {
          const counts = lines.slice(2).flatMap((line) => {
            if (/^ {2}\d+ events in/.test(line)) return [];
            return [Number(/ (\d+) × /.exec(line)?.[1] ?? 1)];
          });
          expect(counts.reduce((sum, one) => sum + one, 0)).toBe(events.length);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('what must never be', () => {
  it('is told in red with its reason', () => {
    const { red, bold } = createColors(true);
    const lines = safetyLines({ ...WEEKEND, events: [BUSY_STOP] }, view(120, true));
    expect(lines).toEqual([
      bold(red('Stopped while busy: 1, which must never be')),
      `  11-28 12:00  ${red('i-0aaa')}  development  Idle from 11:30 UTC to 12:00 UTC: CPU at most 2%.`,
      'False stops (in use again within 15 min): none',
    ]);
  });

  it('is told in green where it is not', () => {
    const { green } = createColors(true);
    expect(safetyLines({ ...WEEKEND, events: [] }, view(120, true))[0]).toBe(
      green('Stopped while busy: none'),
    );
  });
});

it('expectations that are met are cut on a terminal, those that are not never', () => {
  const checks = Array.from({ length: 100 }, (_, n) => ({ ok: n % 2 === 0, text: `check ${n}` }));
  const lines = checkLines(checks, view(80));
  expect(lines[0]).toBe('50 of 100 expectations not met');
  expect(lines.filter((line) => line.includes('✗'))).toHaveLength(50);
  expect(lines.filter((line) => line.includes('✓'))).toHaveLength(20);
  expect(lines.at(-1)).toBe('  and 30 more that are met');
});

describe('what a run came to, for machines', () => {
  it('has the documented shape, and exact money', () => {
    const json: unknown = JSON.parse(JSON.stringify(runJson(FULL, {})));
    const run = RunJsonSchema.strict().parse(json);
    expect(run).toEqual(json);
    expect(run).toMatchObject({
      from: '2026-11-27T18:00:00.000Z',
      spent: '44.364',
      without: '2437.722',
      saved: '2393.358',
      savedPercent: 98.1,
    });
    expect(parseUsd(run.saved)).toBe(usd('2393.358'));
    expect(run.counts).toEqual({
      stops: 3,
      stoppedResources: 2,
      whileBusy: 1,
      falseStops: 1,
      warnings: 1,
      told: 4,
      failed: 2,
      restores: 1,
      keeps: 1,
      sweeps: 756,
      metrics: 1,
    });
    expect(run.resources[2]).toMatchObject({ project: null, policy: null, hourly: null });
    expect(run.projects.map(({ limit }) => limit)).toEqual(['1000', '12000', undefined]);
    expect(new Set(run.events.map(({ event }) => event)).size).toBe(17);
    expect(run.events[0]).toEqual({
      at: '2026-11-27T18:30:00.000Z',
      project: 'fraud-detection',
      event: 'warned',
      arn: 'arn:aws:sagemaker:us-east-1:123456789012:endpoint/churn',
      policy: 'development',
      stopAt: '2026-11-27T18:45:00.000Z',
      reason: 'Idle from 18:00 UTC to 18:30 UTC: no invocations, CPU at most 1%, GPU at most 0%.',
    });
  });

  it('takes fields beside those of the run', () => {
    const checks = CHECKS.map(checkJson);
    expect(runJson(WEEKEND, { ok: false, checks })).toMatchObject({
      ok: false,
      checks: [
        { ok: true, text: 'saved: $2,393.36' },
        { ok: false, text: 'stopped: 47: expected, but found 46' },
      ],
      title: 'Weekend endpoint',
    });
  });
});

it('what runs longer with Bursar than without has saved less than nothing', () => {
  const more = {
    ...WEEKEND,
    spent: usd('20'),
    without: usd('10'),
    resources: [resourceRun({ arn: 'a', id: 'a' })],
  };
  expect(runLines(more, view(80))).toContain('  saved           -$10.00  -100%');
  expect(runJson(more, {}).saved).toBe('-10');
});
