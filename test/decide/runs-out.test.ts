import { describe, expect, it } from 'vitest';
import { runsOutAt } from '../../lib/decide/runs-out.ts';
import { parseUsd, type Usd, ZERO_USD } from '../../lib/types/money.ts';

const usd = (text: string): Usd => parseUsd(text) ?? ZERO_USD;
const AT = new Date('2026-11-25T10:00:00Z');
const END = new Date('2026-12-01T00:00:00Z');
const at = (spent: string, burn: string) =>
  runsOutAt({ spent: usd(spent), limit: usd('100'), burn: usd(burn) }, AT, END)?.toISOString();

describe('when a limit runs out', () => {
  it.each([
    ['99', '2', '2026-11-25T10:30:00.000Z'],
    ['40', '1', '2026-11-27T22:00:00.000Z'],
    // Rounded up: never before it is used up.
    ['99', '3', '2026-11-25T10:20:00.000Z'],
    ['99', '7', '2026-11-25T10:08:34.286Z'],
    ['100', '1', AT.toISOString()],
    ['130', '0', AT.toISOString()],
    ['50', '0', undefined],
    // As the period ends, and just before.
    ['0', '0.746268', undefined],
    ['0', '0.746269', '2026-11-30T23:59:59.779Z'],
  ])('%s of 100 USD spent at %s USD an hour: %s', (spent, burn, expected) => {
    expect(at(spent, burn)).toBe(expected);
  });
});
