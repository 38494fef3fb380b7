import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeText } from '../../lib/page/html.ts';
import { levelTree } from '../../lib/page/report-budget.ts';
import { ownCost } from '../../lib/page/report-own-cost.ts';
import { reportPage } from '../../lib/page/report-page.ts';
import { verdictOf } from '../../lib/page/report-reconciled.ts';
import { toCent } from '../../lib/report/cents.ts';
import type { Report } from '../../lib/report/report.ts';
import { shownAllocation, shownSpends } from '../../lib/report/shown.ts';
import { formatUsd, microUsd, parseUsd, sumUsd, type Usd, ZERO_USD } from '../../lib/types/money.ts';
import { anyReport, sampleReport } from '../support/report-fixture.ts';
import { NASTY } from './arbitraries.ts';
import { harmFaults } from './harm.ts';

const SAMPLE = reportPage(sampleReport());

/** The part of a page under a heading. */
const partOf = (page: string, id: string): string => {
  const start = page.indexOf(`<section aria-labelledby="${id}"`);
  expect(start, id).toBeGreaterThan(0);
  return page.slice(start, page.indexOf('</section>', start));
};

/** Amounts of cells, by row, as they are shown. */
function amountsOf(markup: string): readonly (readonly Usd[])[] {
  return [...markup.matchAll(/<tr[^>]*>([\s\S]*?)<\/tr>/g)].map(([, row = '']) =>
    [...row.matchAll(/<t[dh][^>]*>([\s\S]*?)<\/t[dh]>/g)].flatMap(([, cell = '']) => {
      const text = /^\s*(-?)\$([\d,]+\.\d\d)\s*$/.exec(cell.replace(/<[^>]*>/g, ''));
      const zero = /^\s*0\s*$/.test(cell.replace(/<[^>]*>/g, ''));
      if (zero) return [ZERO_USD];
      return text === null ? [] : [parseUsd(`${text[1]}${text[2]}`) ?? ZERO_USD];
    }),
  );
}

test('any report makes a well-formed page that says all its notes, and runs nothing of what it is given', () => {
  const inherited = Object.getOwnPropertyNames(Object.prototype).sort();
  fc.assert(
    fc.property(anyReport, (report) => {
      const page = reportPage(report);
      expect(harmFaults(page)).toEqual([]);
      for (const said of [
        ...report.notes,
        ...report.savings.assumptions,
        ...report.ownCost.without,
        ...(report.allocation?.rules ?? []).flatMap(({ explained, fallbacks }) => [
          ...explained,
          ...fallbacks,
        ]),
      ])
        expect(page).toContain(escapeText(said));
      for (const { reason } of report.savings.stops) expect(page).toContain(escapeText(reason));
      for (const { id } of report.running ?? []) expect(page).toContain(escapeText(id));
    }),
    { numRuns: 8 },
  );
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(inherited);
});

test('names that attack, that every object has, that never end or run from right to left are text', () => {
  const names = [...NASTY, '__proto__', 'constructor', 'x'.repeat(200), 'مشروع الرؤية'];
  for (let first = 0; first < names.length; first += 6) {
    const some = names.slice(first, first + 6);
    const own = new Map(
      sampleReport()
        .levels.flatMap(({ level, name }) => (level === 'project' ? [name] : []))
        .map((name, index) => [name, some[index] ?? name]),
    );
    const page = reportPage({
      ...sampleReport({ rename: (name) => own.get(name) ?? name, running: 3, stops: 3 }),
      project: some[0],
    });
    expect(harmFaults(page)).toEqual([]);
    expect(page).toContain(`<h1>November 2026: ${escapeText(some[0] ?? '')}</h1>`);
    for (const nasty of some) expect(page).toContain(`<bdi>${escapeText(nasty)}</bdi>`);
  }
});

test('each level stands once, beneath what it is in', () => {
  fc.assert(
    fc.property(anyReport, ({ levels }) => {
      const tree = levelTree(levels);
      expect(tree).toHaveLength(levels.length);
      expect(new Set(tree.map(({ level }) => level)).size).toBe(levels.length);
    }),
  );
  expect(levelTree(sampleReport().levels).map(({ level, depth }) => `${depth} ${level.name}`)).toEqual([
    '0 risk',
    '1 fraud-detection',
    '2 scorer-v3',
    '2 embeddings',
    '1 credit-scoring',
    '0 growth',
    '1 recsys',
    '2 two-tower',
    '1 search-ranking',
    '1 vision',
    '0 playground',
    '0 ',
  ]);
});

test('what is allocated sums to the cent, across and down, as it stands on the page', () => {
  const report = sampleReport();
  const part = partOf(SAMPLE, 'allocation');
  const rows = amountsOf(part.slice(part.indexOf('Who pays what'), part.indexOf('How what is shared')));
  const [, ...cells] = rows;
  const total = cells.at(-1) ?? [];
  const body = cells.slice(0, -1);
  expect(body).toHaveLength(8);
  for (const row of cells) expect(sumUsd(row.slice(0, -1))).toBe(row.at(-1));
  for (const [column, sum] of total.entries())
    expect(sumUsd(body.map((row) => row[column] ?? ZERO_USD))).toBe(sum);
  expect(total.at(-1)).toBe(toCent(report.allocation?.total ?? ZERO_USD));
  // Each rule’s own table says the same.
  const shown = shownAllocation(report.allocation ?? failed());
  for (const [index, rule] of shown.rules.entries()) {
    const table = amountsOf(part.slice(part.indexOf(`<h4><bdi>${rule}</bdi>`)).split('</table>')[0] ?? '')
      .map((row) => row.at(-1) ?? ZERO_USD)
      .slice(1);
    expect(table.at(-1)).toBe(shown.columns.shared[index]);
    expect(sumUsd(table.slice(0, -1))).toBe(table.at(-1));
  }
});

test('days and levels say the same of each project, to the cent', () => {
  const report = sampleReport({ projects: 14 });
  const rows = amountsOf(partOf(reportPage(report), 'days'));
  const [, ...cells] = rows;
  const total = cells.at(-1) ?? [];
  expect(cells).toHaveLength(26);
  for (const row of cells) {
    const [all, estimated, billed] = row.toReversed();
    expect(sumUsd([billed ?? ZERO_USD, estimated ?? ZERO_USD])).toBe(all);
    expect(sumUsd(row.slice(0, -3))).toBe(all);
  }
  const spends = shownSpends(report);
  const shown = (name: string) =>
    spends.of(report.levels.find((one) => one.level === 'project' && one.name === name) ?? failed()).spent;
  expect(total[0]).toBe(shown('recsys'));
  expect(total.at(-1)).toBe(spends.total.spent);
  // Eight projects, the six others together, and what has no project; billed, estimated, total.
  expect(total).toHaveLength(8 + 1 + 1 + 3);
});

const failed = (): never => {
  throw new Error('the sample lacks what it should have');
};

test('the head says what to look at first, in the figures of the tables', () => {
  const short = partOf(SAMPLE, 'short');
  expect(short).toMatch(/✗ over[\s\S]*<bdi>vision<\/bdi>[\s\S]*spent \$1,000\.09 of \$900\.00: 111\.1%/);
  expect(short).toMatch(/<bdi>recsys<\/bdi>[\s\S]*will have used up its limit by 11-28 03:30 UTC/);
  expect(SAMPLE).toContain('<dt>Spent so far</dt><dd>$20,523.92');
  expect(SAMPLE).toContain('$19,766.83 billed + $757.09 estimated');
  expect(SAMPLE).toContain('<div class="good"><dt>Difference to the bill</dt><dd>$0.00');
  const calm = sampleReport({ isOver: true });
  const quiet = reportPage({
    ...calm,
    levels: calm.levels.map((one) => ({ ...one, limit: undefined })),
    anomalies: [],
  });
  expect(partOf(quiet, 'short')).toContain('✓ in order');
  expect(quiet).toContain('<dt>Spent</dt>');
  expect(quiet).not.toContain('id="running"');
  expect(quiet).not.toContain('Forecast of the month');
  expect(quiet).toContain('The policy file names no limits');
});

test('the report of one project says what it pays of the bill', () => {
  const page = reportPage({ ...sampleReport(), project: 'recsys' });
  const own = shownAllocation(sampleReport().allocation ?? failed()).projects.find(
    ({ project }) => project === 'recsys',
  );
  expect(page).toContain('<h1>November 2026: recsys</h1>');
  expect(page).toContain(
    `<dt>Pays of the bill</dt><dd>${formatUsd(own?.total ?? ZERO_USD)}<small>${formatUsd(own?.direct ?? ZERO_USD)} direct + `,
  );
  expect(partOf(page, 'allocation')).toContain('<strong><bdi>recsys</bdi></strong>');
});

test('what does not reconcile is loud; a ledger that is behind is told; what cannot be checked is said', () => {
  const { reconciliation } = sampleReport().allocation ?? failed();
  expect(verdictOf(reconciliation)?.mood).toBe('good');
  expect(verdictOf({ ...reconciliation, difference: microUsd(4_999n) })?.mood).toBe('good');
  expect(verdictOf({ ...reconciliation, difference: microUsd(5_000n) })?.mood).toBe('bad');
  expect(verdictOf({ ...reconciliation, lines: microUsd(reconciliation.lines + 1n) })?.mood).toBe('bad');
  expect(verdictOf({ ...reconciliation, ledger: ZERO_USD })?.mood).toBe('warn');
  expect(verdictOf({ ...reconciliation, difference: undefined, ledger: undefined })).toBeUndefined();
  const report = sampleReport();
  const page = reportPage({
    ...report,
    allocation: {
      ...(report.allocation ?? failed()),
      reconciliation: { ...reconciliation, difference: microUsd(-1_230_000n) },
    },
  });
  expect(page).toContain('<div class="bad"><dt>Difference to the bill</dt><dd>-$1.23');
  expect(partOf(page, 'short')).toContain('✗ differs');
  expect(partOf(page, 'allocation')).toContain('✗ does not reconcile');
});

test('charts say in words what they show', () => {
  const labels = [...SAMPLE.matchAll(/<svg class="chart" role="img" aria-label="([^"]*)"/g)].map(
    ([, one]) => one,
  );
  expect(labels.filter((one) => one?.startsWith('What is left of the limit of'))).toHaveLength(9);
  expect(labels).toContainEqual(
    expect.stringMatching(
      /^What is left of the limit of recsys, project of growth\. Spent \$10,792\.92 of \$12,000\.00 \(89\.9%\), \$1,207\.08 left; an even pace would leave \$2,225\.00 now\. If all goes on as now, it is used up by 11-28 03:30 UTC\. Forecast of the month: /,
    ),
  );
  expect(
    labels.filter((one) => /^Spend by day and project\. .*recsys \$10,792\.92/.test(one ?? '')),
  ).toHaveLength(2);
});

test('a report of nothing at all says so, part by part', () => {
  const empty = sampleReport({ running: 0, stops: 0 });
  const page = reportPage({
    ...empty,
    total: { ...empty.total, billed: ZERO_USD, estimated: ZERO_USD, spent: ZERO_USD },
    levels: [],
    days: [],
    movers: [],
    allocation: undefined,
    coverage: undefined,
    anomalies: [],
    notes: [],
  });
  expect(harmFaults(page)).toEqual([]);
  for (const said of [
    'No spend was measured.',
    'Nothing was spent on any day',
    'Nothing can be compared',
    'No bill of 2026-11 could be read',
    'Nothing that costs money by the hour is running.',
    'Bursar stopped nothing that counts',
  ])
    expect(page).toContain(said);
});

test('300 projects and 5,000 running resources are a page that opens, and it says what is left out', () => {
  const report = sampleReport({ projects: 300, running: 5_000, stops: 900 });
  const started = performance.now();
  const page = reportPage(report);
  const seconds = (performance.now() - started) / 1_000;
  expect(Buffer.byteLength(page)).toBeLessThan(6_000_000);
  // Alone it takes about 2 s.
  expect(seconds).toBeLessThan(15);
  const left = (report.running ?? []).slice(500).flatMap(({ hourly }) => hourly ?? []);
  expect(partOf(page, 'running').slice(-400)).toContain(
    `4,500 more resources, ${formatUsd(sumUsd(left))}/h together, are left out here; the JSON beside this page has all.`,
  );
  expect(page).toMatch(/600 more stops, \$[\d,.]+ together, are left out here/);
  expect(page).toContain('The 12 that have used most of their limits');
});

test('a page of a report is the same each time it is made', () => {
  expect(reportPage(sampleReport()) === SAMPLE).toBe(true);
});

test('the words of the head fit what there is', () => {
  const calm = sampleReport({ isOver: true });
  const quiet = { ...calm, levels: calm.levels.map((one) => ({ ...one, limit: undefined })), anomalies: [] };
  const short = (report: Report) => partOf(reportPage(report), 'short');
  expect(short({ ...quiet, allocation: undefined })).toContain('There is no limit to hold it against.');
  const [first] = sampleReport().anomalies;
  if (first === undefined) return failed();
  const above = { ...first, spent: microUsd(90_000_000n), expected: microUsd(40_000_000n) };
  const below = { ...first, spent: microUsd(1_000_000n), expected: microUsd(40_000_000n) };
  expect(short({ ...quiet, anomalies: [above, below] })).toContain(
    '1 day far above the usual, $50.00 more than expected; 1 day far below the usual: ',
  );
  expect(short({ ...quiet, anomalies: [below, below] })).toContain('2 days far below the usual: ');
});

test('a limit that is passed is used up, not about to run out', () => {
  const report = sampleReport();
  const passed = report.levels.map((one) =>
    one.name === 'vision' ? { ...one, limit: microUsd(1_000_000n), runsOutAt: report.to } : one,
  );
  const rows = partOf(reportPage({ ...report, levels: passed }), 'budget').split('<tr');
  const row = rows.find((one) => one.includes('<bdi>vision</bdi>'));
  expect(row).toContain('used up');
  expect(row).not.toContain('11-25 10:30');
});

test('what Bursar costs is held against what it saved, but not in the report of one project', () => {
  const report = sampleReport();
  const said = (of: Partial<Report>) => String(ownCost({ ...report, ...of }));
  expect(said({})).toMatch(
    /Bursar itself costs \$7\.56 \(less than 0\.1% of the spend\); less that, it saved \$/,
  );
  expect(said({ savings: { ...report.savings, total: microUsd(1_000_000n) } })).toContain(
    '(less than 0.1% of the spend), $6.56 more than it saved.',
  );
  expect(said({ project: 'recsys' })).toContain(
    'Bursar itself costs $7.56, for all projects of the account together.',
  );
  expect(
    said({ ownCost: { items: [], total: ZERO_USD, without: ['Bursar is not deployed here.'] } }),
  ).toMatch(/Nothing is known of what Bursar itself costs[\s\S]*Bursar is not deployed here\./);
});

test('a project that pays nothing of the bill is told so, not what nobody pays', () => {
  const page = reportPage({ ...sampleReport(), project: 'stranger' });
  expect(page).toContain('<dt>Pays of the bill</dt><dd>$0.00<small>$0.00 direct + $0.00 shared');
  expect(page).not.toContain('<dt>Without an owner</dt>');
});
