import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeBudgetReading,
  decodeDecision,
  decodeOutcome,
  decodeResource,
  encodeBudgetReading,
  encodeDecision,
  encodeOutcome,
  encodeResource,
  WireError,
} from '../../lib/types/wire.ts';
import { anyBudgetReading, anyDecision, anyOutcome, anyResource } from './arbitraries.ts';

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** JSON and back is the identity, `undefined` fields included; the JSON form itself holds nothing else than JSON. */
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
  it('carries any decision', () => survives(anyDecision, encodeDecision, decodeDecision));
  it('carries any resource', () => survives(anyResource, encodeResource, decodeResource));
  it('carries any outcome', () => survives(anyOutcome, encodeOutcome, decodeOutcome));
  it('carries any budget reading', () =>
    survives(anyBudgetReading, encodeBudgetReading, decodeBudgetReading));

  it('writes dates as ISO text and money as decimal text', () => {
    expect(
      encodeBudgetReading({
        source: 'budgets',
        budgetName: 'bursar-recsys',
        holder: 'recsys',
        limit: decodeBudgetReading({ ...reading, limit: '12000' }).limit,
        actual: undefined,
        forecasted: decodeBudgetReading({ ...reading, limit: '21.957642' }).limit,
        meter: undefined,
        period: '2026-01-01',
        asOf: new Date(Date.UTC(2026, 0, 28, 10)),
      }),
    ).toStrictEqual({ ...reading, source: 'budgets', limit: '12000', forecasted: '21.957642' });
  });

  it('of a reading that names no source is one of AWS Budgets, as all were before there was a meter', () => {
    expect(reading).not.toHaveProperty('source');
    expect(decodeBudgetReading(reading)).toStrictEqual({
      source: 'budgets',
      budgetName: 'bursar-recsys',
      holder: 'recsys',
      limit: 1_000_000n,
      actual: undefined,
      forecasted: undefined,
      meter: undefined,
      period: '2026-01-01',
      asOf: new Date(Date.UTC(2026, 0, 28, 10)),
    });
  });
});

const reading = {
  budgetName: 'bursar-recsys',
  project: 'recsys',
  limit: '1',
  period: '2026-01-01',
  asOf: '2026-01-28T10:00:00.000Z',
};

describe('what is not the JSON form', () => {
  it.each([
    ['an amount that is no decimal', { ...reading, limit: '$12' }, 'limit'],
    ['an amount as a number', { ...reading, actual: 12 }, 'actual'],
    ['a date that is none', { ...reading, asOf: 'yesterday' }, 'asOf'],
    ['a source that is none', { ...reading, source: 'guess' }, 'source'],
    ['half of the figures', { ...reading, meter: { billed: '1' } }, 'meter.burn'],
    ['a missing field', { ...reading, project: undefined }, 'project'],
    ['a period that is no date', { ...reading, period: '2026-13-01' }, 'period'],
    ['nothing', undefined, 'expected object'],
  ])('%s is refused by name', (_, json, named) => {
    expect(() => decodeBudgetReading(json)).toThrow(WireError);
    expect(() => decodeBudgetReading(json)).toThrow(named);
  });

  it('names the field deep inside a decision', () => {
    fc.assert(
      fc.property(
        anyDecision.filter(({ action }) => action === 'warn'),
        (decision) => {
          const json = { ...encodeDecision(decision), target: { kind: 'ec2-instance' } };
          expect(() => decodeDecision(json)).toThrow(/this is no decision: [\s\S]*target\.arn/);
        },
      ),
      { numRuns: 5 },
    );
  });

  it('refuses an action that does not exist', () => {
    expect(() => decodeDecision({ action: 'terminate', key: 'k', reason: '' })).toThrow(WireError);
  });
});
