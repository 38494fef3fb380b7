import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkExpectations } from '../../lib/simulate/expectations.ts';
import type { RunEvent, RunResult } from '../../lib/simulate/result.ts';
import type { ScenarioExpectation } from '../../lib/simulate/scenario.ts';
import { parseScenario } from '../../lib/simulate/scenario-file/parse.ts';
import { parseUsd, ZERO_USD } from '../../lib/types/money.ts';
import { run } from '../cli/run-cli.ts';

const usd = (text: string) => parseUsd(text) ?? ZERO_USD;
const FILE = 'scenarios/02-hidden-region.yaml';
const SCENARIO = parseScenario(readFileSync(FILE, 'utf8'), FILE, () => '');

const FROM = new Date('2026-11-12T08:00Z');
const TO = new Date('2026-11-13T08:00Z');
const at = (time: string): Date => new Date(`2026-11-12T${time}:00Z`);
const arnOf = (id: string): string => `arn:aws:ec2:us-east-1:111122223333:instance/${id}`;

const resource = (id: string, ranTo: Date): RunResult['resources'][number] => ({
  arn: arnOf(id),
  id,
  kind: 'ec2-instance',
  title: 'EC2 instance',
  size: 'p3.8xlarge',
  region: 'us-east-1',
  project: 'vision',
  policy: 'development',
  hourly: usd('12.24'),
  ran: [{ from: FROM, to: ranTo }],
  stopped: [],
  busy: [],
  spent: ZERO_USD,
  without: ZERO_USD,
});

const stopped: RunEvent = {
  at: at('20:30'),
  project: 'vision',
  reason: 'Policy development stops at 100%.',
  event: 'stopped',
  arn: arnOf('a'),
  policy: 'development',
  trigger: 'budget',
  whileBusy: false,
  falseStop: false,
};

const RESULT: RunResult = {
  title: '',
  description: '',
  from: FROM,
  to: TO,
  policy: FILE,
  spent: usd('28.265999'),
  without: usd('2374.344'),
  assumptions: [],
  projects: [
    {
      project: 'vision',
      limit: usd('1000'),
      spent: usd('1003.68'),
      without: ZERO_USD,
      points: [
        { at: FROM, billed: ZERO_USD, estimated: usd('2000') },
        { at: TO, billed: usd('900'), estimated: usd('103.68') },
      ],
    },
  ],
  resources: [resource('a', at('20:30')), resource('b', TO)],
  events: [
    stopped,
    {
      at: at('21:00'),
      project: 'vision',
      reason: 'Too many.',
      event: 'held',
      cause: 'limits',
      arns: [arnOf('b')],
    },
  ],
  gates: [
    {
      at: FROM,
      outcome: {
        project: 'vision',
        limit: usd('5000'),
        committed: usd('3900'),
        judged: [
          {
            type: 'ml.g5.2xlarge',
            verdict: 'over',
            adds: usd('1105.95'),
            projected: usd('5005.95'),
            over: usd('5.95'),
            why: '',
          },
        ],
        verdict: 'over',
      },
    },
  ],
  counts: { sweeps: 0, metrics: 0 },
};

const check = (wanted: ScenarioExpectation, result = RESULT) => {
  const [always, ...lines] = checkExpectations(wanted, result, SCENARIO);
  expect(always?.text).toContain('nothing was stopped while busy');
  return lines.map(({ ok, text }) => `${ok ? 'yes' : 'no'} ${text}`);
};

describe('whether a scenario came to what it must', () => {
  it('asks always, and first, whether something was stopped while busy', () => {
    expect(checkExpectations({}, RESULT, SCENARIO)).toEqual([
      { ok: true, text: 'nothing was stopped while busy' },
    ]);
    const bad = { ...RESULT, events: [{ ...stopped, whileBusy: true }] };
    expect(checkExpectations({}, bad, SCENARIO)).toEqual([
      {
        ok: false,
        text: 'nothing was stopped while busy: expected, but found a stopped at 2026-11-12 20:30 UTC',
      },
    ]);
  });

  it('compares money to the cent, and rounds the difference once', () => {
    const wanted = { without: usd('2374.34'), spent: usd('28.27'), saved: usd('2346.08') };
    expect(check(wanted)).toEqual([
      'yes without Bursar: $2,374.34',
      'yes spent: $28.27',
      'yes saved: $2,346.08',
    ]);
    expect(check({ saved: usd('2346.07') })).toEqual(['no saved: $2,346.07: expected, but found $2,346.08']);
  });

  it('counts events, those that never came as well', () => {
    expect(check({ counts: { stopped: 2, failed: 0 } })).toEqual([
      'no stopped: 2: expected, but found 1',
      'yes failed: 0',
    ]);
  });

  it('looks for events by their resource, project, minute and reason', () => {
    const events: ScenarioExpectation['events'] = [
      { event: 'stopped', resource: 'a', at: new Date('2026-11-12T20:30:59Z') },
      { event: 'held', resource: 'b', project: 'vision', because: 'many' },
      { event: 'stopped', resource: 'a', at: at('20:25') },
      { event: 'stopped', resource: 'b' },
      { event: 'stopped', because: 'idle' },
      { event: 'frozen', project: 'nlp' },
      { event: 'frozen' },
    ];
    expect(check({ events })).toEqual([
      'yes stopped a at 2026-11-12 20:30 UTC',
      'yes held b, project vision, because “many”',
      'no stopped a at 2026-11-12 20:25 UTC: expected, but found stopped at 2026-11-12 20:30 UTC',
      'no stopped b: expected, but found held at 2026-11-12 21:00 UTC',
      'no stopped, because “idle”: expected, but found stopped at 2026-11-12 20:30 UTC, because “Policy development stops at 100%.”',
      'no frozen project nlp: expected, but found no event frozen and no other of project nlp',
      'no frozen: expected, but found no event frozen',
    ]);
  });

  it('looks at what runs at the end', () => {
    expect(check({ running: ['b', 'a', 'c'], notRunning: ['a', 'b'] })).toEqual([
      'yes b is running at the end',
      'no a is running at the end: expected, but found that it ran until 2026-11-12 20:30 UTC',
      'no c is running at the end: expected, but found that it never ran',
      'yes a is not running at the end',
      'no b is not running at the end: expected, but found that it is',
    ]);
  });

  it('looks at what is left alone, and why', () => {
    const why = 'Its stop protection (disableApiStop) is on.';
    const [a, b] = RESULT.resources;
    const resources = [
      ...(a === undefined ? [] : [a]),
      ...(b === undefined ? [] : [{ ...b, leftAlone: { verdict: 'exempt', why } as const }]),
    ];
    const leftAlone = [
      { resource: 'b' },
      { resource: 'b', because: 'stop protection' },
      { resource: 'b', because: 'Kept until' },
      { resource: 'a' },
    ];
    expect(check({ leftAlone }, { ...RESULT, resources })).toEqual([
      'yes b is left alone',
      'yes b is left alone, because “stop protection”',
      `no b is left alone, because “Kept until”: expected, but found exempt, because “${why}”`,
      'no a is left alone: expected, but found that it is not',
    ]);
  });

  it('compares what the gate says', () => {
    const gates: ScenarioExpectation['gates'] = [
      { verdict: 'over', over: usd('5.95'), pick: 'none' },
      { verdict: 'pass' },
    ];
    expect(check({ gates })).toEqual([
      'yes gate 1, ml.g5.2xlarge: over, over by $5.95, instead none',
      'no gate 2: pass: expected, but found that the gate was not asked so often',
    ]);
    expect(check({ gates: [{ verdict: 'over', pick: 'ml.g5.xlarge' }] })).toEqual([
      'no gate 1, ml.g5.2xlarge: over, instead ml.g5.xlarge: expected, but found over, projected $5,005.95, over by $5.95, instead none',
    ]);
  });

  it('looks how far a project is over its limit at the end', () => {
    const over = (amount: string) => check({ overrunAtMost: { project: 'vision', amount: usd(amount) } });
    expect(over('4.08')).toEqual(['yes project vision ends at most $4.08 over its limit']);
    expect(over('3.68')).toEqual(['yes project vision ends at most $3.68 over its limit']);
    expect(over('3.67')).toEqual([
      'no project vision ends at most $3.67 over its limit: expected, but found $3.68',
    ]);
  });
});

it('`bursar schema --scenario` prints the schema of scenarios', async () => {
  const { code, out } = await run(['schema', '--scenario']);
  expect(code).toBe(0);
  expect(out).toBe(readFileSync('bursar-scenario.schema.json', 'utf8'));
});
