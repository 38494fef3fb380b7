import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from '../../lib/policy/nearest.ts';

describe('nearest', () => {
  it.each([
    ['polices', ['projects', 'policies'], 'policies'],
    ['Budget', ['owner', 'budget'], 'budget'],
    ['od', ['do', 'of'], undefined],
    ['aat', ['at', 'do'], 'at'],
    ['stpo', ['stop', 'notify'], 'stop'],
    ['terminate', ['stop', 'notify'], undefined],
    ['x'.repeat(41), ['x'.repeat(41)], undefined],
  ])('of %s among %j is %s', (word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected);
  });
});

describe('editDistance', () => {
  it.each([
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['stop', 'stpo', 1],
    ['same', 'same', 0],
  ])('%s → %s takes %i', (a, b, expected) => {
    expect(editDistance(a, b)).toBe(expected);
  });

  it('is the same both ways, and zero for equals alone', () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });
});
