import { describe, expect, it } from 'vitest';
import { compareRuns } from '../../lib/backtest/compare.ts';
import { usdToDecimal } from '../../lib/types/money.ts';
import { at } from './fixtures.ts';
import { runOf } from './runs.ts';

describe('compareRuns', () => {
  it('puts dollars, stops and false stops side by side', () => {
    const one = runOf('bursar.yaml', [
      { id: 'i-1', at: at('2026-11-02T10:00:00Z'), until: at('2026-11-02T12:00:00Z'), falseStop: true },
      { id: 'i-2', project: 'fraud', at: at('2026-11-02T10:00:00Z'), until: at('2026-11-02T13:00:00Z') },
    ]);
    const other = runOf('other.yaml', [
      { id: 'i-2', project: 'fraud', at: at('2026-11-02T11:00:00Z'), until: at('2026-11-02T13:00:00Z') },
      { id: 'i-2', project: 'fraud', at: at('2026-11-03T11:00:00Z'), until: at('2026-11-03T12:00:00Z') },
    ]);
    const { total, projects, onlyOne, onlyOther } = compareRuns(one, other);
    expect(
      projects.map(({ project, one: a, other: b }) => [project, a.stops, a.falseStops, b.stops]),
    ).toEqual([
      ['fraud', 1, 0, 2],
      ['recsys', 1, 1, 0],
    ]);
    expect([total.one.saved, total.other.saved].map(usdToDecimal)).toEqual(['5', '3']);
    expect(
      onlyOne.map(({ arn }) => arn),
      'an hour later in the same idle time is the same',
    ).toEqual([one.resources[0]?.arn]);
    expect(onlyOther.map((stop) => stop.at)).toEqual([at('2026-11-03T11:00:00Z')]);
  });
});
