import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import * as z from 'zod';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'bursar-pipelines-'));
afterAll(() => rmSync(folder, { recursive: true }));

const text = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

function yaml(file: string): unknown {
  const document = parseDocument(text(file));
  expect([...document.errors, ...document.warnings]).toEqual([]);
  return document.toJS();
}

const StepSchema = z.object({
  uses: z.string().optional(),
  run: z.string().optional(),
  shell: z.string().optional(),
  env: z.record(z.string(), z.unknown()).optional(),
  with: z.record(z.string(), z.unknown()).optional(),
});
const ActionSchema = z.object({
  inputs: z.record(z.string(), z.object({ description: z.string(), default: z.string().optional() })),
  runs: z.object({ using: z.literal('composite'), steps: z.array(StepSchema) }),
});
const WorkflowSchema = z.object({
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(z.string(), z.object({ steps: z.array(StepSchema) })),
});

const action = ActionSchema.parse(yaml('action.yml'));
const workflow = WorkflowSchema.parse(yaml('.github/workflows/ci.yml'));
const steps = [...action.runs.steps, ...Object.values(workflow.jobs).flatMap((job) => job.steps)];

describe('the action and the workflow', () => {
  it('pin what they use to whole commits', () => {
    const used = steps.flatMap(({ uses }) => (uses === undefined || uses.startsWith('./') ? [] : [uses]));
    expect(used.length).toBeGreaterThan(4);
    for (const one of used) expect(one).toMatch(/^[\w./-]+@[0-9a-f]{40}$/);
  });

  it('let no input or event be read as shell: expressions stand in no script', () => {
    for (const { run, shell } of steps) {
      expect(run ?? '').not.toContain('${{');
      expect(shell ?? 'bash').toBe('bash');
    }
    for (const { run, shell } of action.runs.steps) if (run !== undefined) expect(shell).toBe('bash');
  });

  it('give the script each input that it reads, and nobody a right that is not needed', () => {
    const env = action.runs.steps.flatMap(({ env: own = {} }) => Object.keys(own));
    const read = new Set(
      `${text('ci/github-gate.sh')}${text('ci/gate-options.sh')}`.match(/\bGATE_[A-Z_]+/g),
    );
    for (const name of read) expect(env).toContain(name);
    expect(workflow.permissions).toEqual({ contents: 'read' });
  });

  it('is asked by the workflow for inputs that it has alone', () => {
    const own = steps.find(({ uses }) => uses === './')?.with ?? {};
    for (const name of Object.keys(own)) expect(Object.keys(action.inputs)).toContain(name);
  });

  it('has scripts that bash can read', () => {
    for (const file of ['ci/github-gate.sh', 'ci/gitlab-gate.sh', 'ci/gate-options.sh']) {
      expect(spawnSync('bash', ['-n', join(ROOT, file)], { encoding: 'utf8' })).toMatchObject({
        status: 0,
        stderr: '',
      });
    }
  });
});

/** A program of that name on the PATH of the scripts. */
function program(name: string, script: string): void {
  const file = join(folder, name);
  writeFileSync(file, script);
  chmodSync(file, 0o755);
}

const CALLS = join(folder, 'calls');
const COMMENTS = join(folder, 'comments.json');
const calls = (): readonly string[] =>
  readFileSync(CALLS, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
const comments = (): readonly { id: number; user: { login: string }; body: string }[] =>
  JSON.parse(readFileSync(COMMENTS, 'utf8'));

// As the gate would: writes the comment that it is told to, and ends with a code.
program(
  'node',
  `#!/usr/bin/env bash
printf '%s\\n' "$@" >> '${CALLS}'
for one in "$@"; do
  case "$one" in --markdown=*) [ "\${FAKE_CODE:-0}" = 2 ] || printf '<!-- bursar-gate:%s -->\\n%s\\n' "\${GATE_COMMENT_KEY:-default}" "\${FAKE_BODY:-first}" > "\${one#*=}" ;; esac
done
exit "\${FAKE_CODE:-0}"
`,
);
// As far as the script goes: lists, adds and changes comments in a file.
program(
  'gh',
  `#!/usr/bin/env bash
set -euo pipefail
[ "\${FAKE_GH:-}" != refuses ] || { echo 'HTTP 403' >&2; exit 1; }
printf 'gh %s\\n' "$*" | tr '\\n' ' ' >> '${CALLS}'; echo >> '${CALLS}'
method=GET; filter=.; body=; path=
while [ $# -gt 0 ]; do
  case "$1" in
    api | --paginate | --silent) ;;
    --method) method="$2"; shift ;;
    --jq) filter="$2"; shift ;;
    --field) body="\${2#body=@}"; shift ;;
    *) path="$1" ;;
  esac
  shift
done
case "$method" in
  GET) jq -r "$filter" '${COMMENTS}' ;;
  POST) jq --rawfile body "$body" '. + [{ id: (length + 1), user: { login: "github-actions[bot]" }, body: $body }]' '${COMMENTS}' > '${COMMENTS}.new'; mv '${COMMENTS}.new' '${COMMENTS}' ;;
  PATCH) jq --rawfile body "$body" --argjson id "\${path##*/}" 'map(if .id == $id then .body = $body else . end)' '${COMMENTS}' > '${COMMENTS}.new'; mv '${COMMENTS}.new' '${COMMENTS}' ;;
esac
`,
);
writeFileSync(join(folder, 'event.json'), JSON.stringify({ pull_request: { number: 7 } }));
writeFileSync(join(folder, 'push.json'), JSON.stringify({ ref: 'refs/heads/main' }));

function runScript(script: string, env: Readonly<Record<string, string>>) {
  writeFileSync(join(folder, 'output'), '');
  writeFileSync(join(folder, 'summary'), '');
  const { status, stdout, stderr } = spawnSync('bash', [join(ROOT, script)], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: `${folder}:${process.env.PATH ?? ''}`,
      RUNNER_TEMP: folder,
      GITHUB_OUTPUT: join(folder, 'output'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      GITHUB_EVENT_PATH: join(folder, 'event.json'),
      GITHUB_REPOSITORY: 'acme/app',
      GATE_PATHS: 'a.yaml',
      ...env,
    },
  });
  return {
    status,
    stdout,
    stderr,
    output: readFileSync(join(folder, 'output'), 'utf8'),
    summary: readFileSync(join(folder, 'summary'), 'utf8'),
  };
}

const github = (env: Readonly<Record<string, string>> = {}) => runScript('ci/github-gate.sh', env);

describe('the script of the action', () => {
  beforeEach(() => {
    writeFileSync(CALLS, '');
    writeFileSync(COMMENTS, '[]');
  });

  it('writes one comment, and updates it in place', () => {
    const other = { id: 1, user: { login: 'eve' }, body: '<!-- bursar-gate:default -->\nforged' };
    writeFileSync(COMMENTS, JSON.stringify([other]));
    expect(github({ FAKE_BODY: 'over', FAKE_CODE: '1' })).toMatchObject({
      status: 0,
      output: expect.stringContaining('exit-code=1\nverdict=over\n'),
      summary: '<!-- bursar-gate:default -->\nover\n',
    });
    expect(github({ FAKE_BODY: 'pass' }).output).toContain('verdict=pass\n');
    expect(comments()).toEqual([
      other,
      { id: 2, user: { login: 'github-actions[bot]' }, body: '<!-- bursar-gate:default -->\npass\n' },
    ]);
    github({ FAKE_BODY: 'beside', GATE_COMMENT_KEY: 'other' });
    expect(comments()).toHaveLength(3);
  });

  it('reads no input as shell or as an option', () => {
    const evil = '$(touch hacked) `touch hacked`; touch hacked';
    github({
      GATE_PATHS: `  ${evil}\n\n--pick\n`,
      GATE_PROJECT: evil,
      GATE_PARAMETERS: `A=${evil}\nB=2`,
      GATE_BASE: 'none.yaml',
    });
    expect(calls().slice(1)).toEqual(
      expect.arrayContaining([`--project=${evil}`, `--parameter=A=${evil}`, '--parameter=B=2']),
    );
    const after = calls().slice(calls().indexOf('--') + 1);
    expect(after.slice(0, 2)).toEqual([evil, '--pick']);
    expect(calls()).not.toContain('--base=none.yaml');
    expect(spawnSync('ls', [folder], { encoding: 'utf8' }).stdout).not.toContain('hacked');
  });

  it('comments on pull requests alone, and only where it may', () => {
    expect(github({ GITHUB_EVENT_PATH: join(folder, 'push.json') }).stdout).toContain('no pull request');
    github({ GATE_COMMENT: 'false' });
    expect(comments()).toEqual([]);
    const refused = github({ FAKE_GH: 'refuses' });
    expect(refused.status).toBe(0);
    expect(refused.stdout).toContain('::warning title=Bursar gate::The comment could not be written.');
  });

  it('says nothing where the gate could not be run', () => {
    expect(github({ FAKE_CODE: '2' })).toMatchObject({
      status: 0,
      summary: '',
      output: expect.stringContaining('verdict=error\n'),
    });
    expect(comments()).toEqual([]);
  });
});

describe('the GitLab template', () => {
  const TemplateSchema = z.object({
    'bursar-gate': z.object({
      script: z.array(z.string()),
      before_script: z.array(z.string()),
      variables: z.record(z.string(), z.string()),
    }),
  });

  it('sets what its script reads, and pins Bursar by a commit', () => {
    const { 'bursar-gate': job } = TemplateSchema.parse(yaml('ci/gitlab-gate.yml'));
    const named = Object.keys(job.variables);
    const read = new Set(text('ci/gate-options.sh').match(/\bGATE_[A-Z_]+/g));
    read.delete('GATE_SARIF');
    for (const name of read) expect(named).toContain(name);
    expect(job.before_script.join('\n')).toContain('$BURSAR_COMMIT');
  });

  it('compares with the same paths of the target branch', () => {
    const { 'bursar-gate': job } = TemplateSchema.parse(yaml('ci/gitlab-gate.yml'));
    const script = job.script.find((one) => one.includes('GATE_BASE=')) ?? '';
    const { stdout } = spawnSync('bash', ['-c', `${script}\nprintf '%s' "$GATE_BASE"`], {
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH ?? '',
        GATE_PATHS: 'a.yaml\n  infra/b.json\n',
        GATE_BASE_FOLDER: '.base',
      },
    });
    expect(stdout).toBe('.base/a.yaml\n.base/infra/b.json');
  });

  it('writes one note, and updates it in place', async () => {
    const notes: { id: number; author: { id: number }; body: string }[] = [
      { id: 1, author: { id: 9 }, body: '<!-- bursar-gate:default -->\nforged' },
    ];
    const server = createServer((request, response) => {
      let said = '';
      request.on('data', (chunk) => {
        said += chunk;
      });
      request.on('end', () => {
        const { pathname, searchParams } = new URL(request.url ?? '', 'http://gitlab');
        const answer = (value: unknown, headers = {}): void => {
          response.writeHead(request.headers['private-token'] === 'secret' ? 200 : 401, headers);
          response.end(JSON.stringify(value));
        };
        if (pathname === '/api/v4/user') return answer({ id: 5 });
        const { body } = said === '' ? { body: '' } : z.object({ body: z.string() }).parse(JSON.parse(said));
        if (request.method === 'POST') notes.push({ id: notes.length + 1, author: { id: 5 }, body });
        const changed = notes.find(({ id }) => pathname.endsWith(`/notes/${id}`));
        if (request.method === 'PUT' && changed !== undefined) changed.body = body;
        // A note a page, so that all pages must be read.
        const page = Number(searchParams.get('page') ?? '1');
        answer(request.method === 'GET' ? notes.slice(page - 1, page) : {}, {
          'x-next-page': page < notes.length ? String(page + 1) : '',
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const file = join(folder, 'note.md');
    const write = async (body: string, token = 'secret') => {
      writeFileSync(file, `<!-- bursar-gate:default -->\n${body}\n`);
      return promisify(execFile)(process.execPath, [join(ROOT, 'ci/gitlab-note.mjs'), file], {
        env: {
          CI_API_V4_URL: `http://127.0.0.1:${port}/api/v4`,
          CI_PROJECT_ID: '42',
          CI_MERGE_REQUEST_IID: '7',
          GATE_TOKEN: token,
        },
      });
    };
    try {
      await write('first');
      await write('second');
      expect(notes.map(({ id, body }) => [id, body.split('\n')[1]])).toEqual([
        [1, 'forged'],
        [2, 'second'],
      ]);
      await expect(write('third', 'wrong')).rejects.toThrow(/GitLab answered 401/);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('ends as the gate does', () => {
    writeFileSync(CALLS, '');
    for (const code of [0, 1, 2]) {
      expect(runScript('ci/gitlab-gate.sh', { FAKE_CODE: String(code) }).status).toBe(code);
    }
  });
});

describe('the example', () => {
  it('passes as it stands, by its own prices, and costs what is worked out by hand', async () => {
    const at = (file: string): string => join(ROOT, 'examples/ml-app', file);
    const { run } = await import('../cli/run-cli.ts');
    const { GateJsonSchema } = await import('../../lib/gate/json.ts');
    const { code, out } = await run([
      'gate',
      at('template.yaml'),
      at('train.json'),
      ...['--policy', at('bursar.yaml'), '--usage', at('bursar-usage.yaml')],
      ...['--prices', at('bursar-prices.yaml'), '--committed', '2600', '--json'],
    ]);
    const said = GateJsonSchema.parse(JSON.parse(out));
    expect([code, said.verdict]).toEqual([0, 'pass']);
    expect(said.items.map(({ id, after }) => [id, after])).toEqual([
      ['template/Endpoint/main', '1027.84'], // 730 × 1.408
      ['template/Notebook', '10.74'], // 170 × 0.05 + 20 × 0.112
      ['template/Artifacts', '4.6'], // 200 × 0.023
      ['nlp-search-nightly', '90.9'], // 30 × 2 h × 1.515
    ]);
  });
});
