import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toCent } from '../../lib/report/cents.ts';
import { reportCsv } from '../../lib/report/csv.ts';
import { ReportJsonSchema, reportJson } from '../../lib/report/json.ts';
import { parseUsd, sumUsd, type Usd, ZERO_USD } from '../../lib/types/money.ts';
import { anyReport, sampleReport } from '../support/report-fixture.ts';

const usd = (text: string): Usd => parseUsd(text) ?? ZERO_USD;

test('any report is read back as it was written, with nothing left out', () => {
  fc.assert(
    fc.property(anyReport, (report) => {
      const json = reportJson(report);
      const read = ReportJsonSchema.parse(JSON.parse(JSON.stringify(json)));
      expect(JSON.stringify(read)).toBe(JSON.stringify(json));
      expect(read.levels).toHaveLength(report.levels.length);
      expect(read.running?.length).toBe(report.running?.length);
      expect(read.savings.stops).toHaveLength(report.savings.stops.length);
      expect(read.coverage?.projects.length).toBe(report.coverage?.projects.size);
    }),
    { numRuns: 60 },
  );
});

test('amounts are exact; what is shown of them is whole cents that add up, the same as in the CSV', () => {
  const report = sampleReport();
  const { total, levels, days, allocation } = reportJson(report);
  expect(usd(total.spent)).toBe(report.total.spent);
  const owners = levels.filter(({ level }) => level === 'project' || level === 'none');
  for (const part of ['billed', 'estimated', 'spent'] as const) {
    expect(sumUsd(owners.map(({ shown }) => usd(shown[part])))).toBe(usd(total.shown[part]));
    for (const { name, shown } of owners) {
      const own = days.flatMap((day) => day.projects.filter(({ project }) => (project ?? '') === name));
      expect(sumUsd(own.map((one) => usd(one.shown[part])))).toBe(usd(shown[part]));
    }
  }
  expect(usd(total.shown.spent)).toBe(toCent(report.total.spent));
  for (const team of levels.filter(({ level }) => level === 'team')) {
    const own = owners.filter(({ within }) => within === team.name);
    expect(sumUsd(own.map(({ shown }) => usd(shown.spent)))).toBe(usd(team.shown.spent));
  }
  const csv = reportCsv(report).trim().split('\r\n').slice(1);
  expect(allocation?.rows.map((row) => row.usd)).toEqual(csv.map((line) => line.split(',').at(-1)));
  expect(sumUsd(allocation?.rows.map((row) => usd(row.usd)) ?? [])).toBe(
    toCent(report.allocation?.total ?? ZERO_USD),
  );
});

test('a name that every object has is a name like any other', () => {
  const { days, coverage } = reportJson(
    sampleReport({ rename: (name) => (name === 'recsys' ? '__proto__' : name) }),
  );
  expect(days[0]?.projects.map(({ project }) => project)).toContain('__proto__');
  expect(coverage?.projects.map(({ project }) => project)).toContain('__proto__');
});
