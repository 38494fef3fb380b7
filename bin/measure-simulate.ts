import { parsePolicy } from '../lib/policy/parse.ts';
import { simulate } from '../lib/simulate/engine.ts';
import type { Scenario, ScenarioKind, ScenarioResource, UseSegment } from '../lib/simulate/scenario.ts';
import { formatUsd, parseUsd, type Usd } from '../lib/types/money.ts';

/*
 * How long a simulated month takes, and how much memory: a fleet of 20 projects of which a third works office hours and
 * is forgotten at night, a third works through, a tenth is always idle, and the rest is production, jobs and endpoints.
 */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FROM = new Date('2026-11-01T00:00:00.000Z');
/** Days, a month where it is not said. */
const DAYS = Number(process.argv[3] ?? 30);
const TO = new Date(FROM.getTime() + DAYS * DAY_MS);
const PROJECTS = 20;

const POLICY = `
version: 1
operators: [U0OPS]
projects:
${Array.from({ length: PROJECTS }, (_, n) => `  project-${n}: { owner: team-${n}, budget: 100000 USD }`).join('\n')}
policies:
  - name: production
    match: { environment: prod }
    budget: [{ at: 80%, of: estimated, do: notify }]
    idle: off
  - name: development
    match: { environment: dev }
    idle: { after: 1h, warn: 15m, do: stop }
    budget:
      - { at: 80%, of: estimated, do: notify }
      - { at: 100%, of: estimated, do: stop }
limits: { maxStopsPerSweep: 1000, maxFleetShare: 100% }
scope: { regions: [us-east-1] }
`;

const usd = (text: string): Usd => {
  const amount = parseUsd(text);
  if (amount === undefined) throw new Error(`${text} is no amount`);
  return amount;
};
const PRICES = { 'm5.xlarge': usd('0.192'), 'g5.xlarge': usd('1.006'), 'ml.m5.xlarge': usd('0.23') };

const BUSY = { cpu: 60, network: 2_000_000, invocations: 20, gpu: 80 };
const IDLE = { cpu: 0.5, network: 500, invocations: 0, gpu: 0 };

/** Office hours of the weekdays, shifted for each; else idle. */
function office(shift: number): UseSegment[] {
  const segments: UseSegment[] = [];
  for (let day = FROM.getTime() - DAY_MS; day < TO.getTime(); day += DAY_MS) {
    const weekday = new Date(day).getUTCDay();
    const isWork = weekday > 0 && weekday < 6;
    const begin = day + 8 * HOUR_MS + shift;
    const end = day + 17 * HOUR_MS + shift;
    const cuts = isWork
      ? [day + shift, begin, end, day + DAY_MS + shift]
      : [day + shift, day + DAY_MS + shift];
    cuts.slice(1).forEach((to, n) => {
      segments.push({
        from: new Date(cuts[n] ?? to),
        to: new Date(to),
        use: isWork && n === 1 ? BUSY : IDLE,
      });
    });
  }
  return segments;
}

const always = (use: UseSegment['use']): UseSegment[] => [
  { from: new Date(FROM.getTime() - 8 * DAY_MS), to: TO, use },
];

/** A fleet of so many. */
export function fleetOf(count: number): readonly ScenarioResource[] {
  return Array.from({ length: count }, (_, n): ScenarioResource => {
    const kind: ScenarioKind =
      n % 10 === 7 ? 'sagemaker-endpoint' : n % 10 === 8 ? 'sagemaker-notebook' : 'ec2-instance';
    const type = kind === 'ec2-instance' ? (n % 4 === 0 ? 'g5.xlarge' : 'm5.xlarge') : 'ml.m5.xlarge';
    const use = n % 3 === 0 ? office((n * 7919) % (2 * HOUR_MS)) : n % 10 === 1 ? always(IDLE) : always(BUSY);
    return {
      id: `r-${n}`,
      kind,
      region: 'us-east-1',
      type,
      instances: 1,
      tags: { project: `project-${n % PROJECTS}`, environment: n % 10 === 9 ? 'prod' : 'dev' },
      since: new Date(FROM.getTime() - 7 * DAY_MS - n * 60_000),
      use,
      gpuMetric: true,
      restart: 'when-needed',
    };
  });
}

export const scenarioOf = (count: number): Scenario => ({
  name: `${DAYS} days of ${count} resources`,
  description: '',
  policy: parsePolicy(POLICY, 'measure.yaml'),
  policyFile: 'measure.yaml',
  from: FROM,
  to: TO,
  prices: PRICES,
  resources: fleetOf(count),
  // What was forgotten over the first weekend is more than one sweep may stop: an operator lets it go.
  steps: [2, 3, 4].map((hours) => ({
    at: new Date(FROM.getTime() + hours * HOUR_MS),
    step: 'release',
    by: 'U0OPS',
  })),
  billing: { lagHours: 12 },
  events: 'prompt',
  expect: {},
});

// What the handlers bring along is loaded once, by the first simulation of a process.
const loading = process.hrtime.bigint();
process.env.AWS_XRAY_MANUAL_MODE ??= 'true';
await import('../lib/simulate/run.ts');
console.log(`loaded in ${(Number(process.hrtime.bigint() - loading) / 1e9).toFixed(1)} s`);
for (const count of (process.argv[2] ?? '1000').split(',').map(Number)) {
  const began = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  const result = await simulate(scenarioOf(count));
  const { user, system } = process.cpuUsage(cpu);
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const by = Map.groupBy(result.events, ({ event }) => event);
  console.log(
    `${count} resources, ${DAYS} days: ${seconds.toFixed(1)} s (${((user + system) / 1e6).toFixed(1)} s of CPU), ` +
      `peak RSS ${Math.round(process.resourceUsage().maxRSS / 1024)} MB; ` +
      `${[...by].map(([name, some]) => `${some.length} ${name}`).join(', ')}; ` +
      `${result.counts.sweeps} sweeps, ${result.counts.metrics} metrics; ` +
      `${formatUsd(result.spent)} of ${formatUsd(result.without)}`,
  );
}
