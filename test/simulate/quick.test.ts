import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { simulate } from '../../lib/simulate/engine.ts';
import type { RunResult } from '../../lib/simulate/result.ts';
import type {
  Scenario,
  ScenarioKind,
  ScenarioResource,
  ScenarioStep,
  UseSegment,
} from '../../lib/simulate/scenario.ts';
import { figuresOf } from '../../lib/simulate/scenario-file/figures.ts';
import { microUsd, sumUsd, usdToDecimal } from '../../lib/types/money.ts';

/*
 * A simulation leaves out what cannot come to anything: sweeps, resources, readings of the meter. It must come to the
 * very same as one whose every sweep looks at everything, as a deployed one does.
 */

const MINUTE_MS = 60_000;
const SEED = 20_261_126;
const HOUR_MS = 60 * MINUTE_MS;
const FROM = new Date('2026-11-29T20:00:00.000Z');
const HOURS = 34;
const TO = new Date(FROM.getTime() + HOURS * HOUR_MS);
const BEFORE = new Date(FROM.getTime() - 9 * 24 * HOUR_MS);

const POLICIES = [
  `idle: { after: 30m, warn: 10m, do: stop }
    budget: [{ at: 60%, of: estimated, do: notify }, { at: 100%, of: estimated, do: stop }]`,
  `idle: { after: 45m, do: stop }
    budget: [{ at: 100%, of: estimated, do: stop, grace: 20m }, { at: 120%, of: estimated, do: freeze }]`,
  `idle: { after: 1h, do: notify }
    budget: [{ at: 50%, of: estimated, per: day, do: stop }]
    restore: next-period`,
  `idle: off
    budget: [{ at: 100%, of: actual, do: stop }, { at: 80%, of: estimated, do: freeze }]`,
];

/** Hours and longest runtimes beside these; the 34 hours begin on a Sunday evening in Europe. */
const HOURS_OF = [
  '',
  '',
  `hours: { weekdays: "08:00-18:00", timezone: Europe/Berlin, startAhead: 13m, warn: 22m }`,
  `hours: { daily: ["21:30-03:10", "06:02-23:00"], warn: 5m, manualStart: 3h, endpoints: scale-down }
    maxRuntime: { after: 9h, warn: 47m }`,
  `hours: [night, { monday: "09:00-12:00", timezone: America/New_York, do: stop, manualStart: stop }]`,
  `hours: { daily: "02:00-14:33", starts: all }
    maxRuntime: { after: 5h, do: notify }`,
  'maxRuntime: 11h',
];

/** Limits of teams and models beside those of projects, narrower than these or wider. */
const LEVELS = [
  { teams: '', ofVision: '', ofNlp: '' },
  {
    teams: 'teams: { alpha: { budget: { monthly: 110 USD, daily: 70 USD }, owners: [U0ANA] } }',
    ofVision: ', team: alpha',
    ofNlp: ', team: alpha',
  },
  {
    teams: 'teams: { alpha: { budget: 60 USD, owners: [U0ANA] } }',
    ofVision: ', team: alpha, models: { scorer: { budget: { monthly: 30 USD, daily: 20 USD } } }',
    ofNlp: ', team: alpha, discount: 28%, models: { scorer: { budget: 40 USD } }',
  },
  {
    teams: '',
    ofVision: ', models: { scorer: { budget: 45 USD }, ranker: { budget: { daily: 15 USD } } }',
    ofNlp: '',
  },
] as const;

const policyText = (
  own: string,
  hours: string,
  { teams, ofVision, ofNlp }: (typeof LEVELS)[number],
  limits: string,
  untagged: string,
) => `
version: 1
operators: [U0OPS]
${teams}
projects:
  vision: { owner: a, budget: { monthly: 90 USD, daily: 60 USD }, owners: [U0ANA], freezeRoles: [trainer]${ofVision} }
  nlp: { owner: b, budget: 4000 USD${ofNlp} }
policies:
  - name: production
    match: { environment: prod }
    idle: off
  - name: development
    match: { environment: dev }
    allow: [scale-to-zero]
    ${own}
    ${hours}
schedules: { night: { daily: "23:00-05:00", timezone: Asia/Kolkata, startAhead: 4m } }
untagged: ${untagged}
limits: ${limits}
scope: { regions: [us-east-1, eu-west-1] }
`;

const USES: readonly UseSegment['use'][] = [
  { cpu: 60, gpu: 80, network: 1_000_000, invocations: 30, connections: 12 },
  { cpu: 0.2, gpu: 0, network: 100, invocations: 0, connections: 0 },
  { cpu: 0.2, gpu: 90, network: 100, invocations: 0, connections: 0 },
  undefined,
];

/** Lengths of segments, in minutes, and what is done in each. */
const workload = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 9 * 60 }), fc.constantFrom(0, 0, 1, 1, 1, 2, 3)), {
    minLength: 1,
    maxLength: 12,
  })
  .map((lengths): UseSegment[] => {
    const segments: UseSegment[] = [{ from: BEFORE, to: FROM, use: USES[0] }];
    let at = FROM.getTime();
    for (const [minutes, use] of lengths) {
      const to = Math.min(at + minutes * MINUTE_MS, TO.getTime());
      if (to > at) segments.push({ from: new Date(at), to: new Date(to), use: USES[use] });
      at = to;
    }
    if (at < TO.getTime()) segments.push({ from: new Date(at), to: TO, use: USES[1] });
    return segments;
  });

const KINDS: readonly { readonly kind: ScenarioKind; readonly type: string }[] = [
  { kind: 'ec2-instance', type: 'm5.xlarge' },
  { kind: 'ec2-instance', type: 'p3.8xlarge' },
  { kind: 'sagemaker-endpoint', type: 'ml.p3.2xlarge' },
  { kind: 'sagemaker-notebook', type: 'ml.m5.xlarge' },
  { kind: 'auto-scaling-group', type: 'm5.xlarge' },
  { kind: 'rds-instance', type: 'db.m5.large' },
  { kind: 'sagemaker-training-job', type: 'ml.m5.xlarge' },
];

const PRICES = {
  'm5.xlarge': microUsd(192_000n),
  'p3.8xlarge': microUsd(12_240_000n),
  'ml.p3.2xlarge': microUsd(3_825_000n),
  'ml.m5.xlarge': microUsd(230_000n),
  'db.m5.large': microUsd(171_000n),
};

const resource = fc.record({
  what: fc.constantFrom(...KINDS),
  tags: fc.constantFrom(
    { project: 'vision', environment: 'dev' },
    { project: 'vision', environment: 'dev', model: 'scorer' },
    { project: 'vision', environment: 'dev', model: 'ranker' },
    { project: 'nlp', environment: 'dev', model: 'scorer' },
    { project: 'nlp', environment: 'dev' },
    { project: 'vision', environment: 'prod' },
    { environment: 'dev' },
    { project: 'vision', environment: 'dev', 'bursar:keep-until': '3h' },
  ),
  /** Minutes after the beginning; below 0 before it. */
  launched: fc.oneof(fc.integer({ min: -7 * 24 * 60, max: 0 }), fc.integer({ min: 1, max: 20 * 60 })),
  use: workload,
  elsewhere: fc.boolean(),
  gpuMetric: fc.boolean(),
  isRestarted: fc.boolean(),
});

const action = fc.record({
  minute: fc.integer({ min: 1, max: HOURS * 60 - 1 }),
  who: fc.nat(),
  what: fc.constantFrom(
    'stop',
    'start',
    'keep',
    'tag',
    'model',
    'restore',
    'release',
    'unfreeze',
    'unfreeze-team',
    'terminate',
  ),
});

const scenario = fc
  .record({
    own: fc.constantFrom(...POLICIES),
    hours: fc.constantFrom(...HOURS_OF),
    levels: fc.constantFrom(...LEVELS),
    limits: fc.constantFrom(
      '{ maxStopsPerSweep: 25, maxFleetShare: 100% }',
      '{ maxStopsPerSweep: 1, maxFleetShare: 30% }',
    ),
    untagged: fc.constantFrom(
      '{ after: 24h, do: notify }',
      '{ after: 2h, do: notify }',
      '{ after: 3h, warn: 30m, do: stop }',
    ),
    resources: fc.array(resource, { minLength: 1, maxLength: 6 }),
    actions: fc.array(action, { maxLength: 8 }),
    lagHours: fc.constantFrom(2, 12),
    isTold: fc.boolean(),
  })
  .map(({ own, hours, levels, limits, untagged, resources, actions, lagHours, isTold }): Scenario => {
    const placed = resources.map((one, n): ScenarioResource => {
      const since = new Date(FROM.getTime() + one.launched * MINUTE_MS);
      return {
        id: `${one.what.kind === 'ec2-instance' ? 'i' : 'r'}-${n}`,
        kind: one.what.kind,
        region: one.elsewhere ? 'eu-west-1' : 'us-east-1',
        type: one.what.type,
        instances: 1,
        tags: one.tags,
        since,
        use: ownOf(one.what, one.use),
        gpuMetric: one.gpuMetric,
        restart: one.isRestarted ? 'when-needed' : 'never',
      };
    });
    const steps = actions.flatMap(({ minute, who, what }): ScenarioStep[] => {
      const at = new Date(FROM.getTime() + minute * MINUTE_MS);
      const one = placed[who % placed.length];
      if (one === undefined || one.since >= at) return [];
      switch (what) {
        case 'stop':
        case 'start':
        case 'terminate':
          return [{ at, step: what, resource: one.id }];
        case 'tag':
          return [{ at, step: 'tag', resource: one.id, tags: { project: 'nlp' } }];
        case 'model':
          return [{ at, step: 'tag', resource: one.id, tags: { model: 'scorer' } }];
        case 'unfreeze-team':
          return [{ at, step: 'unfreeze', project: 'team:alpha', by: 'U0ANA' }];
        case 'keep':
          return [{ at, step: 'keep', resource: one.id, seconds: 7_200, by: 'U0ANA', press: 1 }];
        case 'restore':
          return [{ at, step: 'restore', resource: one.id, by: 'U0ANA' }];
        case 'release':
          return [{ at, step: 'release', by: 'U0OPS' }];
        default:
          return [{ at, step: 'unfreeze', project: 'vision', by: 'U0ANA' }];
      }
    });
    return {
      name: 'any',
      description: '',
      policy: parsePolicy(policyText(own, hours, levels, limits, untagged), 'any.yaml'),
      policyFile: 'any.yaml',
      from: FROM,
      to: TO,
      prices: PRICES,
      resources: placed,
      steps: steps.sort((a, b) => a.at.getTime() - b.at.getTime()),
      billing: { lagHours },
      events: isTold ? 'prompt' : 'none',
      expect: {},
    };
  });

const told = ({ events }: RunResult) =>
  events
    .map(
      (event) =>
        `${event.at.toISOString()} ${event.event} ${'arn' in event ? event.arn : ''} ${event.reason}`,
    )
    .sort();

/** A file gives a resource no figures but those of its kind and type. */
const ownOf = (what: (typeof KINDS)[number], segments: readonly UseSegment[]): readonly UseSegment[] => {
  const own = figuresOf(what);
  const known = new Map(
    USES.map((use) => [use, use && Object.fromEntries(own.map((figure) => [figure, use[figure]]))] as const),
  );
  return segments.map((one) => ({ ...one, use: known.get(one.use) }));
};

/** What is wrong in a result, whatever was played. */
function* wrongIn({ events, resources, projects, from, to, ...result }: RunResult): Generator<string> {
  for (const what of ['spent', 'without'] as const) {
    for (const [name, parts] of [
      ['resources', resources],
      ['projects', projects],
    ] as const) {
      if (sumUsd(parts.map((one) => one[what])) !== result[what]) yield `${what} is not that of its ${name}`;
    }
  }
  for (const event of events) {
    if (event.at < from || event.at >= to) yield `${event.event} is out of its span`;
    if (event.event !== 'stopped' || event.manner !== undefined) continue;
    if (event.whileBusy) yield `${event.arn} was stopped while busy`;
    const stopped = resources.find(({ arn }) => arn === event.arn)?.stopped ?? [];
    if (!stopped.some((span) => span.from <= event.at && event.at <= span.to)) {
      yield `${event.arn} was stopped at ${event.at.toISOString()}, and no span says so`;
    }
  }
  for (const { id, ran, stopped } of resources) {
    const spans = [...ran, ...stopped].sort((a, b) => a.from.getTime() - b.from.getTime());
    for (const [index, span] of spans.entries()) {
      const before = spans[index - 1]?.to ?? from;
      if (span.from < before || span.to <= span.from || span.to > to) yield `spans of ${id} overlap`;
    }
  }
}

describe('a simulation', () => {
  it('comes to the same as one whose every sweep looks at everything', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (any) => {
        const quick = await simulate(any);
        const exact = await simulate(any, { isExact: true });
        expect(told(quick)).toEqual(told(exact));
        expect([...wrongIn(quick)]).toEqual([]);
        expect(usdToDecimal(quick.spent)).toBe(usdToDecimal(exact.spent));
        expect(usdToDecimal(quick.without)).toBe(usdToDecimal(exact.without));
      }),
      {
        numRuns: Number(process.env.BURSAR_RUNS ?? 10),
        endOnFailure: process.env.BURSAR_SHRINK === undefined,
        // The same worlds each time, unless others are asked for.
        seed: Number(process.env.BURSAR_SEED ?? SEED),
        ...(process.env.BURSAR_PATH === undefined ? {} : { path: process.env.BURSAR_PATH }),
      },
    );
  }, 600_000);
});
