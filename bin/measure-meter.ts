import Table from 'cli-table3';
import { DAY_MS } from '../lib/meter/days.ts';
import { measure } from '../lib/meter/measure.ts';
import { closeBefore, type MeterSubject, noteEvent } from '../lib/meter/record.ts';
import type { MeterPoint, MeterRecord } from '../lib/types/meter.ts';
import { encodeMeterRecord } from '../lib/types/meter-wire.ts';
import { microUsd, parseUsd, sumUsd, usdToDecimal } from '../lib/types/money.ts';

const RESOURCES = 10_000;
const CHANGES = 200_000;
const DAYS = 30;
const BEGIN = Date.UTC(2026, 10, 1);
/** Events may come so late. Milliseconds. */
const HORIZON_MS = 26 * 3_600_000;
const PROJECTS = ['fraud-detection', 'recsys', 'vision', 'speech', undefined];
const PRICES = ['0.0116', '0.23', '1.006', '1.408', '3.825', '12.24', '21.957642', '37.688'].map(
  (text) => parseUsd(text) ?? microUsd(0n),
);
const KINDS = ['ec2-instance', 'sagemaker-endpoint', 'sagemaker-notebook'];

/**
 * A month of 10,000 resources with 200,000 changes, as told by events, closed daily and measured; the same each time.
 * What is measured is held against a sum of its own.
 */
export function measureMeter(): string {
  const heapBefore = process.memoryUsage().heapUsed;
  let peakRss = process.memoryUsage().rss;
  const subjects = Array.from({ length: RESOURCES }, (_, index) => subjectOf(index));
  const states = subjects.map((): State => ({ point: undefined, milliMicros: 0n }));
  const records = new Map<string, MeterRecord>();
  let [noting, closing, rewritten] = [0, 0, 0];
  let seed = 42;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const perDay = CHANGES / DAYS;
  let change = 0;
  for (let day = 0; day < DAYS; day += 1) {
    const events: [MeterSubject, MeterPoint][] = [];
    for (; change < (day + 1) * perDay; change += 1) {
      const at = BEGIN + Math.floor((change * DAYS * DAY_MS) / CHANGES);
      const index = random(RESOURCES);
      const [subject, state] = [subjects[index], states[index]];
      if (subject === undefined || state === undefined) continue;
      events.push([subject, advance(state, at, random)]);
    }
    const started = performance.now();
    for (const [subject, point] of events) {
      records.set(subject.arn, noteEvent(records.get(subject.arn), subject, point));
    }
    const noted = performance.now();
    const horizon = new Date(BEGIN + (day + 1) * DAY_MS - HORIZON_MS);
    for (const [arn, record] of records) {
      const closed = closeBefore(record, horizon, '2026-11-01');
      if (closed === record) continue;
      rewritten += 1;
      records.set(arn, closed);
    }
    closing += performance.now() - noted;
    noting += noted - started;
    peakRss = Math.max(peakRss, process.memoryUsage().rss);
  }
  const end = BEGIN + DAYS * DAY_MS;
  const started = performance.now();
  const measured = measure(records.values(), {
    now: new Date(end),
    from: '2026-11-01',
    billedAs: (kind) => (kind.startsWith('sagemaker') ? 'Amazon SageMaker' : 'Amazon EC2'),
  });
  const measuring = performance.now() - started;
  peakRss = Math.max(peakRss, process.memoryUsage().rss);
  const grown = process.memoryUsage().heapUsed - heapBefore;
  const cells = [...measured.days.values()].flatMap((projects) =>
    [...projects.values()].flatMap((services) => [...services.values()]),
  );
  const total = sumUsd(cells);
  const truth = states.reduce((sum, state) => sum + spentBy(state, end), 0n);
  const apart = total * 3_600_000n - truth;
  if ((apart < 0n ? -apart : apart) > BigInt(cells.length) * 1_800_000n) {
    throw new Error(`The meter says $${usdToDecimal(total)}, which is not what ran.`);
  }
  const sizes = [...records.values()].map((record) =>
    Buffer.byteLength(JSON.stringify(encodeMeterRecord(record))),
  );
  const table = new Table({ head: ['What', 'comes to'] });
  table.push(
    ['noted', `${(noting / 1000).toFixed(2)} s`],
    ['closed daily', `${(closing / 1000).toFixed(2)} s, ${rewritten} records rewritten`],
    ['measured', `${(measuring / 1000).toFixed(2)} s`],
    ['heap grown, peak RSS', `${(grown / 1e6).toFixed(0)} MB, ${(peakRss / 1e6).toFixed(0)} MB`],
    ['records in the ledger', `${(sizes.reduce((a, b) => a + b, 0) / 1e6).toFixed(1)} MB`],
    ['the largest one', `${(Math.max(...sizes) / 1e3).toFixed(1)} kB`],
    ['total at list price', `$${usdToDecimal(total)} in ${cells.length} sums`],
  );
  return `A month of ${RESOURCES} resources with ${CHANGES} changes in the meter (times are this machine's)\n${table}`;
}

const subjectOf = (index: number): MeterSubject => ({
  arn: `arn:aws:ec2:us-east-1:111122223333:instance/i-${index}`,
  id: `i-${index}`,
  kind: KINDS[index % KINDS.length] ?? '',
  account: '111122223333',
  region: 'us-east-1',
  size: 'g5.xlarge',
});

/** What is true of a resource, apart from the meter. */
interface State {
  point: MeterPoint | undefined;
  /** Micro-dollars an hour × milliseconds up to `point`. */
  milliMicros: bigint;
}

const spentBy = ({ point, milliMicros }: State, until: number): bigint =>
  milliMicros + (point?.hourly ?? 0n) * BigInt(until - (point?.at.getTime() ?? until));

/** It starts, or stops, or changes its project or price. */
function advance(state: State, at: number, random: (below: number) => number): MeterPoint {
  const { point } = state;
  const isOn = point?.on !== true || random(2) === 0;
  const next: MeterPoint = {
    at: new Date(at),
    on: isOn,
    project: isOn ? PROJECTS[random(PROJECTS.length)] : undefined,
    hourly: isOn ? PRICES[random(PRICES.length)] : undefined,
    by: 'event',
  };
  state.milliMicros = spentBy(state, at);
  state.point = next;
  return next;
}
