import { describe, expect, it } from 'vitest';
import { USUAL_IDLE_LIMITS } from '../../lib/policy/schema.ts';
import type { Scenario } from '../../lib/simulate/scenario.ts';
import { useOfWord } from '../../lib/simulate/scenario-file/figures.ts';
import { offsetOf } from '../../lib/simulate/scenario-file/jitter.ts';
import { parseScenario } from '../../lib/simulate/scenario-file/parse.ts';
import { KINDS } from '../../lib/simulate/scenario-file/resource-schema.ts';
import { parseUsd } from '../../lib/types/money.ts';

const read = (): string => {
  throw new Error('nothing is read');
};

const scenario = (more: string): Scenario =>
  parseScenario(
    `version: 1
name: A test
policy:
  version: 1
  projects: { nlp: { budget: 5000 USD, owners: [S0GROUP00, U0OLGA001], members: [U0ANA0001] } }
  policies: [ { name: all, match: {}, idle: off } ]
  timezone: Europe/Berlin
  scope: { regions: [eu-west-1, us-east-1] }
from: 2026-11-27T17:00Z # a Friday
for: 64h
prices: { g5.xlarge: 1.006 USD, m5.large: 0.096 USD, ml.g5.xlarge: 1.408 USD, ml.p5.48xlarge: unknown }
${more}`,
    's.yaml',
    read,
  );

const one = (more: string) => {
  const [resource] = scenario(
    `resources: [ { id: chat, kind: ec2-instance, type: g5.xlarge, tags: { project: nlp }, ${more} } ]`,
  ).resources;
  if (resource === undefined) throw new Error('no resource');
  return resource;
};

/** `27T17:00–28T01:00 60`: day and time, and percent of CPU. */
const segments = (more: string): readonly string[] =>
  one(more).use.map(
    ({ from, to, use }) =>
      `${[from, to].map((at) => at.toISOString().slice(8, 16)).join('–')} ${use?.cpu ?? 'nothing'}`,
  );

describe('a scenario', () => {
  it('has times for offsets, and what it does not say', () => {
    const { from, to, prices, steps, billing, events, expect: wanted, policyFile } = scenario('');
    expect([from, to].map((at) => at.toISOString())).toEqual([
      '2026-11-27T17:00:00.000Z',
      '2026-11-30T09:00:00.000Z',
    ]);
    expect({ ...prices }).toEqual({
      'g5.xlarge': parseUsd('1.006'),
      'm5.large': parseUsd('0.096'),
      'ml.g5.xlarge': parseUsd('1.408'),
    });
    expect({ steps, billing, events, wanted, policyFile }).toEqual({
      steps: [],
      billing: { lagHours: 12 },
      events: 'prompt',
      wanted: {},
      policyFile: 's.yaml',
    });
  });

  it('has resources with what they do not say', () => {
    expect(one('use: idle')).toEqual({
      id: 'chat',
      kind: 'ec2-instance',
      type: 'g5.xlarge',
      region: 'eu-west-1',
      instances: 1,
      tags: { project: 'nlp' },
      since: new Date('2026-11-20T17:00Z'),
      use: [
        {
          from: new Date('2026-11-20T17:00Z'),
          to: new Date('2026-11-30T09:00Z'),
          use: { cpu: 1, gpu: 0, network: 500 },
        },
      ],
      gpuMetric: true,
      restart: 'when-needed',
    });
  });

  it('has figures as given, the rest as of an idle one, and none where there is no metric', () => {
    const use = (figures: string) => one(`use: ${figures}`).use[0]?.use;
    expect(use('{ cpu: 2%, gpu: 95 }')).toEqual({ cpu: 2, gpu: 95, network: 500 });
    expect(use('{ gpu: none, network: 4 MB/s }')).toEqual({ cpu: 1, network: 4_000_000 });
    expect(use('no metrics')).toBeUndefined();
  });

  it('has spans without a gap, idle where nothing is said', () => {
    expect(segments('since: -1h, use: { to: +8h10m, use: busy }')).toEqual([
      '27T16:00–28T01:10 60',
      '28T01:10–30T09:00 1',
    ]);
    expect(
      segments('since: -1h, use: [ { to: +1h, use: busy }, { from: +2h, to: +3h, use: no metrics }, busy ]'),
    ).toEqual([
      '27T16:00–27T18:00 60',
      '27T18:00–27T19:00 1',
      '27T19:00–27T20:00 nothing',
      '27T20:00–30T09:00 60',
    ]);
  });

  it('has what repeats, by the clocks of the policy, and within a span', () => {
    expect(segments('since: -1d, use: { every: weekdays, from: "09:00", to: "18:00" }')).toEqual([
      // A Thursday, from 18:00 in Berlin on.
      '26T17:00–27T08:00 1',
      '27T08:00–27T17:00 60',
      '27T17:00–30T08:00 1',
      '30T08:00–30T09:00 60',
    ]);
    expect(
      segments(
        'since: +0h, use: [ { to: +24h, use: { every: 10h, for: 1h, use: { cpu: 9 } } }, no metrics ]',
      ),
    ).toEqual([
      '27T17:00–27T18:00 9',
      '27T18:00–28T03:00 1',
      '28T03:00–28T04:00 9',
      '28T04:00–28T13:00 1',
      '28T13:00–28T14:00 9',
      '28T14:00–28T17:00 1',
      '28T17:00–30T09:00 nothing',
    ]);
  });

  it('has many of one, each with its own delay, the same in every run', () => {
    const text =
      'resources: [ { id: n, count: 500, kind: ec2-instance, type: m5.large, jitter: 2h, use: { to: +8h, use: busy } } ]';
    const { resources } = scenario(text);
    expect(resources.map(({ id }) => id).filter((_, index) => index % 250 === 249)).toEqual([
      'n-250',
      'n-500',
    ]);
    const ends = resources.map(({ use }) => use[0]?.to.getTime() ?? 0);
    expect(scenario(text).resources.map(({ use }) => use[0]?.to.getTime())).toEqual(ends);
    const base = Date.parse('2026-11-28T01:00Z');
    const delays = ends.map((at) => (at - base) / 60_000);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...delays)).toBeLessThanOrEqual(120);
    // Spread over all of it: of 121 minutes most are somebody's.
    expect(new Set(delays).size).toBeGreaterThan(100);
    for (const { use } of resources) {
      expect(use[0]?.from).toEqual(new Date('2026-11-20T17:00Z'));
      expect(use.at(-1)?.to).toEqual(new Date('2026-11-30T09:00Z'));
    }
  });

  it('of ten thousand is read at once', () => {
    const begun = performance.now();
    const { resources } = scenario(
      'resources: [ { id: n, count: 10000, kind: ec2-instance, type: m5.large, jitter: 2h, use: { every: weekdays, from: "09:00", to: "18:00" } } ]',
    );
    expect(resources).toHaveLength(10_000);
    // Those with the same delay share what they do.
    expect(new Set(resources.map(({ use }) => use)).size).toBeLessThanOrEqual(121);
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  it('has steps in the order of their time, one for each thing that is done', () => {
    const { steps } = scenario(`
resources:
  - { id: chat, kind: ec2-instance, type: g5.xlarge, tags: { project: nlp }, use: idle }
  - { id: web, kind: ec2-instance, type: m5.large, use: idle }
steps:
  - { at: +5h, fault: { what: metrics, for: 2h } }
  - { at: +1h, stop: [chat, web] }
  - { at: +2h, keep: { resource: chat, for: 2h30m, by: U0ANA0001, presses: 2 } }
  - { at: +3h, restore: chat }
  - { at: +4h, budget-alert: { project: nlp, amount: 4200 USD } }
  - at: 2026-11-29
    gate: { project: nlp, committed: 3900 USD, launch: ml.p5.48xlarge, or: [ml.g5.xlarge], needs: { memory: 16 GiB } }
`);
    const at = (time: string) => new Date(`2026-11-${time}Z`);
    expect(steps).toEqual([
      { at: at('27T18:00'), step: 'stop', resource: 'chat' },
      { at: at('27T18:00'), step: 'stop', resource: 'web' },
      { at: at('27T19:00'), step: 'keep', resource: 'chat', seconds: 9_000, by: 'U0ANA0001', press: 2 },
      // The first who may: an owner, not a group.
      { at: at('27T20:00'), step: 'restore', resource: 'chat', by: 'U0OLGA001' },
      { at: at('27T21:00'), step: 'budget-alert', project: 'nlp', of: 'actual', amount: parseUsd('4200') },
      { at: at('27T22:00'), step: 'fault', fault: 'metrics', until: at('28T00:00') },
      {
        at: at('29T00:00'),
        step: 'gate',
        project: 'nlp',
        committed: parseUsd('3900'),
        hours: 730,
        candidates: ['ml.p5.48xlarge', 'ml.g5.xlarge'],
        needs: { memoryGiB: 16 },
      },
    ]);
  });

  it('has what is expected of it', () => {
    const { expect: wanted } = scenario(`
resources: [ { id: chat, kind: ec2-instance, type: g5.xlarge, use: idle } ]
expect:
  spent: 28.27 USD
  saved: -1.50 USD
  counts: { stopped: 1 }
  events: [ { event: stopped, resource: chat, at: +45m } ]
  running: [chat]
`);
    expect(wanted).toEqual({
      spent: parseUsd('28.27'),
      saved: parseUsd('-1.50'),
      counts: { stopped: 1 },
      events: [{ event: 'stopped', resource: 'chat', at: new Date('2026-11-27T17:45Z') }],
      running: ['chat'],
    });
  });
});

describe('idle and busy', () => {
  const TYPES = ['xlarge', '24xlarge', '48xlarge', 'metal'].map((size) => `g5.${size}`);
  const cases = KINDS.flatMap((kind) => TYPES.map((type) => [kind, type] as const));

  it.each(cases)('of a %s on %s are so by the usual limits', (kind, type) => {
    const idle = useOfWord('idle', { kind, type });
    const busy = useOfWord('busy', { kind, type });
    expect(Object.keys(idle ?? {})).toEqual(Object.keys(busy ?? {}));
    for (const [figure, limit] of Object.entries(USUAL_IDLE_LIMITS)) {
      const figures: Readonly<Record<string, number | undefined>> = { ...idle };
      expect(figures[figure] ?? 0).toBeLessThan(limit);
      const used: Readonly<Record<string, number | undefined>> = { ...busy };
      if (used[figure] !== undefined) expect(used[figure]).toBeGreaterThan(limit);
    }
    expect(Object.keys(idle ?? {}).length).toBeGreaterThan(0);
  });
});

it('a delay is whole minutes up to the longest, and none where there is none', () => {
  expect(offsetOf('chat-1', 0)).toBe(0);
  for (let index = 1; index < 200; index += 1) {
    const delay = offsetOf(`chat-${index}`, 90 * 60_000 + 59_999);
    expect(delay % 60_000).toBe(0);
    expect(delay).toBeLessThanOrEqual(90 * 60_000);
  }
});
