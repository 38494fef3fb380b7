import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { policyJsonSchema, policyJsonSchemaText } from '../../lib/policy/json-schema.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';

const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(policyJsonSchema());
const EXAMPLE = readFileSync('bursar.yaml', 'utf8');

describe('the JSON Schema', () => {
  it('is the one in bursar.schema.json (`bursar schema > bursar.schema.json` mends it)', () => {
    expect(readFileSync('bursar.schema.json', 'utf8')).toBe(policyJsonSchemaText());
  });

  it('is named by the example', () => {
    expect(EXAMPLE.split('\n')[0]).toBe('# yaml-language-server: $schema=./bursar.schema.json');
  });

  it('takes the example', () => {
    validate(parse(EXAMPLE));
    expect(validate.errors ?? []).toEqual([]);
  });

  const edits: readonly (readonly [string, string, string])[] = [
    ['an unknown key', 'limits:', 'limts:'],
    ['an amount without USD', '4000 USD', '4000'],
    ['an unknown action', 'do: freeze', 'do: explode'],
    ['a share without its sign', 'at: 80%', 'at: 80'],
    ['a bad duration', 'after: 30m', 'after: soon'],
    ['a bad channel', '"#fraud-ml"', 'fraud-ml'],
    ['another account', 'accounts: [self]', 'accounts: [everyone]'],
    ['a name where a Slack id belongs', '[U012AB3CD]', '[ana]'],
    ['a grace in words', 'of: actual, do: stop }', 'of: actual, do: stop, grace: soon }'],
    ['what no policy can allow', 'match: {}', 'match: {}\n    allow: [anything]'],
    ['a way to restore that there is not', 'match: {}', 'match: {}\n    restore: tomorrow'],
    ['a region twice', '[us-east-1]', '[us-east-1, us-east-1]'],
    ['a way to split that there is not', 'split: direct', 'split: fair'],
    ['a weight of nothing', 'split: direct', 'split: { weights: { recsys: 0 } }'],
    ['a kind of charge that there is not', 'charge: tax', 'charge: vat'],
    ['a name that no budget can have', '  recsys:', '  "rec:sys":'],
  ];
  it.each(edits)('refuses what the parser refuses: %s', (_title, from, to) => {
    const bad = EXAMPLE.replace(from, to);
    expect(validate(parse(bad))).toBe(false);
    expect(() => parsePolicy(bad, 'p.yaml')).toThrow();
  });

  it('gives an editor a description for every key, and examples in the form that one writes', () => {
    expect(keysWithoutHelp(policyJsonSchema())).toEqual([]);
    expect(policyJsonSchemaText()).toContain('"4000 USD"');
  });
});

/** The paths of properties that have neither a description nor a title. */
function keysWithoutHelp(schema: unknown, path = ''): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key !== 'properties') return keysWithoutHelp(value, path);
    return Object.entries(value).flatMap(([name, property]) => {
      const here = `${path}/${name}`;
      const help = typeof property === 'object' && property !== null;
      const bare = help && !('description' in property) && !('title' in property) ? [here] : [];
      return [...bare, ...keysWithoutHelp(property, here)];
    });
  });
}
