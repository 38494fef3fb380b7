import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Gives all tests of a run one folder for what they write, which is removed when the run has ended, whatever they leave
 * in it: a process that many test files share does not tell when it ends. What the run bundles is kept in it too.
 */
export default function setup(): (() => void) | undefined {
  // Once, though each project of vitest.config.ts asks for it.
  if (process.env.BURSAR_TEST_SCRATCH !== undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'bursar-tests-'));
  process.env.BURSAR_TEST_SCRATCH = folder;
  process.env.TMPDIR = folder;
  process.env.PATH = [bundleOnce(folder), process.env.PATH ?? ''].join(delimiter);
  return () => rmSync(folder, { recursive: true, force: true });
}

/** Puts `bundle-once.mjs` before `npx`. @returns the folder with it, for the PATH */
function bundleOnce(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const npx = (process.env.PATH ?? '')
    .split(delimiter)
    .map((path) => join(path, 'npx'))
    .find((file) => existsSync(file));
  if (npx === undefined) return bin;
  const words = [
    process.execPath,
    fileURLToPath(new URL('bundle-once.mjs', import.meta.url)),
    join(folder, 'bundles'),
    npx,
  ];
  const script = join(bin, 'npx');
  writeFileSync(script, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`);
  chmodSync(script, 0o755);
  return bin;
}
