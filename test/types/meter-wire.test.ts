import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MeterRecord } from '../../lib/types/meter.ts';
import {
  decodeAmounts,
  decodeByProject,
  decodeMeterRecord,
  decodeSpend,
  encodeAmounts,
  encodeByProject,
  encodeMeterRecord,
} from '../../lib/types/meter-wire.ts';
import { microUsd } from '../../lib/types/money.ts';
import { WireError } from '../../lib/types/wire.ts';
import { anyAmounts, anyByModel, anyByProject, anyMeterRecord } from './arbitraries.ts';

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const MONTH: MeterRecord = {
  arn: 'arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0',
  id: 'i-0123456789abcdef0',
  kind: 'ec2-instance',
  account: '111122223333',
  region: 'us-east-1',
  size: 'g5.xlarge',
  points: [
    {
      at: new Date('2026-11-24T08:00:00.001Z'),
      on: true,
      project: 'recsys',
      hourly: microUsd(1_006_000n),
      by: 'seen',
    },
    { at: new Date('2026-11-25T08:00:00Z'), on: false, project: undefined, hourly: undefined, by: 'guess' },
  ],
  closed: Array.from({ length: 23 }, (_, index) => ({
    day: `2026-11-${String(index + 1).padStart(2, '0')}`,
    project: 'recsys',
    hourly: microUsd(1_006_000n),
    milliseconds: 86_400_000,
  })),
};

function survives<T>(
  arbitrary: fc.Arbitrary<T>,
  encode: (value: T) => unknown,
  decode: (json: unknown) => T,
) {
  fc.assert(
    fc.property(arbitrary, (value) => {
      const json = encode(value);
      expect(throughJson(json)).toStrictEqual(json);
      expect(decode(throughJson(json))).toStrictEqual(value);
    }),
  );
}

describe('the JSON form', () => {
  it('carries any record of the meter', () => {
    fc.assert(
      fc.property(anyMeterRecord, (record) => {
        const json = encodeMeterRecord(record);
        expect(throughJson(json)).toStrictEqual(json);
        expect(decodeMeterRecord(record, throughJson(json))).toStrictEqual(record);
      }),
    );
  });

  it('carries any spend by project and service', () =>
    survives(anyByProject, encodeByProject, decodeByProject));
  it('carries any amounts by project', () => survives(anyAmounts, encodeAmounts, decodeAmounts));

  it('carries what of it is of models', () =>
    fc.assert(
      fc.property(anyByProject, anyByModel, (byProject, models) => {
        const json = encodeByProject(byProject, models);
        expect(throughJson(json)).toStrictEqual(json);
        expect(decodeSpend(throughJson(json))).toStrictEqual({ byProject, models });
        expect(decodeByProject(throughJson(json))).toStrictEqual(byProject);
      }),
    ));

  it('of what has no model is as it was before there were models, and is read so', () => {
    const point = {
      project: 'recsys',
      hourly: microUsd(1_000_000n),
      at: new Date(0),
      on: true,
      by: 'seen',
    } as const;
    const record = { ...MONTH, points: [point], closed: [] };
    expect(encodeMeterRecord(record).rates).toEqual([['recsys', '1']]);
    expect(decodeMeterRecord(MONTH, encodeMeterRecord(record)).points[0]).toStrictEqual(point);
    const tagged = { ...point, model: 'scorer' };
    const json = encodeMeterRecord({ ...record, points: [point, tagged] });
    expect(json.rates).toEqual([
      ['recsys', '1'],
      ['recsys', '1', 'scorer'],
    ]);
    expect(decodeSpend({ v: 1, services: [], projects: [] }).models).toEqual(new Map());
    expect(encodeByProject(new Map())).not.toHaveProperty('models');
  });

  it('names a rate once, however often it holds: a month of a resource is a kilobyte', () => {
    const json = encodeMeterRecord(MONTH);
    expect(json.rates).toEqual([
      ['recsys', '1.006'],
      [null, null],
    ]);
    expect(json.points).toEqual([
      [Date.UTC(2026, 10, 24, 8, 0, 0, 1), 1, 0, 1],
      [Date.UTC(2026, 10, 25, 8), 0, 1, 2],
    ]);
    expect(JSON.stringify(json).length).toBeLessThan(1_024);
  });

  it('names a service once: a day of 1,000 projects is below 100 KB', () => {
    const services = ['Amazon Elastic Compute Cloud - Compute', 'EC2 - Other', 'Amazon SageMaker'];
    const day = new Map(
      Array.from({ length: 1_000 }, (_, index) => [
        `project-${index}`,
        new Map(services.map((service) => [service, microUsd(1_234_567_890n)])),
      ]),
    );
    const json = encodeByProject(day);
    expect(json.services).toEqual(services);
    expect(JSON.stringify(json).length).toBeLessThan(100 * 1_024);
  });
});

describe('what is not the JSON form', () => {
  const json = encodeMeterRecord(MONTH);

  it.each([
    ['another version', { ...json, v: 2 }, 'v'],
    ['no version', { ...json, v: undefined }, 'v'],
    ['a point of another length', { ...json, points: [[0, 1, 0]] }, 'points'],
    ['a point that is neither on nor off', { ...json, points: [[0, 2, 0, 0]] }, 'points'],
    ['a time that is none', { ...json, points: [['2026', 1, 0, 0]] }, 'points'],
    ['a price that is none', { ...json, rates: [['recsys', '$1']] }, 'rates'],
    ['a day that is none', { ...json, closed: [['2026-11-31', 0, 1]] }, 'closed'],
    ['a rate that is not there', { ...json, points: [[0, 1, 2, 0]] }, 'no place 2'],
    ['a source that is not there', { ...json, points: [[0, 1, 0, 3]] }, 'no place 3'],
    ['nothing', undefined, 'expected object'],
  ])('%s is refused by name', (_, wrong, named) => {
    expect(() => decodeMeterRecord(MONTH, wrong)).toThrow(WireError);
    expect(() => decodeMeterRecord(MONTH, wrong)).toThrow(named);
  });

  it.each([
    ['a service that is not there', { v: 1, services: [], projects: [['recsys', [[0, '1']]]] }, 'no place 0'],
    ['an amount that is none', { v: 1, services: ['EC2'], projects: [['recsys', [[0, 'x']]]] }, 'projects'],
  ])('%s is refused by name', (_, wrong, named) => {
    expect(() => decodeByProject(wrong)).toThrow(WireError);
    expect(() => decodeByProject(wrong)).toThrow(named);
  });

  it('an amount of a project that is none is refused', () => {
    expect(() => decodeAmounts({ v: 1, projects: [['recsys', 1]] })).toThrow(WireError);
  });
});
