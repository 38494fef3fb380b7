import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { addGroupBy } from '../../lib/cli/older-node.ts';

/** What Node 20 has not. */
const LACKS = 'data:text/javascript,delete Map.groupBy;';

describe('on a Node without Map.groupBy', () => {
  it('the command line runs, simulations too', () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', LACKS, 'bin/bursar.mjs', 'simulate', 'scenarios/01-weekend-endpoint.yaml'],
      { encoding: 'utf8' },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('As expected, 9 expectations');
  }, 30_000);

  it('groups as the language does', () => {
    const target: { groupBy?: typeof Map.groupBy } = {};
    addGroupBy(target);
    const items = ['b1', 'a2', 'b3', 'c4'];
    const byLetter = (item: string, index: number) => `${item[0]}${index % 2}`;
    expect([...(target.groupBy?.(items, byLetter) ?? [])]).toEqual([...Map.groupBy(items, byLetter)]);
    expect([...(target.groupBy?.(new Set([0, -0, 1]), (item) => item) ?? [])]).toEqual([
      [0, [0]],
      [1, [1]],
    ]);
  });

  it('leaves alone what is there', () => {
    const own = { groupBy: 'its own' };
    addGroupBy(own);
    expect(own.groupBy).toBe('its own');
  });
});
