import { createColors } from 'picocolors';
import { describe, expect, it } from 'vitest';
import { planFigures } from '../../lib/cli/plan-figures.ts';
import { PlanJsonSchema, planJson } from '../../lib/cli/plan-json.ts';
import { planLines } from '../../lib/cli/plan-lines.ts';
import { ApprovedPlanSchema } from '../../lib/people/request.ts';
import { instance } from './fixtures.ts';
import { APPROVING, PLAN } from './plan-fixtures.ts';
import { usd } from './run-fixtures.ts';

const view = (width: number | undefined, colours = false) => ({ outColours: createColors(colours), width });
const NOTES = ['There is no stack Bursar in us-east-1.'];

describe('a plan for people', () => {
  it.each([80, 120])('on a terminal of %i columns', async (width) => {
    const lines = planLines(APPROVING, view(width), NOTES);
    // But for the command, which is to be copied.
    for (const line of lines.filter((one) => !one.includes('&&'))) {
      expect([...line].length).toBeLessThanOrEqual(width);
    }
    await expect(lines.join('\n')).toMatchFileSnapshot(`./snapshots/plan-${width}.txt`);
  });

  it('in a pipe', async () => {
    const lines = planLines(APPROVING, view(undefined), NOTES);
    await expect(lines.join('\n')).toMatchFileSnapshot('./snapshots/plan-pipe.txt');
  });

  it('says by words what it says by colours', () => {
    const escapes = new RegExp(`${String.fromCodePoint(27)}\\[\\d+m`, 'g');
    const painted = planLines(APPROVING, view(120, true), NOTES);
    expect(painted.map((line) => line.replaceAll(escapes, ''))).toEqual(
      planLines(APPROVING, view(120), NOTES),
    );
  });

  it('asks for no approval where the policy file does not', () => {
    const lines = planLines(PLAN, view(120));
    expect(lines.at(-1)).toBe(`Hash ${PLAN.hash}`);
  });

  it('gives the command that approves it, of the same policy file', () => {
    const command = (policyFile: string) => planLines({ ...APPROVING, policyFile }, view(120)).at(-1);
    const rest = `--json > plan.json && bursar approve ${PLAN.hash} --plan plan.json`;
    expect(command('bursar.yaml')).toBe(`    bursar plan ${rest}`);
    expect(command('next.yaml')).toBe(`    bursar plan --policy next.yaml ${rest}`);
    expect(command("ana's.yaml")).toBe(`    bursar plan --policy 'ana'\\''s.yaml' ${rest}`);
  });

  it('says that all is approved', () => {
    const all = { ...PLAN, lines: PLAN.lines.map((line) => ({ ...line, approved: true })) };
    expect(planLines(all, view(120)).at(-1)).toBe(
      '  Approved: all that the policy may stop is in the approved plan.',
    );
  });

  it('of an account without anything', () => {
    expect(planLines({ ...PLAN, state: 'new', lines: [], missing: [] }, view(120)).slice(0, 4)).toEqual([
      'Plan of account 123456789012 in us-east-1, eu-west-1',
      '  2026-11-25 10:30 UTC, by bursar.yaml, 24 h ahead, as if Bursar were new here: nothing is kept, warned of or held',
      '  back.',
      '',
    ]);
  });
});

it('what would be stopped is counted whenever within the look ahead it is', () => {
  const { running, stopping, untagged, unpriced, noPolicy, asksApproval } = planFigures(PLAN);
  expect(running).toEqual({ count: 6, hourly: usd('6.334'), unpriced: 1 });
  expect(stopping).toEqual({ count: 3, hourly: usd('4.828'), unpriced: 0 });
  expect([untagged, unpriced].map((some) => some.map(({ id }) => id))).toEqual([
    ['i-untagged'],
    ['i-untagged'],
  ]);
  expect(noPolicy).toEqual([]);
  expect(asksApproval).toBe(false);
  expect(planFigures(APPROVING).unapproved.map(({ id }) => id)).toEqual(['i-young']);
});

it('what no rule could stop needs no approval, and what is only metered no policy', () => {
  const [line] = APPROVING.lines;
  if (line === undefined) throw new Error('the plan has no line');
  const { approved: _none, ...rest } = line;
  const unlisted = { ...rest, arn: instance('i-unlisted') };
  const metered = {
    ...line,
    arn: 'arn:aws:ec2:us-east-1:123456789012:volume/vol-1',
    policy: undefined,
    now: { action: 'none', verdict: 'metered', why: 'It costs money.' } as const,
  };
  const figures = planFigures({ lines: [...APPROVING.lines, unlisted, metered] });
  expect(figures.unapproved.map(({ id }) => id)).toEqual(['i-young']);
  expect(figures.noPolicy).toEqual([]);
});

it('what the look ahead does at once is not told again', () => {
  const [line] = PLAN.lines;
  if (line === undefined) throw new Error('the plan has no line');
  const at = PLAN.at;
  const stopAt = new Date(at.getTime() + 600_000);
  const warned = { ...line, next: { at, action: 'warn', why: line.now.why }, stopAt } as const;
  const stopped = {
    ...line,
    arn: instance('i-1'),
    id: 'i-1',
    now: { action: 'stop', verdict: 'idle', why: 'Idle.' },
    next: { at, action: 'stop', why: 'Idle.' },
    stopAt: at,
  } as const;
  const lines = planLines({ ...PLAN, lines: [stopped, warned] }, view(120));
  expect(lines.filter((one) => / (i-1|churn) /.test(one)).map((one) => one.slice(0, 70))).toEqual([
    '  i-1       2 × ml.g5.xlarge  $2.82  development  STOP  –           Id',
    '  churn     2 × ml.g5.xlarge  $2.82  development  warn  STOP 10:40  Id',
  ]);
});

describe('a plan for machines', () => {
  const policyHash = `sha256:${'ab'.repeat(32)}`;
  const lists = new Map([['development', [instance('i-busy'), instance('i-young')]]]);
  const json: unknown = JSON.parse(
    JSON.stringify(planJson({ ...APPROVING, lists }, { policyHash, notes: NOTES })),
  );

  it('has the documented shape', () => {
    const plan = PlanJsonSchema.parse(json);
    expect(plan).toEqual(json);
    expect(plan.lists).toEqual({ development: [instance('i-busy'), instance('i-young')] });
    expect(plan.totals).toEqual({
      resources: 7,
      running: { count: 6, hourly: '6.334', unpriced: 1 },
      stopping: { count: 3, hourly: '4.828', unpriced: 0 },
      untagged: 1,
      unpriced: 1,
      noPolicy: 0,
      unapproved: 1,
    });
    expect(plan.lines[0]).toMatchObject({
      hourly: '2.816',
      now: { action: 'warn', stopAt: '2026-11-25T10:40:00.000Z' },
      next: { at: '2026-11-25T10:40:00.000Z', action: 'stop', why: 'Idle for 40 min.' },
      approved: true,
    });
    expect(plan.lines.at(-1)).toMatchObject({ project: null, policy: null, hourly: null });
  });

  it('is what bursar approve reads', () => {
    expect(ApprovedPlanSchema.parse(json)).toEqual({
      hash: PLAN.hash,
      policyHash,
      lists: { development: [instance('i-busy'), instance('i-young')] },
    });
  });
});
