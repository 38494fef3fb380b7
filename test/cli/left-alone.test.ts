import { createColors } from 'picocolors';
import { expect, it } from 'vitest';
import { leftAloneLines } from '../../lib/cli/run-text/left-alone.ts';
import { RunJsonSchema, runJson } from '../../lib/cli/run-text/run-json.ts';
import { runPage } from '../../lib/page/run-page.ts';
import type { ResourceRun, RunResult } from '../../lib/simulate/result.ts';
import { resourceRun, WEEKEND } from './run-fixtures.ts';

const PROTECTED = 'Its stop protection (disableApiStop) is on.';
const PRODUCTION = 'Policy production has idle: off.';

const left = (id: string, leftAlone: ResourceRun['leftAlone']): ResourceRun =>
  resourceRun({
    arn: `arn:aws:ec2:us-east-1:111122223333:instance/${id}`,
    id,
    ...(leftAlone === undefined ? {} : { leftAlone }),
  });

const RUN: RunResult = {
  ...WEEKEND,
  resources: [
    ...['p-1', 'p-2', 'p-3', 'p-4', 'p-5'].map((id) => left(id, { verdict: 'exempt', why: PRODUCTION })),
    left('guarded', { verdict: 'exempt', why: PROTECTED }),
    left('idler', undefined),
  ],
};
const view = (width: number | undefined) => ({ outColours: createColors(false), width });

it('what is left alone is told by its reason, the rarest first', () => {
  expect(leftAloneLines(RUN, view(undefined))).toEqual([
    'Left alone, whatever it does',
    `  guarded                   exempt  ${PROTECTED}`,
    `  p-1, p-2, p-3 and 2 more  exempt  ${PRODUCTION}`,
  ]);
  expect(leftAloneLines(WEEKEND, view(undefined))).toEqual([]);
});

it('a terminal is shown twelve reasons, and no line is wider than it', () => {
  const many = Array.from({ length: 15 }, (_, n) =>
    left(`i-${n}`, { verdict: 'refused', why: `AWS refused it for the ${n}th time: ${'word '.repeat(30)}` }),
  );
  const lines = leftAloneLines({ ...RUN, resources: many }, view(80));
  expect(lines.at(-1)).toBe('  and for 3 more reasons; --json has all');
  expect(lines.every((line) => [...line].length <= 80)).toBe(true);
});

it('machines get it with each resource, and the page has a list', () => {
  const json = RunJsonSchema.parse(runJson(RUN, {}));
  expect(json.resources.map(({ leftAlone }) => leftAlone?.why)).toEqual([
    ...Array.from({ length: 5 }, () => PRODUCTION),
    PROTECTED,
    undefined,
  ]);
  const page = runPage(RUN, { what: 'simulation' });
  expect(page).toContain('Left alone, whatever it does');
  expect(page).toContain(PROTECTED);
  expect(runPage({ ...RUN, resources: [] }, { what: 'simulation' })).not.toContain('Left alone, whatever');
});
