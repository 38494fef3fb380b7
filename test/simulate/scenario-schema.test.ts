import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { scenarioJsonSchema, scenarioJsonSchemaText } from '../../lib/simulate/scenario-file/json-schema.ts';
import { parseScenario } from '../../lib/simulate/scenario-file/parse.ts';

const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(scenarioJsonSchema());
const read = (path: string): string => readFileSync(path, 'utf8');
const FILES = readdirSync('scenarios').filter((name) => name.endsWith('.yaml'));

describe('the JSON Schema of scenarios', () => {
  it('is the one in bursar-scenario.schema.json (`bursar schema --scenario > bursar-scenario.schema.json` mends it)', () => {
    expect(read('bursar-scenario.schema.json')).toBe(scenarioJsonSchemaText());
  });

  it.each(FILES)('is named by %s, and takes it, as the parser does', (name) => {
    const file = `scenarios/${name}`;
    expect(read(file).split('\n')[0]).toBe('# yaml-language-server: $schema=../bursar-scenario.schema.json');
    validate(parse(read(file)));
    expect(validate.errors ?? []).toEqual([]);
    expect(parseScenario(read(file), file, read).name).not.toBe('');
  });

  const MONTH = read('scenarios/month-of-a-team.yaml');
  const edits: readonly (readonly [string, string, string])[] = [
    ['an unknown key', 'steps:', 'stebs:'],
    ['an unknown kind', 'sagemaker-notebook', 'sagemaker-notebok'],
    ['a price without USD', '0.68 USD', '0.68'],
    ['an unknown use', 'use: idle', 'use: idel'],
    ['a day that there is not', 'every: weekdays', 'every: workdays'],
    ['a figure above 100 %', 'cpu: 85', 'cpu: 185'],
    ['an offset without its unit', 'since: +9d', 'since: +9'],
    ['a time without its zone', 'to: 2026-10-16T15:00Z', 'to: 2026-10-16T15:00'],
    ['a name where a Slack id belongs', 'for: 4h }', 'for: 4h, by: ana }'],
    ['an unknown verdict', 'verdict: over', 'verdict: no'],
  ];
  it.each(edits)('refuses what the parser refuses: %s', (_title, from, to) => {
    const bad = MONTH.replace(from, to);
    expect(bad).not.toBe(MONTH);
    expect(validate(parse(bad))).toBe(false);
    expect(() => parseScenario(bad, 'scenarios/bad.yaml', read)).toThrow();
  });

  it('gives an editor a description for every key, and words to complete', () => {
    expect(keysWithoutHelp(scenarioJsonSchema())).toEqual([]);
    expect(scenarioJsonSchemaText()).toContain('"weekdays"');
  });
});

/** The paths of properties that have neither a description nor a title, nor stand for what has. */
function keysWithoutHelp(schema: unknown, path = ''): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key !== 'properties') return keysWithoutHelp(value, path);
    return Object.entries(value).flatMap(([name, property]) => {
      const here = `${path}/${name}`;
      const help = typeof property === 'object' && property !== null;
      const bare = help && !['description', 'title', '$ref'].some((word) => word in property) ? [here] : [];
      return [...bare, ...keysWithoutHelp(property, here)];
    });
  });
}
