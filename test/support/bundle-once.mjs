// Stands before `npx` in a run of the tests: the CDK has each stack bundle every Lambda anew, ten times two seconds of
// CPU, and a run deploys the same sources many times. What the same command made of the same sources is made once.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
/** What goes into a bundle: the lock file stands for the packages. */
const SOURCES = ['lib', 'lambdas', 'package.json', 'package-lock.json', 'tsconfig.json'];
const WAIT_MS = 100;
/** Whoever holds a bundle for longer has been ended in the middle of it. */
const GIVE_UP_MS = 120_000;

const [store = '', npx = '', ...args] = process.argv.slice(2);

/** The command as it is. @returns its exit code */
const run = () => spawnSync(npx, args, { stdio: 'inherit' }).status ?? 1;

function hashOf(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

/** Names and contents of all files below. */
function* contentOf(name) {
  const path = join(ROOT, name);
  const inside = readdirSync(path, { recursive: true, withFileTypes: true, encoding: 'utf8' });
  for (const file of inside
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .sort()) {
    yield file;
    yield readFileSync(file);
  }
}

function* sources() {
  for (const name of SOURCES) {
    if (/\./.test(name)) yield readFileSync(join(ROOT, name));
    else yield* contentOf(name);
  }
}

/** Takes the bundle of another, or makes it. @returns the exit code */
function once(outfile) {
  const made = join(store, hashOf([...args.filter((arg) => !arg.startsWith(OUTFILE)), ...sources()]));
  const lock = `${made}.lock`;
  mkdirSync(store, { recursive: true });
  for (const deadline = Date.now() + GIVE_UP_MS; !existsSync(made); pause()) {
    if (Date.now() > deadline) return run();
    try {
      mkdirSync(lock);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      continue;
    }
    try {
      // It may have come while this one looked.
      if (existsSync(made)) break;
      const code = run();
      if (code !== 0) return code;
      copyFileSync(outfile, `${made}.new`);
      renameSync(`${made}.new`, made);
      return code;
    } finally {
      rmdirSync(lock);
    }
  }
  copyFileSync(made, outfile);
  return 0;
}

const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);

const OUTFILE = '--outfile=';
const outfile = args.find((arg) => arg.startsWith(OUTFILE))?.slice(OUTFILE.length);
/** A command that writes one file, of these sources. */
const isOne =
  args[0] === '--no-install' &&
  args[1] === 'esbuild' &&
  process.cwd() === ROOT &&
  outfile !== undefined &&
  !args.some((arg) => /^--(sourcemap|metafile|splitting)/.test(arg));
process.exitCode = isOne ? once(outfile) : run();
