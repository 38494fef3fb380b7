import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { simulate } from '../../lib/simulate/engine.ts';
import { checkExpectations } from '../../lib/simulate/expectations.ts';
import { parseScenario } from '../../lib/simulate/scenario-file/parse.ts';

/*
 * The eight scenarios that the product must get right, which have numbers, and those that are there to copy: each with
 * what its file expects.
 */
const read = (path: string): string => readFileSync(path, 'utf8');
const FILES = readdirSync('scenarios');
const NUMBERED = FILES.filter((name) => /^\d/.test(name));

describe('the scenarios that must come out right', () => {
  it('are eight', () => {
    expect([...new Set(NUMBERED.map((name) => name.slice(0, 2)))].toSorted()).toEqual([
      '01',
      '02',
      '03',
      '04',
      '05',
      '06',
      '07',
      '08',
    ]);
  });

  it.each(FILES)(
    '%s',
    async (name) => {
      const file = `scenarios/${name}`;
      const scenario = parseScenario(read(file), file, read);
      const lines = checkExpectations(scenario.expect, await simulate(scenario), scenario);
      expect(lines.length).toBeGreaterThan(1);
      expect(lines.filter(({ ok }) => !ok).map(({ text }) => text)).toEqual([]);
    },
    120_000,
  );
});
