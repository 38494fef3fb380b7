import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Gives all tests of a run one folder for what they write, which is removed when the run has ended, whatever they leave
 * in it: a process that many test files share does not tell when it ends.
 */
export default function setup(): (() => void) | undefined {
  // Once, though each project of vitest.config.ts asks for it.
  if (process.env.BURSAR_TEST_SCRATCH !== undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'bursar-tests-'));
  process.env.BURSAR_TEST_SCRATCH = folder;
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
