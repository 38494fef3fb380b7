import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PolicyError } from '../../lib/policy/policy-error.ts';
import { parseScenario } from '../../lib/simulate/scenario-file/parse.ts';
import { SCENARIO_MISTAKES } from './scenario-mistakes.ts';

const read = (path: string): string => readFileSync(path, 'utf8');

const messageOf = (text: string, readText = read): string => {
  try {
    parseScenario(text, 's.yaml', readText);
  } catch (error) {
    if (error instanceof PolicyError) return error.message;
    throw error;
  }
  return 'no mistake was found';
};

describe.each(SCENARIO_MISTAKES)('mistakes in %s', (_area, mistakes) => {
  it.each(mistakes)('$title', ({ text, says }) => {
    expect(messageOf(text)).toBe(says.join('\n'));
  });
});

describe('mistakes in a policy file of its own', () => {
  const SCENARIO = 'version: 1\nname: A test\npolicy: p.yaml\nfrom: 2026-11-27\nfor: 1h\n';
  const BAD = 'version: 1\nprojects: { nlp: { budget: 5000 } }\npolicies: []\n';

  it('are told with their place in it', () => {
    expect(messageOf(SCENARIO, () => BAD)).toBe(
      [
        'p.yaml:2:28: 5000 is not an amount. Write 5000 USD.',
        'p.yaml:3:11: `policies` is empty, so nothing would be watched. Write at least one, such as { name: everything, match: {}, idle: off }.',
      ].join('\n'),
    );
  });

  it('are pointed at from a scenario that has its own', () => {
    expect(messageOf(SCENARIO.replace('1h', 'ever'), () => BAD)).toBe(
      [
        's.yaml:3:9: The policy file p.yaml has 2 mistakes, first at 2:28. Run bursar validate p.yaml.',
        's.yaml:5:6: "ever" is not a duration. Write whole numbers and units, such as 30m, 64h or 2h30m.',
      ].join('\n'),
    );
  });

  it('is read from where the scenario stands', () => {
    const asked: string[] = [];
    try {
      parseScenario(SCENARIO.replace('p.yaml', '../p.yaml'), 'plays/s.yaml', (path) => {
        asked.push(path);
        return BAD;
      });
    } catch {
      // Its mistakes are not the matter here.
    }
    expect(asked).toEqual(['p.yaml']);
  });
});

describe('whatever is in the file', () => {
  const EXAMPLE = read('scenarios/month-of-a-team.yaml');
  const anything = fc.oneof(
    fc.constantFrom(
      'idle',
      '+1h',
      '-7d',
      '{',
      '[',
      '*dev',
      '09:00',
      '1 USD',
      'null',
      '{ to: +1h }',
      '[idle]',
    ),
    fc.string({ maxLength: 8 }),
    fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
  );

  it('answers with a scenario or with mistakes, each on one line', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(EXAMPLE.length), fc.nat(20), anything), { minLength: 1, maxLength: 3 }),
        (edits) => {
          let text = EXAMPLE;
          for (const [at, length, put] of edits) text = text.slice(0, at) + put + text.slice(at + length);
          const said = messageOf(text, () => read('bursar.yaml'));
          if (said === 'no mistake was found') return;
          for (const line of said.split('\n')) expect(line).toMatch(/^(?:s\.yaml:\d+:\d+: .+|and \d+ more)$/);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('answers so to the right keys with any values', () => {
    const keys = ['version', 'name', 'policy', 'from', 'to', 'for', 'prices', 'resources', 'steps', 'expect'];
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.array(
        fc.dictionary(
          fc.constantFrom('id', 'kind', 'type', 'use', 'at', 'keep', 'gate'),
          fc.jsonValue({ maxDepth: 2 }),
        ),
        {
          maxLength: 3,
        },
      ),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), value), (file) => {
        expect(messageOf(JSON.stringify(file), () => read('bursar.yaml'))).toMatch(/^s\.yaml:\d+:\d+: /);
      }),
      { numRuns: 100 },
    );
  });
});
