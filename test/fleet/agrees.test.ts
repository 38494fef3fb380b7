import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agrees } from '../../lib/fleet/agrees.ts';

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('what was saved', () => {
  it('agrees with itself, after JSON', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => agrees(json(value), value)));
  });

  it('agrees whatever fields have been added to its objects', () => {
    const objects = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
    fc.assert(
      fc.property(objects, objects, (saved, more) =>
        agrees({ inner: [saved] }, { inner: [{ ...more, ...saved }] }),
      ),
    );
  });

  it('disagrees where any one of its values is another', () => {
    const objects = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1, noNullPrototype: true });
    fc.assert(
      fc.property(objects, fc.nat(), (saved, pick) => {
        const keys = Object.keys(saved);
        const key = keys[pick % keys.length] ?? '';
        return !agrees(saved, { ...saved, [key]: { another: 'value' } }) || typeof saved[key] === 'object';
      }),
    );
  });

  it.each([
    { what: 'a list that lost one', saved: [1, 2], found: [1] },
    { what: 'a list that gained one', saved: [1], found: [1, 2] },
    { what: 'a list in another order', saved: [1, 2], found: [2, 1] },
    { what: 'a field that is gone', saved: { a: 1 }, found: {} },
    { what: 'null for an object', saved: { a: 1 }, found: null },
    { what: 'a list for an object with fields', saved: { a: 1 }, found: [1] },
    { what: 'an object for a list', saved: [1], found: { 0: 1 } },
  ])('disagrees with $what', ({ saved, found }) => expect(agrees(saved, found)).toBe(false));

  it('knows a date by its text', () => {
    const at = new Date('2026-11-20T08:00:00.000Z');
    expect(agrees(json({ at }), { at })).toBe(true);
    expect(agrees(json({ at }), { at: new Date(0) })).toBe(false);
  });
});
