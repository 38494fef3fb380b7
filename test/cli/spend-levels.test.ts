import { createColors } from 'picocolors';
import { describe, expect, it } from 'vitest';
import { spendParts } from '../../lib/cli/spend-lines.ts';
import type { LevelRow } from '../../lib/cli/spend-row.ts';
import { spendRow } from './spend-rows.ts';

const AT = new Date('2026-11-25T10:30:00.000Z');

const level = (fields: Pick<LevelRow, 'level' | 'name' | 'projects'> & Partial<LevelRow>): LevelRow => {
  const { project, usualBurn, discount, discountBy, tagCoverage, ...figures } = spendRow();
  return { ...figures, ...fields };
};
const limit = (spent: string, of: string) => ({ monthly: { spent, limit: of } });

const spend = [
  spendRow({ project: 'alone', ...limit('120', '500') }),
  spendRow({ project: 'fraud', ...limit('120', '500') }),
  spendRow({ project: 'vision', billed: '30' }),
  spendRow({ project: null, billed: '1' }),
];
const spendLevels = [
  level({
    level: 'team',
    name: 'alpha',
    projects: ['fraud', 'vision'],
    billed: '130',
    estimated: '40',
    ...limit('170', '180'),
  }),
  level({
    level: 'model',
    name: 'scorer',
    projects: ['fraud'],
    billed: '25',
    ...limit('45', '50'),
    frozenUntil: '2026-12-01T00:00:00.000Z',
  }),
];
const shown = (width: number | undefined) =>
  spendParts({ spend, spendLevels, at: AT }, { outColours: createColors(false), width }).flat();

describe('the spend of levels', () => {
  it('stands with teams before their projects and models below theirs', () => {
    const names = shown(undefined)
      .slice(2)
      .map((line) => /^ {2}( *\S(?:\S| (?! ))*)/.exec(line)?.[1])
      .slice(0, 7);
    expect(names).toEqual([
      'Team alpha',
      '  fraud',
      '    Model scorer ❄',
      '  vision',
      'alone',
      'No project',
      'All',
    ]);
  });

  it('is no part of the sum, which is that of the projects', () => {
    // 3 × $100, of which one is $30, and $1.
    expect(shown(undefined).find((line) => line.startsWith('  All'))).toContain('$231.00');
  });

  it('of a team near its limit is told of by its name', () => {
    const lines = shown(undefined);
    expect(lines).toContain('  Team alpha');
    expect(lines).toContain('  Model scorer of fraud');
  });

  it.each([120, 80, 60, 40])('fits %s columns', (width) => {
    for (const line of shown(width).slice(1)) expect(line.length).toBeLessThanOrEqual(width);
  });

  it('is nothing where the policy has none', () => {
    const bare = spendParts({ spend, at: AT }, { outColours: createColors(false), width: undefined }).flat();
    expect(bare.join('\n')).not.toMatch(/Team|Model/);
  });
});
