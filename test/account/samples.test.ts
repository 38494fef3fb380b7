import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { eachSample, firstIndexFrom, PackedSamples } from '../../lib/simulate/account/samples.ts';
import type { Sample } from '../../lib/types/evidence.ts';

const STEP = 300_000;

it('packed samples are what an array of them is, gaps and all', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.double({ noNaN: true })), { maxLength: 40 }),
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: -45, max: 45 }),
      fc.integer({ min: -45, max: 45 }),
      (steps, more, start, end) => {
        const packed = new PackedSamples(STEP, 3);
        const plain: Sample[] = [];
        let time = 0;
        for (const [step, value] of steps) {
          time += step * STEP;
          packed.push(time, value);
          plain.push({ at: new Date(time), value });
        }
        const last = plain.at(-1);
        packed.trim().goOnUntil(time + STEP * (more + 1));
        for (let n = 1; last !== undefined && n <= more; n += 1) {
          plain.push({ at: new Date(time + n * STEP), value: last.value });
        }
        expect(packed).toHaveLength(plain.length);
        expect([...packed]).toEqual(plain);
        expect(packed.at(start)).toEqual(plain.at(start));
        expect(packed.slice(start, end)).toEqual(plain.slice(start, end));
        expect(firstIndexFrom(packed, start * STEP)).toBe(firstIndexFrom(plain, start * STEP));
        const [a, b]: [number[], number[]] = [[], []];
        eachSample(packed, (at, value) => a.push(at, value));
        eachSample(plain, (at, value) => b.push(at, value));
        expect(a).toEqual(b);
      },
    ),
  );
});

it('takes no sample out of its order, and nothing after what goes on', () => {
  const packed = new PackedSamples(STEP);
  packed.push(STEP, 1);
  expect(() => packed.push(STEP, 1)).toThrow('in order');
  packed.goOnUntil(4 * STEP);
  expect(() => packed.push(9 * STEP, 1)).toThrow('goes on');
});
