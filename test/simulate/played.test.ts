import { describe, expect, it } from 'vitest';
import { simulate } from '../../lib/simulate/engine.ts';
import type { RunEvent, RunResult } from '../../lib/simulate/result.ts';
import { parseScenario } from '../../lib/simulate/scenario-file/parse.ts';
import { usdToDecimal } from '../../lib/types/money.ts';

/*
 * Scenarios in which one thing is odd, and what must come of it.
 */

const PRICES =
  '{ m5.large: 1 USD, db.m5.large: 1 USD, ml.m5.large: 1 USD, p3.8xlarge: 12 USD, m5.24xlarge: 5 USD, x9.large: unknown }';

interface Given {
  readonly policy?: string;
  readonly from?: string;
  readonly lasts?: string;
  readonly resources: string;
  readonly rest?: string;
  /** Of the policy. */
  readonly more?: string;
}

const IDLE = 'idle: { after: 30m, do: stop }';

const play = ({
  policy = IDLE,
  from = '2026-11-10T10:00Z',
  lasts = '6h',
  resources,
  rest = '',
  more = '',
}: Given) =>
  simulate(
    parseScenario(
      `version: 1
name: any
policy:
  version: 1
  operators: [U0OPS001]
  projects:
    recsys: { owner: team-beta, budget: 1000 USD }
    vision: { owner: team-gamma }
  policies:
    - { name: development, match: { environment: dev }, ${policy} }
  limits: { maxStopsPerSweep: 100, maxFleetShare: 100% }
  ${more}
from: ${from}
for: ${lasts}
prices: ${PRICES}
resources:
${resources}
${rest}`,
      'any.yaml',
      () => '',
    ),
  );

const DEV = 'tags: { project: recsys, environment: dev }';
const machine = (id: string, more: string): string =>
  `  - { id: ${id}, kind: ec2-instance, type: m5.large, ${DEV}, ${more} }\n`;

const said = ({ events, from }: RunResult): readonly string[] =>
  events.map((event) => `${(event.at.getTime() - from.getTime()) / 60_000} ${event.event}`);
const named = ({ events }: RunResult, name: RunEvent['event']) =>
  events.filter(({ event }) => event === name);
const spent = (result: RunResult, id: string): string | undefined => {
  const found = result.resources.find((one) => one.id === id);
  return found === undefined ? undefined : usdToDecimal(found.spent);
};

describe('what something costs', () => {
  it('of a database is not counted from its creation again where AWS starts it after seven days', async () => {
    const result = await play({
      lasts: '170h',
      resources:
        '  - { id: db, kind: rds-instance, type: db.m5.large, tags: { project: vision, environment: dev }, use: { to: +0h, use: busy } }',
    });
    // 30 minutes, and after 7 days and the start 6 minutes less than the next half hour and its samples.
    expect(said(result)).toEqual(['30 stopped', '10116 started', '10145 stopped']);
    expect(spent(result, 'db')).toBe('0.983333');
    const [db] = result.resources;
    expect(db?.ran.map(({ from, to }) => (to.getTime() - from.getTime()) / 60_000)).toEqual([30, 29]);
    expect(db?.stopped).toHaveLength(2);
  });

  it('of what vanishes ends without Bursar as well', async () => {
    const result = await play({ resources: machine('one', 'use: { to: +0h, use: busy }, vanishes: on') });
    expect(named(result, 'skipped')).toHaveLength(1);
    expect(usdToDecimal(result.spent)).toBe('0.5');
    expect(usdToDecimal(result.without)).toBe('0.5');
  });
});

describe('a database that somebody deletes', () => {
  it('costs nothing any more, with Bursar and without', async () => {
    const result = await play({
      resources: `  - { id: db, kind: rds-instance, type: db.m5.large, ${DEV}, use: busy }`,
      rest: 'steps: [{ at: +2h, terminate: db }]',
    });
    expect(said(result)).toEqual(['120 ended']);
    expect([result.spent, result.without].map(usdToDecimal)).toEqual(['2', '2']);
  });
});

describe('what is told', () => {
  it('of a group is told of it alone, not of its instances', async () => {
    const result = await play({
      policy: `${IDLE}, allow: [scale-to-zero]`,
      resources: `  - { id: workers, kind: auto-scaling-group, type: m5.large, instances: 3, ${DEV}, use: [{ to: +0h, use: busy }, { from: +2h, use: busy }] }`,
    });
    expect(said(result)).toEqual(['30 stopped', '120 restored']);
  });

  it('of a group without a project that is launched, is told of its instances too, as sweeps find them', async () => {
    const result = await play({
      resources:
        '  - { id: workers, kind: auto-scaling-group, type: m5.large, instances: 2, since: +1h, tags: {}, use: busy }',
      more: 'untagged: { after: 2h, do: notify }',
    });
    expect(said(result)).toEqual(['60 started', '180 notified', '180 notified', '180 notified']);
  });

  it('is a start by hand of what Bursar stopped', async () => {
    const result = await play({
      resources: machine('one', 'use: { to: +0h, use: busy }'),
      rest: 'steps: [{ at: +1h, start: one }]',
    });
    expect(said(result)).toEqual(['30 stopped', '60 started', '90 stopped']);
  });
});

describe('what is needed again', () => {
  it('is not asked back where it was stopped for another reason since', async () => {
    const result = await play({
      policy: `${IDLE}, budget: [{ at: 100%, do: stop }]`,
      resources: machine('one', 'use: [{ to: +0h, use: busy }, { from: +2h, use: busy }]'),
      rest: `billing: { lag: 0s }
steps:
  - { at: +1h, start: one }
  - { at: +70m, budget-alert: { project: recsys, amount: 1000.50 USD } }`,
    });
    expect(said(result).filter((one) => !one.endsWith('budget'))).toEqual([
      '30 stopped',
      '60 started',
      '70 stopped',
    ]);
  });
});

describe('an outage', () => {
  it.each([
    ['within a longer one', '+40m', '10m'],
    ['that begins as the first one ends', '+1h', '30m'],
  ])('%s ends when the last one does', async (_, at, lasts) => {
    const result = await play({
      resources: machine('one', 'use: { to: +0h, use: busy }'),
      rest: `steps:
  - { at: +0h, fault: { what: metrics, for: 1h } }
  - { at: ${at}, fault: { what: metrics, for: ${lasts} } }`,
    });
    const [stop] = named(result, 'stopped');
    const minutes = stop === undefined ? undefined : (stop.at.getTime() - result.from.getTime()) / 60_000;
    expect(minutes).toBe(at === '+1h' ? 90 : 60);
  });
});

describe('a limit of estimated spend', () => {
  it('is seen as soon as by sweeps that all read the meter, though an endpoint took minutes to come back', async () => {
    const text = `version: 1
name: any
policy:
  version: 1
  projects: { recsys: { owner: team-beta, budget: 90 USD } }
  policies:
    - name: development
      match: { environment: dev }
      idle: { after: 45m, do: stop }
      budget: [{ at: 100%, of: estimated, do: stop }]
from: 2026-11-29T20:00Z
for: 24h
billing: { lag: 2h }
prices: { ml.p3.2xlarge: 3.825 USD }
resources:
  - id: ranker
    kind: sagemaker-endpoint
    type: ml.p3.2xlarge
    since: 2026-11-29T13:31Z
    tags: { project: recsys, environment: dev }
    use:
      - { to: 2026-11-29T22:00Z, use: busy }
      - { from: 2026-11-30T02:37Z, to: 2026-11-30T11:03Z, use: busy }
      - { from: 2026-11-30T14:39Z, use: busy }
`;
    const scenario = parseScenario(text, 'any.yaml', () => '');
    const stops = async (isExact: boolean) =>
      named(await simulate(scenario, { isExact }), 'stopped').map(({ at, reason }) => [at, reason]);
    expect(await stops(false)).toEqual(await stops(true));
  });
});

describe('use', () => {
  it('is half a core of a large machine, by which it is asked back', async () => {
    const result = await play({
      resources: `  - { id: big, kind: ec2-instance, type: m5.24xlarge, ${DEV}, use: [{ to: +0h, use: busy }, { from: +2h, use: { cpu: 2 } }] }`,
    });
    expect(said(result)).toEqual(['30 stopped', '120 restored']);
    expect(result.resources[0]?.busy).toHaveLength(1);
  });
});

describe('a job', () => {
  it('is in use no longer than it lasts', async () => {
    const result = await play({
      resources: `  - { id: job, kind: sagemaker-training-job, type: ml.m5.large, since: +1h, ends: +3h, ${DEV} }`,
    });
    expect(said(result)).toEqual(['60 started', '180 ended']);
    expect(usdToDecimal(result.spent)).toBe('2');
    const hours = (at: Date) => (at.getTime() - result.from.getTime()) / 3_600_000;
    expect(result.resources[0]?.busy.map(({ from, to }) => [hours(from), hours(to)])).toEqual([[1, 3]]);
  });
});

describe('what is assumed', () => {
  it('is that the plan of a policy that asks for one was approved, and said so', async () => {
    const approval = async (more: string) =>
      play({ policy: IDLE, more, resources: machine('one', 'use: { to: +0h, use: busy }') });
    const result = await approval('approval: required');
    expect(said(result)).toEqual(['30 stopped']);
    expect(result.assumptions).toContain(
      'The policy asks for an approved plan (approval: required): it is played as if there were one.',
    );
    expect((await approval('')).assumptions.join()).not.toContain('approved');
  });

  it('says what has no price', async () => {
    const result = await play({ resources: machine('one', 'use: busy').replace('m5.large', 'x9.large') });
    expect(result.assumptions).toContain('No price of x9.large is known: what one costs is in no sum.');
  });
});

describe('AWS Budgets', () => {
  const ACTUAL = "idle: 'off', budget: [{ at: 100%, do: notify }]";

  it('says of a new month what was spent in it, though an alert of the last one comes late', async () => {
    const result = await play({
      policy: ACTUAL,
      from: '2026-11-28T12:00Z',
      lasts: '80h',
      // $1,000 are passed on 30 November at 14:00, and AWS tells of it twelve hours later.
      resources: `  - { id: many, count: 20, kind: ec2-instance, type: m5.large, since: +0h, ${DEV}, use: busy }`,
    });
    expect(said(result)).toEqual([]);
  });

  it('knows what the month had cost before', async () => {
    const result = await play({
      policy: ACTUAL,
      from: '2026-11-10T10:00Z',
      lasts: '40h',
      // $880 since the third, and $1,000 on 11 November at 10:00.
      resources: `  - { id: many, count: 5, kind: ec2-instance, type: m5.large, since: 2026-11-03T02:00Z, ${DEV}, use: busy }`,
    });
    expect(said(result)).toEqual(['2160 budget']);
    expect(named(result, 'budget')).toMatchObject([{ threshold: '100% of actual' }]);
  });
});
