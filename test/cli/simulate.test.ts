import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createColors } from 'picocolors';
import { afterAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { CheckJsonSchema, RunJsonSchema } from '../../lib/cli/run-text/run-json.ts';
import { simulatedLines } from '../../lib/cli/simulate-lines.ts';
import { isWell } from '../../lib/cli/simulate-run.ts';
import { run } from './run-cli.ts';
import { BUSY_STOP, WEEKEND } from './run-fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'bursar-simulate-'));
afterAll(() => rmSync(folder, { recursive: true }));

const written = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

const policy = (idle: string): string => `version: 1
projects: { recsys: { budget: 1000 USD } }
policies: [{ name: development, match: { environment: dev }, idle: ${idle} }]
`;
const STOPS = policy('{ after: 30m, warn: 10m, do: stop }');
const NEVER = policy("'off'");

const scenario = (expected: string, name = 'An idle machine'): string => `version: 1
name: ${name}
policy: policy.yaml
from: 2026-11-27T18:00Z
for: 2h
prices: { g5.xlarge: 1.006 USD }
resources:
  - id: idle-1
    kind: ec2-instance
    type: g5.xlarge
    tags: { project: recsys, environment: dev }
    use: idle
${expected}`;

written('policy.yaml', STOPS);
const GOOD = written('good.yaml', scenario('expect: { counts: { stopped: 1 }, notRunning: [idle-1] }\n'));
const WRONG = written('wrong.yaml', scenario('expect: { counts: { stopped: 2 } }\n', 'Two were expected'));
const OFF = written('off.yaml', NEVER);

const OutSchema = z.strictObject({
  ok: z.boolean(),
  runs: z.array(
    RunJsonSchema.extend({ file: z.string(), ok: z.boolean(), checks: z.array(CheckJsonSchema) }).strict(),
  ),
});

describe('bursar simulate', () => {
  it('plays a scenario, and tells what came of it', async () => {
    const { code, out, err } = await run(['simulate', GOOD]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('An idle machine\n  2026-11-27 18:00 UTC to 2026-11-27 20:00 UTC, 2 h, by ');
    expect(out).toMatch(/\n {2}without Bursar {2}\$2\.01\n/);
    expect(out).toMatch(/\n {2}\d\d:\d0 {2}idle-1 {4}warned {3}Stops \d\d:\d0\. Idle from /);
    expect(out).toMatch(/\n {2}\d\d:\d0 {2}idle-1 {4}STOPPED {2}Idle from /);
    expect(out).toContain('\nStopped while busy: none\n');
    expect(out).toContain(
      '\nAs expected, 3 expectations\n  ✓ nothing was stopped while busy\n  ✓ stopped: 1\n  ✓ idle-1 is not running at the end\n',
    );
  });

  it('says by its exit code that an expectation is not met', async () => {
    const { code, out } = await run(['simulate', WRONG]);
    expect(code).toBe(1);
    expect(out).toContain('\n1 of 2 expectations not met\n  ✗ stopped: 2: expected, but found 1\n');
  });

  it('tells several in a line each, and whole those that did not come out well', async () => {
    const { code, out } = await run(['simulate', GOOD, WRONG]);
    expect(code).toBe(1);
    expect(out.split('\n')[0]).toBe('Two were expected');
    expect(out).not.toContain('✓ stopped: 1');
    expect(out.split('\n').slice(-5)).toEqual([
      '1 of 2 scenarios did not come out well',
      '     SCENARIO           SPENT  WITHOUT BURSAR  SAVED  STOPS  WHILE BUSY  EXPECTED',
      expect.stringMatching(/^ {2}✓ {2}An idle machine .* 1 {8}none {4}3 of 3$/),
      expect.stringMatching(/^ {2}✗ {2}Two were expected .* 1 {8}none {4}1 of 2$/),
      '',
    ]);
  });

  it('plays it under another policy, and checks no expectation then', async () => {
    const { code, out } = await run(['simulate', WRONG, '--policy', OFF]);
    expect(code).toBe(0);
    expect(out).toContain('off.yaml');
    expect(out).toContain('What happened: nothing');
    expect(out).toContain('\nWhat the scenario expects is meant of its own policy, and was not checked.\n');
  });

  it('refuses a policy that does not reach as far', async () => {
    const elsewhere = written('elsewhere.yaml', `${NEVER}scope: { regions: [eu-west-1] }\n`);
    expect(await run(['simulate', GOOD, '--policy', elsewhere])).toEqual({
      code: 2,
      out: '',
      err: `${GOOD}: idle-1 is in us-east-1, which is none of scope.regions in ${elsewhere}. Add it there.\n`,
    });
  });

  it('refuses a policy without the limit that a step asks for', async () => {
    const gate = written(
      'gate.yaml',
      scenario('steps: [{ at: +1h, gate: { project: recsys, committed: 900 USD, launch: g5.xlarge } }]\n'),
    );
    const without = written('without.yaml', NEVER.replace('{ budget: 1000 USD }', '{}'));
    expect(await run(['simulate', gate, '--policy', without])).toEqual({
      code: 2,
      out: '',
      err: `${gate}: A step gate is of project recsys, which has no monthly budget in ${without}. Give it one there, such as budget: 5000 USD.\n`,
    });
  });

  it('names every mistake of every file with its place, and plays nothing', async () => {
    const bad = written('bad.yaml', scenario('expect: { counts: { stoped: 1, warnd: 1 } }\n'));
    const missing = join(folder, 'missing.yaml');
    const { code, out, err } = await run(['simulate', GOOD, bad, missing]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    const lines = err.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/bad\.yaml:13:\d+: .*stoped/);
    expect(lines[1]).toMatch(/bad\.yaml:13:\d+: .*warnd/);
    expect(lines[2]).toBe(`${missing}: No such file. Name a scenario, such as one of the folder scenarios.`);
  });

  it('names the mistakes of the other policy too', async () => {
    const bad = written('bad-policy.yaml', 'version: 1\nprojects: { a: { budget: $5 } }\npolicies: []\n');
    const { code, err } = await run(['simulate', GOOD, '--policy', bad]);
    expect(code).toBe(2);
    expect(err).toMatch(/bad-policy\.yaml:2:\d+: /);
  });

  it('prints JSON of the documented shape', async () => {
    const { code, out } = await run(['simulate', GOOD, WRONG, '--json']);
    expect(code).toBe(1);
    const { ok, runs } = OutSchema.parse(JSON.parse(out));
    expect(ok).toBe(false);
    expect(runs.map((one) => [one.file, one.ok, one.counts.stops, one.without])).toEqual([
      [GOOD, true, 1, '2.012'],
      [WRONG, false, 1, '2.012'],
    ]);
    expect(runs[1]?.checks).toEqual([
      { ok: true, text: 'nothing was stopped while busy' },
      { ok: false, text: 'stopped: 2: expected, but found 1' },
    ]);
  });

  it('writes a page, of one scenario', async () => {
    const page = join(folder, 'run.html');
    const { code, out } = await run(['simulate', GOOD, '--html', page]);
    expect(code).toBe(0);
    expect(out.trimEnd().split('\n').at(-1)).toBe(`The page: ${page}`);
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>[\s\S]*An idle machine/i);
    expect(await run(['simulate', GOOD, WRONG, '--html', page])).toMatchObject({
      code: 2,
      err: '--html writes the page of one scenario. Name one scenario.\n',
    });
    expect(await run(['simulate', GOOD, '--html', join(folder, 'none', 'run.html')])).toMatchObject({
      code: 2,
      err: `--html ${join(folder, 'none', 'run.html')}: There is no such folder. Make it, or name another file.\n`,
    });
  });
});

describe('what was stopped while it was in use', () => {
  const bad = { file: 'a.yaml', result: { ...WEEKEND, events: [BUSY_STOP] }, checks: [] };

  it('is not well, whatever was expected', () => {
    expect(isWell({ ...bad, checks: [{ ok: true, text: 'stopped: 1' }] })).toBe(false);
    expect(isWell({ ...bad, result: WEEKEND })).toBe(true);
  });

  it('is told in red in the line of its scenario', () => {
    const colours = createColors(true);
    const good = { ...bad, result: WEEKEND };
    const lines = simulatedLines([good, bad], { outColours: colours, width: 120 }, { isOtherPolicy: false });
    const { bold, red } = colours;
    expect(lines).toContain(bold(red('Stopped while busy: 1, which must never be')));
    expect(lines).toContain(bold(red('1 of 2 scenarios did not come out well')));
    expect(lines.at(-1)).toContain(red('✗'));
    expect(lines.at(-1)).toContain(red('1'));
  });
});
