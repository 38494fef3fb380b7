// Gets the project ready on a fresh machine: Node packages and the local AWS. Imports nothing that is not
// part of Node, since it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => join(ROOT, ...parts);

/** Ends with one message that says what is wrong and how to mend it. */
function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}

/** Runs a command and shows what it says only where it fails. */
function run(what, command, args, mend) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' });
  if (status === 0) return;
  const said = `${stdout ?? ''}\n${stderr ?? ''}`.trim().split('\n').slice(-12).join('\n');
  fail(`${what} failed. ${mend}\n${error?.message ?? said}`);
}

const hashOf = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Does a piece of work once for each content of a file. */
function once(marker, file, work) {
  const wanted = hashOf(file);
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  work();
  writeFileSync(marker, wanted);
}

const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 20) fail(`Node ${process.versions.node} is too old. Install Node 20 or newer.`);

const NETWORK = 'Check the network and the registry settings, then run it again.';
once(at('node_modules', '.bursar-lock'), at('package-lock.json'), () => {
  console.log('setup: installing the Node packages …');
  run('npm ci', process.platform === 'win32' ? 'npm.cmd' : 'npm', ['ci', '--no-audit', '--no-fund'], NETWORK);
});

// The Node that Lambda runs comes as a package, whose install script fetches the binary.
if (spawnSync(at('node_modules', '.bin', 'node'), ['--version']).status !== 0) {
  fail(
    'The package "node" has no binary, since its install script was not run. Allow install scripts, remove node_modules, and run it again.',
  );
}

/** The first Python that is new enough, among the names that it goes by. */
function findPython() {
  const test = 'import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 10) else 1)';
  return ['python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10'].find(
    (name) => spawnSync(name, ['-c', test]).status === 0,
  );
}

once(at('.venv', '.bursar-requirements'), at('requirements.txt'), () => {
  const python = findPython();
  if (python === undefined) {
    fail(
      'No Python 3.10 or newer with venv was found. Install python3 and python3-venv; the local AWS needs it.',
    );
  }
  console.log('setup: installing MiniStack and moto into .venv …');
  rmSync(at('.venv'), { recursive: true, force: true });
  run('python -m venv', python, ['-m', 'venv', at('.venv')], 'Install python3-venv.');
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '-r',
    at('requirements.txt'),
  ];
  run('pip install', at('.venv', 'bin', 'python'), pip, NETWORK);
});
