import fc from 'fast-check';
import { createColors } from 'picocolors';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { spendParts } from '../../lib/cli/spend-lines.ts';
import type { SpendRow } from '../../lib/cli/spend-row.ts';
import { type FakeBursar, startFakeBursar } from './fake-bursar.ts';
import { STATE, SWEEP } from './fixtures.ts';
import { run, useFake } from './run-cli.ts';
import { SPEND, spendRow } from './spend-rows.ts';

const AT = new Date('2026-11-25T10:30:00.000Z');

const shown = (
  spend: readonly SpendRow[],
  width: number | undefined = undefined,
  colours = false,
): readonly string[] => spendParts({ spend, at: AT }, { outColours: createColors(colours), width }).flat();

let fake: FakeBursar;
beforeAll(async () => {
  fake = await startFakeBursar();
});
afterAll(() => fake.stop());
beforeEach(() => {
  useFake(fake);
  fake.behave({
    sweep: () => ({ payload: { ...SWEEP, spend: SPEND } }),
    request: () => ({ payload: { state: STATE } }),
  });
});

describe('the spend in bursar status', () => {
  it.each([120, 100, 80, 60, 40])('fits %s columns', async (width) => {
    const { out, code } = await run(['status'], { width });
    expect(code).toBe(0);
    const [spend = ''] = out.split(/\n\nfraud-detection\n/);
    for (const line of spend.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(width);
    await expect(spend).toMatchFileSnapshot(`./snapshots/status-${width}.txt`);
  });

  it('is whole in a pipe, before what would happen', async () => {
    const { out } = await run(['status']);
    await expect(out).toMatchFileSnapshot('./snapshots/status-pipe.txt');
  });

  it('is of one project where one is asked for', async () => {
    const { out } = await run(['status', '--project', 'recsys']);
    expect(out).toContain('Spend in November 2026');
    expect(out).not.toMatch(/fraud-detection|vision|No project|\n {2}All /);
    const { out: none } = await run(['status', '--project', 'none']);
    expect(none).not.toContain('Spend in');
  });

  it('is whole for machines, with the freeze that the ledger knows', async () => {
    const { out } = await run(['status', '--json']);
    const { spend } = JSON.parse(out);
    expect(spend).toHaveLength(SPEND.length);
    expect(spend[0]).toEqual(JSON.parse(JSON.stringify(SPEND[0])));
    expect(spend[1]).toMatchObject({ project: 'recsys', frozenUntil: '2026-12-01T00:00:00.000Z' });
    expect(spend.at(-1).project).toBeNull();
  });

  it('is absent of a Bursar that has no meter', async () => {
    fake.behave({ sweep: () => ({ payload: SWEEP }), request: () => ({ payload: { state: STATE } }) });
    const { code, out } = await run(['status']);
    expect(code).toBe(0);
    expect(out).not.toContain('Spend in');
    expect(JSON.parse((await run(['status', '--json'])).out)).not.toHaveProperty('spend');
  });

  it('is refused where it is no amount', async () => {
    fake.behave({
      sweep: () => ({ payload: { ...SWEEP, spend: [spendRow({ billed: 'much' })] } }),
      request: () => ({ payload: { state: STATE } }),
    });
    const { code, err } = await run(['status']);
    expect(code).toBe(2);
    expect(err).toContain('spend.0.billed: not an amount');
  });

  it('tells of estimates that passed a limit, and of their rules', async () => {
    fake.behave({
      sweep: () => ({ payload: SWEEP }),
      request: () => ({
        payload: {
          state: {
            ...STATE,
            projects: [
              {
                project: 'recsys',
                estimates: [
                  { source: 'meter-day', spent: '104.04', limit: '100', asOf: '2026-11-25T10:30:00.000Z' },
                ],
                reached: [{ rule: 'estimated-day-100', at: '2026-11-25T10:30:00.000Z' }],
              },
            ],
          },
        },
      }),
    });
    const { out } = await run(['status']);
    expect(out).toContain('  spent an estimated $104.04 of $100.00 that day (2026-11-25 10:30 UTC)\n');
    expect(out).toContain('  100% of estimated spend per day reached\n');
  });
});

it('tells how many projects the answer had no room for, but not beside one that was asked for', () => {
  const of = { spend: [spendRow()], spendLeftOut: 12, at: AT };
  const io = { outColours: createColors(false), width: undefined };
  const line = '  Not shown: 12 more values of the project tag, none of them in the policy file.';
  expect(spendParts(of, io).flat().at(-1)).toBe(line);
  expect(spendParts({ ...of, only: 'recsys' }, io).flat()).not.toContain(line);
});

describe('the table of spend', () => {
  it('has no line for what has no project where that is nothing, and a sum where there are several', () => {
    const nothing = spendRow({ project: null, billed: '0', estimated: '0', running: 0 });
    const lines = shown([spendRow(), nothing]).join('\n');
    expect(lines).not.toMatch(/No project|All/);
    expect(shown([])).toEqual([]);
    expect(shown([nothing])).toEqual([]);
    expect(shown([spendRow(), spendRow({ project: 'b' })]).join('\n')).toMatch(
      /All +\$200\.00 +\$40\.00 +± \$8\.00/,
    );
  });

  it('shows the farther side of a band', () => {
    expect(shown([spendRow({ low: '100', high: '121' })])[2]).toContain('± $20.00');
    expect(shown([spendRow({ low: '119', high: '150' })])[2]).toContain('± $30.00');
  });

  it.each([
    ['799.99', 'green', '79%'],
    ['800', 'yellow', '80%'],
    ['999.99', 'yellow', '99%'],
    ['1000', 'red', '100%'],
  ] as const)('paints %s of 1,000 %s', (spent, colour, text) => {
    const row = spendRow({ monthly: { spent, limit: '1000' } });
    expect(shown([row], 200, true)[2]).toMatch(
      new RegExp(`${literal(createColors(true)[colour]('').slice(0, 5))}[█░]{10} ${text}`),
    );
    // Full where all is spent, and never before.
    expect(shown([row], 200)[2]?.includes('█'.repeat(10))).toBe(spent === '1000');
  });

  it('says when a limit is used up, of the limit that it shows', () => {
    const line = (fields: Partial<SpendRow>) => shown([spendRow(fields)])[2];
    const limit = { spent: '120', limit: '200' };
    expect(line({ monthly: { ...limit, runsOutAt: '2026-11-25T10:30:00.000Z' } })).toContain('used up');
    expect(line({ monthly: { ...limit, runsOutAt: '2026-11-25T22:30:00.000Z' } })).toContain(' 22:30 ');
    expect(line({ daily: limit })).toMatch(/60% + \$200\.00\/day/);
    expect(line({ total: { ...limit, since: '2026-01' }, daily: limit })).toContain('$200.00 in all');
    expect(line({ monthly: { spent: '1', limit: '0' } })).toContain('over');
  });

  it('makes visible what a terminal would obey', () => {
    const lines = shown([
      spendRow({
        project: '\u001b[2J',
        monthly: { spent: '100', limit: '100' },
        unpriced: { count: 1, some: [{ id: '\u001b[1A', kind: 'k', size: 's' }] },
      }),
    ]).join('\n');
    expect(lines).not.toContain('\u001b');
    expect(lines).toContain('\\u{1b}[2J');
  });

  it('fits, whatever the figures are', () => {
    const usd = fc.integer({ min: 0, max: 9_999_999 }).map((cents) => (cents / 100).toFixed(2));
    const limit = fc.option(fc.record({ spent: usd, limit: usd }), { nil: undefined });
    const row = fc.record({
      project: fc.option(fc.stringMatching(/^[a-z-]{1,20}$/), { nil: null }),
      billed: usd,
      estimated: usd,
      burn: usd,
      running: fc.nat(999),
      monthly: limit,
      daily: limit,
      frozenUntil: fc.option(fc.constant('2026-12-01T00:00:00.000Z'), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 6 }), fc.integer({ min: 52, max: 200 }), (rows, width) => {
        const lines = shown(
          rows.map((fields) => spendRow({ ...fields, low: fields.billed, high: fields.billed })),
          width,
        );
        for (const line of lines) expect([...line].length).toBeLessThanOrEqual(width);
      }),
      { numRuns: 200 },
    );
  });
});

describe('what is said below it', () => {
  const notes = (fields: Partial<SpendRow>) =>
    shown([spendRow(fields)])
      .slice(3)
      .join('\n');

  it('states the worst case near a limit, over one, and where one is used up within a day', () => {
    const worst =
      'Worst case: beyond a limit by at most $0.08, as it costs $1.01/h and is looked at again within 5 min.';
    expect(notes({ monthly: { spent: '80', limit: '100' } })).toContain(worst);
    expect(notes({ daily: { spent: '300', limit: '100' } })).toContain(worst);
    const limit = { spent: '10', limit: '100' };
    expect(notes({ monthly: { ...limit, runsOutAt: '2026-11-26T10:00:00.000Z' } })).toContain(worst);
    expect(notes({ monthly: { ...limit, runsOutAt: '2026-11-26T11:00:00.000Z' } })).not.toContain('Worst');
    expect(notes({ monthly: { spent: '80', limit: '100' }, worstCase: '0' })).not.toContain('Worst');
    expect(notes({})).not.toContain('Worst');
  });

  it('says where the figures come from', () => {
    expect(notes({ billedThrough: undefined })).toContain(
      'No day is billed in full yet. The rest is estimated',
    );
    expect(notes({ band: 'assumed' })).toContain('The ± is assumed;');
    expect(notes({ band: 'assumed', estimated: '0' })).not.toContain('assumed');
    const both = shown([
      spendRow({ project: 'a', billedThrough: '2026-11-22T00:00:00.000Z' }),
      spendRow({ project: 'b', band: 'assumed' }),
      spendRow({ project: 'c', billedThrough: undefined }),
    ]).join('\n');
    expect(both).toContain(
      'Billed through 2026-11-22 00:00 UTC for a; Billed through 2026-11-23 00:00 UTC for b; No day is billed in full yet for c.',
    );
    expect(both).toContain('The ± of b is assumed');
  });
});

const literal = (text: string): string => text.replaceAll('[', '\\[');
