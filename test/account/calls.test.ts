import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../lib/sandbox/local-aws.ts';

/*
 * A call that the account in memory does not answer is answered `{}`, which an adapter may well take for "nothing is
 * there": each that an adapter makes must be answered by name.
 */

const sources = (folder: string): string =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(ROOT, folder, name), 'utf8'))
    .join('\n');

const sent = new Set([...sources('lib/fleet').matchAll(/new (\w+Command)\(/g)].map(([, name]) => name));
const answers = sources('lib/simulate/account');

describe('the account in memory', () => {
  it('is asked by the adapters in many ways', () => {
    expect(sent.size).toBeGreaterThan(50);
  });

  it.each([...sent])('answers %s', (name) => {
    expect(answers).toMatch(new RegExp(`\\bon\\(\\s*${name}\\b`));
  });
});
