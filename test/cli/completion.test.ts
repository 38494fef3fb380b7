import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'bursar-completion-'));
afterAll(() => rmSync(folder, { recursive: true }));

const COMMANDS = [
  'allocate',
  'approve',
  'audit',
  'backtest',
  'completion',
  'gate',
  'help',
  'keep',
  'plan',
  'recommend',
  'release',
  'report',
  'restore',
  'savings',
  'schedule',
  'schema',
  'simulate',
  'status',
  'stop',
  'tag',
  'unfreeze',
  'validate',
];
const REMOTE = ['--json', '--stack', '--region', '--profile', '-h', '--help'];

describe('in a real bash', () => {
  beforeAll(async () => {
    writeFileSync(join(folder, 'bursar.bash'), (await run(['completion', 'bash'])).out);
    for (const name of ['my policy.yaml', 'other.yaml']) writeFileSync(join(folder, name), '');
  });

  /** What bash would offer, the words broken as it breaks them: at `=` too. */
  function offers(...words: readonly string[]): readonly string[] {
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const script = [
      'source bursar.bash',
      'complete -p bursar >/dev/null || exit 1',
      `COMP_WORDS=(bursar ${quoted})`,
      `COMP_CWORD=${words.length}`,
      '_bursar',
      `printf '%s\\n' "\${COMPREPLY[@]}"`,
    ].join('\n');
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], {
      cwd: folder,
      encoding: 'utf8',
    });
    // compopt works in a completion alone.
    expect({ status, stderr: stderr.replace(/.*compopt.*\n/g, '') }).toEqual({ status: 0, stderr: '' });
    return stdout.split('\n').filter((line) => line !== '');
  }

  it('offers the commands', () => {
    expect(offers('').toSorted()).toEqual(COMMANDS);
    expect(offers('st').toSorted()).toEqual(['status', 'stop']);
    expect(offers('help', 'k')).toEqual(['keep']);
    expect(offers('-').toSorted()).toEqual(['--help', '--version', '-V', '-h']);
  });

  it('offers the options of the command', () => {
    expect(offers('status', '-').toSorted()).toEqual(['--project', ...REMOTE].toSorted());
    expect(offers('audit', '-').toSorted()).toEqual(
      ['--project', '--resource', '--since', ...REMOTE].toSorted(),
    );
    expect(offers('keep', 'i-1', '--').toSorted()).toEqual(
      ['--for', '--until', '--reason', ...REMOTE.filter((one) => one !== '-h')].toSorted(),
    );
    expect(offers('stop', '--n')).toEqual(['--no-wait']);
    expect(offers('stop', '-y', '--ye')).toEqual(['--yes']);
    expect(offers('tag', '--f')).toEqual(['--fix']);
    expect(offers('tag', '--fix', '--d')).toEqual(['--dry-run']);
  });

  it('offers values', () => {
    expect(offers('keep', 'i-1', '--for', '')).toEqual(['2h', '8h', '1d']);
    expect(offers('keep', 'i-1', '--for', '=', '2')).toEqual(['2h']);
    expect(offers('keep', 'i-1', '--until', '=')).toEqual(['tomorrow']);
    expect(offers('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  it('offers files where one is wanted, and nowhere else', () => {
    expect(offers('validate', 'my')).toEqual(['my policy.yaml']);
    expect(offers('validate', '').toSorted()).toEqual(['bursar.bash', 'my policy.yaml', 'other.yaml']);
    expect(offers('simulate', 'oth')).toEqual(['other.yaml']);
    expect(offers('simulate', 'other.yaml', 'my')).toEqual(['my policy.yaml']);
    expect(offers('simulate', 'other.yaml', '--policy', 'my')).toEqual(['my policy.yaml']);
    expect(offers('plan', '--ahead', '')).toEqual(['6h', '24h', '7d']);
    expect(offers('approve', 'sha256:0', '--plan', 'oth')).toEqual(['other.yaml']);
    expect(offers('stop', '')).toEqual([]);
    expect(offers('status', '--region', '')).toEqual([]);
  });
});

// These two shells are on few machines; that they obey these lines was tried by hand.
it('zsh gets every command and option with its description', async () => {
  const { code, out } = await run(['completion', 'zsh']);
  expect(code).toBe(0);
  expect(out).toMatch(/^#compdef bursar\n/);
  expect(out).toContain("    'keep:let Bursar stop nothing of these until a time'\n");
  expect(out).toContain("'--for=[for how long\\: 90m, 2h, 3d]:value:(2h 8h 1d)'");
  expect(out).toContain("'(-y --yes)'{-y,--yes}'[do not ask first]'");
  expect(out).toMatch(/validate\) _arguments .*'\*:argument:_files' ;;/);
  for (const command of COMMANDS) expect(out).toContain(`    ${command}) _arguments`);
});

it('fish too', async () => {
  const { out } = await run(['completion', 'fish']);
  for (const command of COMMANDS)
    expect(out).toContain(`complete -c bursar -n __fish_use_subcommand -a ${command} -d '`);
  expect(out).toContain(
    "complete -c bursar -n '__fish_seen_subcommand_from stop' -s y -l yes -d 'do not ask first'\n",
  );
  expect(out).toContain("complete -c bursar -n '__fish_seen_subcommand_from validate' -F\n");
});

it('knows no other shell', async () => {
  const { code, err } = await run(['completion', 'tcsh']);
  expect(code).toBe(2);
  expect(err).toContain("'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish.");
  expect((await run(['completion'])).code).toBe(2);
});
