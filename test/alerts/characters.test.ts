import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clean, cut, cutLines, oneLine } from '../../lib/alerts/characters.ts';

const hostile = fc.string({ unit: 'binary', maxLength: 200 });

describe('cut', () => {
  it('never exceeds the limit, keeps what fits, and cuts between code points', () => {
    fc.assert(
      fc.property(hostile.map(clean), fc.integer({ min: 1, max: 100 }), (text, max) => {
        const result = cut(text, max);
        expect(result.length).toBeLessThanOrEqual(max);
        expect(result.isWellFormed()).toBe(true);
        if (text.length <= max) expect(result).toBe(text);
        else expect(text.startsWith(result.slice(0, -1))).toBe(true);
      }),
    );
  });

  it('keeps whole emoji', () => {
    expect(cut('🔥🔥🔥', 5)).toBe('🔥🔥…');
    expect(cut('🔥🔥🔥', 6)).toBe('🔥🔥🔥');
    expect(cut('a&b', 4, (character) => (character === '&' ? '&amp;' : character))).toBe('a…');
  });
});

describe('cutLines', () => {
  it('keeps whole lines', () => {
    expect(cutLines('one\ntwo\nthree', 10)).toBe('one\ntwo\n…');
    expect(cutLines('x'.repeat(20), 10)).toBe(`${'x'.repeat(9)}…`);
  });

  it('never exceeds the limit', () => {
    const lines = fc.array(hostile, { maxLength: 20 }).map((all) => clean(all.join('\n')));
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 300 }), (text, max) => {
        expect(cutLines(text, max).length).toBeLessThanOrEqual(max);
      }),
    );
  });
});

describe('clean', () => {
  it('leaves no control, no lone surrogate and no override of the direction', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(clean(text)).not.toMatch(/(?!\n)\p{Cc}|\p{Cs}|[\u202A-\u202E\u2066-\u2069\u2028\u2029]/u);
        expect(oneLine(text)).not.toContain('\n');
      }),
    );
    expect(clean('a\u202Eb\u0007c\r\nd')).toBe('ab c\nd');
    expect(oneLine('  a \n\t b ')).toBe('a b');
  });
});
