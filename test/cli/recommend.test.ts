import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type ExitCode, UsageError } from '../../lib/cli/io.ts';
import { recommendBy } from '../../lib/cli/recommend.ts';
import { withDismissal } from '../../lib/cli/recommend-dismiss.ts';
import { recommendLines } from '../../lib/cli/recommend-lines.ts';
import {
  createBudgetsClient,
  createCostExplorerClient,
  createRegionClients,
} from '../../lib/fleet/clients.ts';
import { pricesOf } from '../../lib/fleet/discover.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { RecommendationsJsonSchema } from '../../lib/recommend/json.ts';
import { microUsd, ZERO_USD } from '../../lib/types/money.ts';
import { recommendation, VOLUME } from '../recommend/fixtures.ts';
import { NOW, recordedIo } from './run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'bursar-recommend-'));
afterAll(() => rmSync(folder, { recursive: true }));

const BASE = `# Our budgets.
version: 1
projects: { recsys: { budget: 12000 USD } }   # the only one
policies: [{ name: development, match: {}, idle: 'off' }]
`;
const POLICY = join(folder, 'bursar.yaml');
const ID = `gp2-to-gp3 ${VOLUME}`;

const CONTEXT = {
  account: '111122223333',
  region: 'us-east-1',
  clients: createRegionClients('us-east-1'),
  prices: pricesOf(new Map()),
  now: () => NOW,
};

const small = recommendation({
  resource: { arn: `${VOLUME}b`, project: undefined, owner: undefined },
  monthly: microUsd(3_600_000n),
});

/** Runs the command in this process over an account without regions, in which one check finds two things. */
async function run(...args: readonly string[]) {
  let code: ExitCode | undefined;
  const { io, said } = recordedIo();
  const command = recommendBy(async () => ({
    awsContexts: async () => ({
      account: '111122223333',
      regions: new Map([['us-east-1', CONTEXT]]),
      cloudTrails: new Map(),
      budgets: createBudgetsClient(),
      costExplorer: createCostExplorerClient(),
    }),
    checks: [
      {
        name: 'gp2-to-gp3',
        title: 'Volumes of the older type gp2',
        scope: 'region',
        permissions: [],
        find: async () => [recommendation(), small],
      },
    ],
    discover: async () => ({ fleet: [], notes: [] }),
  }))(io, (result) => {
    code = result;
  });
  let error: unknown;
  await command.parseAsync([...args], { from: 'user' }).catch((thrown: unknown) => {
    error = thrown;
  });
  return { code, error: error instanceof UsageError ? error.message : error, ...said };
}

describe('bursar recommend', () => {
  it('tells each with its dollars, what was seen and kept, and what to run', async () => {
    writeFileSync(POLICY, BASE);
    const { code, out } = await run('--policy', POLICY);
    expect(code).toBe(0);
    expect(out).toContain('2 recommendations, $13.60 a month\n');
    expect(out).toContain(`$10.00  Change volume vol-0a1 from gp2 to gp3.
  where  EBS volume vol-0a1 in us-east-1, recsys, ana
  saves  500 GiB × ($0.10 - $0.08) a month.
  seen   It is a volume of 500 GiB of the type gp2.
  keeps  It keeps 3,000 IOPS, where gp2 gave 1,500.
  grade  risk low, effort low, confidence high
  run    aws ec2 modify-volume --volume-id vol-0a1 --volume-type gp3
  id     ${ID}
`);
    expect(out).toContain('where  EBS volume vol-0a1 in us-east-1, no project\n');
  });

  it('takes a line each with --brief, and leaves out by --min', async () => {
    const { out } = await run('--policy', POLICY, '--brief', '--min', '5');
    expect(out).toMatch(
      /USD\/MONTH +PROJECT +RISK +EFFORT +SURE +WHAT\n.*\$10\.00 +recsys +low +low +high +Change/,
    );
    expect(out).toContain('1 more save less than $5.00 a month each, and are left out by --min.');
    expect(out).not.toContain('$3.60');
  });

  it('prints JSON of its form', async () => {
    const { out } = await run('--policy', POLICY, '--json');
    const { account, ...rest } = z.looseObject({ account: z.string() }).parse(JSON.parse(out));
    expect(account).toBe('111122223333');
    const { open, monthly } = RecommendationsJsonSchema.parse(rest);
    expect(monthly).toBe('13.6');
    expect(open.map(({ id, resource }) => [id, resource.project])).toEqual([
      [ID, 'recsys'],
      [small.id, null],
    ]);
  });

  it.each([
    [['--check', 'gp3'], '--check: "gp3" is no check. Write one of: gp2-to-gp3.'],
    [['--min', 'much'], '--min: "much" is no amount. Write US dollars a month, such as 20.'],
  ])('refuses %j', async (args, message) => {
    expect((await run('--policy', POLICY, ...args)).error).toBe(message);
  });

  it('says so where nothing is found, and where nothing saves as much', () => {
    const nothing = { open: [], dismissed: [], monthly: ZERO_USD, notes: [] };
    const { io } = recordedIo();
    const said = (least: bigint) => recommendLines(nothing, io, { brief: false, least: microUsd(least) });
    expect(said(0n)).toEqual(['Nothing was found that could cost less.']);
    expect(said(1n)).toEqual(['Nothing was found that saves as much.']);
  });
});

describe('bursar recommend dismiss', () => {
  const dismiss = (id: string, until = '2027-01-31', reason = 'moves in January') =>
    run('dismiss', id, '--until', until, '--reason', reason, '--policy', POLICY);

  it('writes it into the policy file, and leaves every other character', async () => {
    writeFileSync(POLICY, BASE);
    expect((await dismiss(ID)).code).toBe(0);
    const text = readFileSync(POLICY, 'utf8');
    expect(text.startsWith(BASE)).toBe(true);
    expect(parsePolicy(text, POLICY).dismissed).toEqual([
      { recommendation: ID, until: '2027-01-31', reason: 'moves in January' },
    ]);
    await dismiss(`* ${VOLUME}b`, '2026-12-24', 'it is "kept": for #42');
    expect(parsePolicy(readFileSync(POLICY, 'utf8'), POLICY).dismissed[1]).toEqual({
      recommendation: `* ${VOLUME}b`,
      until: '2026-12-24',
      reason: 'it is "kept": for #42',
    });
    expect((await run('--policy', POLICY, '--dismissed')).out).toBe(
      '$10.00  Change volume vol-0a1 from gp2 to gp3.\n  until 2027-01-31: moves in January\n$3.60  Change volume vol-0a1 from gp2 to gp3.\n  until 2026-12-24: it is "kept": for #42\n',
    );
    expect((await run('--policy', POLICY)).out).toContain('2 dismissed; --dismissed shows them.');
  });

  it.each([
    ['gp2', '2027-01-31', 'why', /is no id of a recommendation/],
    [ID, '2027-02-30', 'why', /"2027-02-30" is no day/],
    [ID, '2026-11-20', 'why', /2026-11-20 is over/],
    [ID, '2028-01-01', 'why', /more than a year away/],
    [ID, '2027-01-31', ' ', /--reason: It is empty/],
    [ID, '2027-01-31', 'why', /is dismissed there already/],
  ])('refuses %s until %s for %j and leaves the file', async (id, until, reason, message) => {
    const before = readFileSync(POLICY, 'utf8');
    expect((await dismiss(id, until, reason)).error).toMatch(message);
    expect(readFileSync(POLICY, 'utf8')).toBe(before);
  });

  const one = { recommendation: ID, until: '2027-01-31', reason: 'later' };

  it.each([
    ['no newline at its end', BASE.trimEnd()],
    ['an empty list', `${BASE}dismissed: []\n# the end\n`],
    [
      'a list in the middle',
      `dismissed:\n    - { recommendation: "* arn:a", until: 2026-12-01, reason: x } # a\n\n# next\n${BASE}`,
    ],
    [
      'a list without indentation',
      `${BASE}dismissed:\n- recommendation: "* arn:a"\n  until: 2026-12-01\n  reason: x\n`,
    ],
  ])('adds a line to a file with %s', (_, text) => {
    const changed = withDismissal(text, one);
    expect(changed).toBeDefined();
    const before = parsePolicy(text, 'x').dismissed;
    expect(parsePolicy(changed ?? '', 'x').dismissed).toEqual([...before, one]);
    for (const comment of text.match(/#.*/g) ?? []) expect(changed).toContain(comment);
  });

  it('leaves a list in one line to whoever wrote it', () => {
    const flow = `${BASE}dismissed: [{ recommendation: "* arn:a", until: 2026-12-01, reason: x }]\n`;
    expect(withDismissal(flow, one)).toBeUndefined();
  });

  it('reads back whatever reason is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (reason) => {
        const changed = withDismissal(BASE, { ...one, reason });
        expect(parsePolicy(changed ?? '', 'x').dismissed).toEqual([{ ...one, reason }]);
      }),
      { numRuns: 50 },
    );
  });
});
