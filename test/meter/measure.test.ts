import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Measured, measure } from '../../lib/meter/measure.ts';
import { noteEvent } from '../../lib/meter/record.ts';
import type { MeterPoint, MeterRecord } from '../../lib/types/meter.ts';
import { microUsd, sumUsd } from '../../lib/types/money.ts';
import { at, EC2, off, on, recordWith, SAGEMAKER, scope, subject, usd } from './fixtures.ts';

const NOW = at('2026-11-25T12:00');

const ofDay = (measured: Measured, day: string, project = 'recsys', service = EC2) =>
  measured.days.get(day)?.get(project)?.get(service);

const total = ({ days }: Measured) =>
  sumUsd(
    [...days.values()].flatMap((projects) => [...projects.values()].flatMap((some) => [...some.values()])),
  );

describe('measure', () => {
  it('tells of a weekend: 63 hours of an ml.p4d.24xlarge endpoint are $2,374.34', () => {
    const endpoint = recordWith(
      [on('2026-11-20T18:00', { hourly: usd('37.688') }), off('2026-11-23T09:00')],
      { kind: 'sagemaker-endpoint' },
    );
    const measured = measure([endpoint], scope(NOW));
    expect(total(measured)).toBe(usd('2374.344'));
    expect(ofDay(measured, '2026-11-20', 'recsys', SAGEMAKER)).toBe(usd('226.128'));
    expect(ofDay(measured, '2026-11-21', 'recsys', SAGEMAKER)).toBe(usd('904.512'));
    expect(ofDay(measured, '2026-11-23', 'recsys', SAGEMAKER)).toBe(usd('339.192'));
  });

  it('keeps days, projects and services apart, and what has no project', () => {
    const measured = measure(
      [
        recordWith([on('2026-11-24T23:00', { hourly: usd('1') }), off('2026-11-25T02:00')]),
        recordWith([on('2026-11-25T00:00', { hourly: usd('2'), project: undefined })], { arn: 'b' }),
        recordWith([on('2026-11-25T11:00', { hourly: usd('4') })], { arn: 'c', kind: 'sagemaker-endpoint' }),
        recordWith([on('2026-11-25T11:00', { hourly: usd('8') })], { arn: 'd' }),
      ],
      scope(NOW),
    );
    expect(measured.days).toEqual(
      new Map([
        ['2026-11-24', new Map([['recsys', new Map([[EC2, usd('1')]])]])],
        [
          '2026-11-25',
          new Map([
            [
              'recsys',
              new Map([
                [EC2, usd('10')],
                [SAGEMAKER, usd('4')],
              ]),
            ],
            ['', new Map([[EC2, usd('24')]])],
          ]),
        ],
      ]),
    );
    expect(measured.burn).toEqual(
      new Map([
        ['', usd('2')],
        ['recsys', usd('12')],
      ]),
    );
    expect(measured.running).toEqual(
      new Map([
        ['', 1],
        ['recsys', 2],
      ]),
    );
  });

  it('measures from the first day on and up to now', () => {
    const record = recordWith([on('2026-11-01T00:00', { hourly: usd('1') }), off('2026-11-25T18:00')], {
      closed: [
        { day: '2026-10-31', project: 'recsys', hourly: usd('1'), milliseconds: 3_600_000 },
        { day: '2026-11-24', project: 'recsys', hourly: usd('1'), milliseconds: 3_600_000 },
      ],
    });
    const measured = measure([record], { ...scope(NOW), from: '2026-11-24' });
    expect([...measured.days.keys()]).toEqual(['2026-11-24', '2026-11-25']);
    expect(ofDay(measured, '2026-11-24')).toBe(usd('25'));
    expect(ofDay(measured, '2026-11-25')).toBe(usd('12'));
    // It is told of a stop that is still to come.
    expect(measured.running.get('recsys')).toBe(1);
  });

  it('lists what has no known price while it runs, and for the month that it ran in, never as free', () => {
    const unpriced = (from: string, to?: string) =>
      recordWith([on(from, { hourly: undefined }), ...(to === undefined ? [] : [off(to)])]);
    const { arn, id, kind, size } = subject;
    const listed = new Map([['recsys', [{ arn, id, kind, size }]]]);
    expect(measure([unpriced('2026-11-25T11:00')], scope(NOW))).toMatchObject({
      unpriced: listed,
      running: new Map([['recsys', 1]]),
      burn: new Map(),
      days: new Map(),
    });
    expect(measure([unpriced('2026-10-31T11:00', '2026-11-01T00:01')], scope(NOW)).unpriced).toEqual(listed);
    expect(measure([unpriced('2026-10-30T11:00', '2026-11-01T00:00')], scope(NOW)).unpriced).toEqual(
      new Map(),
    );
    const closed = (day: string) =>
      recordWith([off('2026-11-20T00:00', 'guess')], {
        closed: [{ day, project: 'recsys', hourly: undefined, milliseconds: 1 }],
      });
    expect(measure([closed('2026-11-01')], scope(NOW)).unpriced).toEqual(listed);
    expect(measure([closed('2026-10-31')], scope(NOW)).unpriced).toEqual(new Map());
  });

  it('does not list what was priced in the same instant', () => {
    const record = recordWith([on('2026-11-25T11:00', { hourly: undefined }), on('2026-11-25T11:00')]);
    expect(measure([record], scope(NOW)).unpriced.size).toBe(0);
  });

  it('leaves out kinds that are billed as nothing', () => {
    const measured = measure([recordWith([on('2026-11-25T11:00')])], {
      ...scope(NOW),
      billedAs: () => undefined,
    });
    expect([measured.days.size, measured.running.size]).toEqual([0, 0]);
  });

  const price = fc.bigInt({ min: 1n, max: 40_000_000n }).map(microUsd);
  const span = fc.record({
    from: fc.integer({ min: 0, max: 6 * 86_400_000 }),
    length: fc.integer({ min: 1, max: 3 * 86_400_000 }),
    hourly: price,
    project: fc.constantFrom('recsys', 'fraud', undefined),
  });
  const FIRST = Date.parse('2026-11-16T00:00:00.000Z');

  it('is exact: rational sums of each day, project and service, rounded once, half up', () => {
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 30 }), (spans) => {
        const records = spans.map(({ from, length, hourly, project }, index) =>
          recordWith(
            [
              { ...on('2026-11-16T00:00', { hourly, project }), at: new Date(FIRST + from) },
              { ...off('2026-11-16T00:00'), at: new Date(FIRST + from + length) },
            ],
            { arn: `arn-${index}` },
          ),
        );
        const measured = measure(records, scope(NOW));
        for (let day = 0; day < 9; day += 1) {
          for (const project of ['recsys', 'fraud', '']) {
            // In micro-dollar-milliseconds: 3,600,000 of them are a micro-dollar.
            let exact = 0n;
            for (const one of spans) {
              if ((one.project ?? '') !== project) continue;
              const begin = Math.max(one.from, day * 86_400_000);
              const end = Math.min(one.from + one.length, (day + 1) * 86_400_000);
              if (end > begin) exact += one.hourly * BigInt(end - begin);
            }
            const name = new Date(FIRST + day * 86_400_000).toISOString().slice(0, 10);
            const got = ofDay(measured, name, project) ?? 0n;
            // got − ½ ≤ exact < got + ½
            expect((2n * got - 1n) * 3_600_000n <= 2n * exact).toBe(true);
            expect(2n * exact < (2n * got + 1n) * 3_600_000n).toBe(true);
          }
        }
      }),
    );
  });

  it('moves cost with a project tag from that instant on, and the sum over projects stays', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5 * 1_440 }),
        fc.array(
          fc.tuple(fc.integer({ min: 1, max: 6 * 1_440 }), fc.constantFrom('fraud', 'vision', undefined)),
          {
            maxLength: 5,
          },
        ),
        price,
        (start, retags, hourly) => {
          const pointAt = (minute: number, project: string | undefined): MeterPoint => ({
            ...on('2026-11-16T00:00', { hourly, project }),
            at: new Date(FIRST + minute * 60_000),
          });
          const plain = recordWith([pointAt(start, 'recsys')]);
          const moved = retags.reduce<MeterRecord>(
            (so, [after, project]) => noteEvent(so, subject, pointAt(start + after, project)),
            plain,
          );
          const [before, then] = [measure([plain], scope(NOW)), measure([moved], scope(NOW))];
          // Each part is rounded by itself.
          const apart = total(then) - total(before);
          expect(apart <= 20n && -apart <= 20n).toBe(true);
          const first = Math.min(...retags.map(([after]) => start + after));
          const until = Number.isFinite(first) ? new Date(FIRST + first * 60_000) : NOW;
          const kept = measure([plain], { ...scope(until < NOW ? until : NOW) });
          const ofRecsys = sumUsd(
            [...then.days.values()].flatMap((some) => [...(some.get('recsys')?.values() ?? [])]),
          );
          expect(ofRecsys).toBe(total(kept));
        },
      ),
    );
  });
});
