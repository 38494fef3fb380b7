import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { aheadOf, clockOf } from '../../lambdas/basics.ts';

const HOUR_MS = 3_600_000;

/** How far a clock is ahead of the machine's, to the second. */
const ahead = (clock: () => Date): number => Math.round((clock().getTime() - Date.now()) / 1000) * 1000;

it('a Lambda has the time of the machine, or one so many seconds ahead', () => {
  expect(ahead(clockOf({}))).toBe(0);
  expect(ahead(clockOf({ SANDBOX_CLOCK_AHEAD: '3600' }))).toBe(HOUR_MS);
});

it('a clock in a file goes on while a Lambda stays warm', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'bursar-clock-')), 'clock');
  const environment = { SANDBOX_CLOCK_AHEAD: pathToFileURL(file).href };
  writeFileSync(file, '3600');
  const [clock, aheadMs] = [clockOf(environment), aheadOf(environment)];
  expect([ahead(clock), aheadMs()]).toEqual([HOUR_MS, HOUR_MS]);
  writeFileSync(file, '7200');
  expect([ahead(clock), aheadMs()]).toEqual([2 * HOUR_MS, 2 * HOUR_MS]);
});
