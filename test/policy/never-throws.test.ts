import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { PolicyError } from '../../lib/policy/policy-error.ts';

const EXAMPLE = readFileSync('bursar.yaml', 'utf8');

/** Throws where `parsePolicy` throws anything but a well-formed `PolicyError`. */
function expectPolicyOrProblems(text: string): void {
  try {
    parsePolicy(text, 'p.yaml');
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    const lines = text.split(/\r\n|\r|\n/).length;
    for (const { line, col, message } of error.problems) {
      expect(line).toBeGreaterThanOrEqual(1);
      expect(line).toBeLessThanOrEqual(lines);
      expect(col).toBeGreaterThanOrEqual(1);
      expect(message).toMatch(/^[^\n]+[.?]$/u);
    }
    expect(error.message.split('\n')).toHaveLength(error.problems.length + (error.hidden > 0 ? 1 : 0));
  }
}

const snippet = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    ...[
      '{}',
      '[]',
      '{',
      ']',
      '~',
      'true',
      '.nan',
      '-1',
      '!!set {a}',
      '&a',
      '*a',
      '<<: *a',
      '? ',
      ': ',
      '# ',
      '"',
      "'",
    ],
    ...[
      '\n',
      '\n---\n',
      '\t',
      '__proto__: {a: b}',
      'constructor',
      '0x1f',
      '2026-01-01',
      '!!binary aGk=',
      '%YAML 1.1\n---\n',
    ],
  ),
);

/** The example with some stretches replaced. */
const mutated = fc
  .array(fc.record({ at: fc.nat(EXAMPLE.length), cut: fc.nat(40), put: snippet }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((edits) =>
    edits.reduce((text, { at, cut, put }) => text.slice(0, at) + put + text.slice(at + cut), EXAMPLE),
  );

const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double(),
  fc.string({ maxLength: 8 }),
  fc.constantFrom(
    '30m',
    '80%',
    '4000 USD',
    'off',
    '#a',
    'self',
    'us-east-1',
    'stop',
    'forecasted',
    'recsys',
    'UTC',
    'U012AB3CD',
    'stop-jobs',
    'even',
    'usage.csv',
    'idle',
  ),
);
const key = fc.constantFrom(
  ...[
    'version',
    'tags',
    'projects',
    'policies',
    'untagged',
    'limits',
    'scope',
    'name',
    'match',
    'idle',
    'budget',
  ],
  ...[
    'after',
    'warn',
    'do',
    'below',
    'cpu',
    'at',
    'of',
    'owner',
    'slack',
    'regions',
    'accounts',
    'constructor',
    'grace',
    'allow',
    'restore',
    'owners',
    'members',
    'team',
    'models',
  ],
  ...[
    'to',
    'split',
    'among',
    'weights',
    'usage',
    'per',
    'service',
    'charge',
    'file',
    'metric',
    'tenants',
    'where',
  ],
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'medium' },
    scalar,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 7 }),
  ),
}));
/** Files with the right keys and any values. JSON is YAML. */
const shaped = fc
  .record(
    {
      version: fc.constantFrom(1, '1', 2),
      tags: tree,
      projects: fc.dictionary(fc.string({ maxLength: 5 }), tree, { maxKeys: 3 }),
      policies: fc.array(
        fc.record(
          { name: scalar, match: tree, idle: tree, budget: tree, allow: tree, restore: scalar },
          { requiredKeys: [] },
        ),
        { maxLength: 4 },
      ),
      scope: tree,
      limits: tree,
      operators: tree,
      timezone: scalar,
      teams: fc.dictionary(fc.string({ maxLength: 5 }), tree, { maxKeys: 2 }),
      allocation: fc.oneof(tree, fc.record({ bill: tree, shared: tree, usage: tree }, { requiredKeys: [] })),
    },
    { requiredKeys: [] },
  )
  .map((file) => JSON.stringify(file));

/** Files whose rules and usages have the right keys and any values. */
const allocated = fc
  .record({
    version: fc.constant(1),
    teams: fc.constant({ alpha: {} }),
    projects: fc.constant({ a: { team: 'alpha' }, recsys: {} }),
    policies: fc.constant([{ name: 'all', match: {}, idle: 'off' }]),
    allocation: fc.record({
      shared: fc.array(
        fc.record(
          {
            name: fc.constantFrom('a', 'b'),
            match: fc.oneof(
              fc.dictionary(fc.constantFrom('service', 'tags', 'charge', 'project'), tree),
              tree,
            ),
            to: scalar,
            split: fc.oneof(
              fc.constantFrom('even', 'direct'),
              fc.record(
                { usage: fc.constantFrom('gpu', 'gpus'), idle: tree, per: scalar },
                { requiredKeys: ['usage'] },
              ),
              fc.record({ weights: tree }),
              tree,
            ),
            among: tree,
          },
          { requiredKeys: [] },
        ),
        { maxLength: 4 },
      ),
      usage: fc.dictionary(
        fc.constantFrom('gpu', 'toString', '__proto__'),
        fc.oneof(fc.record({ file: scalar, sampled: scalar, tenants: tree }, { requiredKeys: [] }), tree),
        { maxKeys: 2 },
      ),
    }),
  })
  .map((file) => JSON.stringify(file));

describe('parsePolicy, whatever it is given', () => {
  it.each([
    ['any text', fc.string({ unit: 'binary', maxLength: 200 })],
    ['YAML’s own characters', fc.array(snippet, { maxLength: 30 }).map((parts) => parts.join(''))],
    ['the example with edits', mutated],
    ['the right keys with any values', shaped],
    ['rules and usages with any values', allocated],
  ])(
    'answers with a policy or with problems: %s',
    (_title, texts) => {
      fc.assert(fc.property(texts, expectPolicyOrProblems), { numRuns: 200 });
    },
    30_000,
  );
});
