import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { onlyIn } from '../../lib/page/compare.ts';
import { escapeText, html } from '../../lib/page/html.ts';
import { planPage } from '../../lib/page/plan-page.ts';
import { runPage } from '../../lib/page/run-page.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import type { ResourceRun, RunResult } from '../../lib/simulate/result.ts';
import { microUsd } from '../../lib/types/money.ts';
import { anyRun, anyWords, NASTY } from './arbitraries.ts';
import { harmFaults } from './harm.ts';
import { samplePlan, sampleRun } from './sample.ts';

test('any run makes a well-formed page that tells of every stop, and runs nothing of what it is given', () => {
  fc.assert(
    fc.property(
      anyRun,
      fc.option(anyRun, { nil: undefined }),
      fc.record({
        checks: fc.array(fc.record({ ok: fc.boolean(), text: anyWords }), { maxLength: 2 }),
        proposals: fc.array(anyWords, { maxLength: 2 }),
        notes: fc.array(anyWords, { maxLength: 2 }),
      }),
      fc.constantFrom('simulation' as const, 'backtest' as const),
      (result, against, more, what) => {
        const page = runPage(result, { what, ...more, ...(against === undefined ? {} : { against }) });
        expect(harmFaults(page)).toEqual([]);
        for (const event of result.events) {
          if (event.event !== 'started' && event.event !== 'ended')
            expect(page).toContain(escapeText(event.reason));
        }
        for (const said of [...more.checks.map(({ text }) => text), ...more.proposals, ...more.notes])
          expect(page).toContain(escapeText(said));
      },
    ),
    { numRuns: 30 },
  );
});

test.each(Object.getOwnPropertyNames(Object.prototype))(
  'a resource named %s changes nothing that every object has',
  (word) => {
    const run = sampleRun({ resources: 2, days: 2 });
    const named = run.resources.map((one) => ({ ...one, id: word, title: word, size: word, project: word }));
    runPage({ ...run, title: word, resources: named }, { what: 'simulation' });
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(Object.keys(Object)).toEqual([]);
  },
);

test('any plan makes a well-formed page that says of each resource why', () => {
  const plans = fc.tuple(anyRun, anyWords, fc.array(anyWords, { maxLength: 2 }), fc.boolean()).map(
    ([ahead, words, missing, asks]): Plan => ({
      ...samplePlan(),
      policyFile: words,
      hash: words,
      missing,
      ahead,
      lines: ahead.resources.map((one, index) => ({
        ...one,
        account: words,
        state: 'running',
        now: { action: index % 2 === 0 ? 'none' : 'stop', verdict: words, why: `${words} ${index}` },
        ...(index % 3 === 0 ? { next: { at: ahead.to, action: 'warn', why: words } } : {}),
        ...(asks ? { approved: index % 2 === 0 } : {}),
      })),
    }),
  );
  fc.assert(
    fc.property(plans, (plan) => {
      const page = planPage(plan);
      expect(harmFaults(page)).toEqual([]);
      for (const { now } of plan.lines) expect(page).toContain(escapeText(now.why));
      for (const said of [...plan.missing, plan.hash]) expect(page).toContain(escapeText(said));
    }),
    { numRuns: 20 },
  );
});

test.each(NASTY)('%j as every name is text, in tables and in charts', (nasty) => {
  const run = sampleRun({ resources: 2, days: 2 });
  const page = runPage(
    {
      ...run,
      title: nasty,
      description: nasty,
      policy: nasty,
      projects: run.projects.map((one) => ({ ...one, project: nasty })),
      resources: run.resources.map((one) => ({
        ...one,
        id: nasty,
        size: nasty,
        project: nasty,
        policy: nasty,
      })),
      events: run.events.map((one) => ({ ...one, reason: nasty, project: nasty })),
    },
    { what: 'backtest' },
  );
  expect(harmFaults(page)).toEqual([]);
  // Once in the title, once as the heading, and in charts that ECharts wrote.
  expect(page).toContain(`<title>${escapeText(nasty)}</title>`);
  expect(page).toContain(`<h1>${escapeText(nasty)}</h1>`);
  const charts = page.slice(page.indexOf('id="timeline"'), page.indexOf('id="stops"'));
  expect(charts).toContain('<text');
});

test('the security policy allows the own style and script, and nothing else', () => {
  const page = runPage(sampleRun({ resources: 1, days: 1 }), { what: 'simulation' });
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];
  const hash = (tag: string): string => {
    const inside = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(page)?.[1] ?? '';
    return `'sha256-${createHash('sha256').update(inside).digest('base64')}'`;
  };
  expect(policy).toBe(
    `default-src 'none'; style-src ${hash('style')}; script-src ${hash('script')}; base-uri 'none'; form-action 'none'`,
  );
  expect(page).toContain('<html lang="en">');
  expect(page).not.toMatch(/https?:\/\//);
});

test('the figures stand on the page; what was stopped while busy is loud', () => {
  const good = runPage(sampleRun(), { what: 'simulation', checks: [{ ok: true, text: 'It holds.' }] });
  expect(good).toContain('<div class="good"><dt>Stopped while busy</dt><dd>none');
  expect(good).toContain('✓ All 1 expectations hold');
  expect(good).not.toContain('class="alarm"');
  const bad = runPage(sampleRun({ busyStop: true }), {
    what: 'simulation',
    checks: [{ ok: false, text: 'It does not.' }],
  });
  expect(bad).toContain('<div class="bad"><dt>Stopped while busy</dt><dd>1');
  expect(bad).toContain('1 stop hit what was in use. This must never be.');
  expect(bad).toContain('✗ 1 of 1 expectations do not hold');
});

test('a large run stays a page that opens: the dearest have lanes, the rest is an area, and it says so', () => {
  const page = runPage(sampleRun({ projects: 2, resources: 400, days: 7 }), { what: 'simulation' });
  expect(page).toMatch(
    /Above are the \d+ dearest of \d+ resources\. How many of the other \d+ ran at a time:/,
  );
  expect(page).toMatch(/stops are left out here|4000/);
  expect(page.length).toBeLessThan(12_000_000);
});

test('a stop that comes later in the same idle spell is the same stop', () => {
  const hour = (at: number): Date => new Date(Date.UTC(2026, 10, 1, at));
  const run = (stops: readonly (readonly [arn: string, from: number, to: number])[]): RunResult => ({
    ...sampleRun({ resources: 1, days: 1 }),
    resources: [...new Set(stops.map(([arn]) => arn))].map(
      (arn): ResourceRun => ({
        arn,
        id: arn,
        kind: 'ec2-instance',
        title: 'EC2 instance',
        size: 'g5.xlarge',
        region: 'us-east-1',
        project: 'recsys',
        policy: 'development',
        hourly: microUsd(1n),
        ran: [],
        stopped: stops
          .filter(([of]) => of === arn)
          .map(([, from, to]) => ({ from: hour(from), to: hour(to) })),
        busy: [],
        spent: microUsd(0n),
        without: microUsd(0n),
      }),
    ),
    events: stops.map(([arn, from]) => ({
      at: hour(from),
      project: 'recsys',
      event: 'stopped',
      arn,
      policy: 'development',
      trigger: 'idle',
      whileBusy: false,
      falseStop: false,
      reason: 'Idle.',
    })),
  });
  const soon = run([
    ['a', 1, 8],
    ['a', 12, 14],
    ['b', 3, 5],
  ]);
  const late = run([['a', 4, 8]]);
  expect(onlyIn(soon, late).map(({ arn, at }) => [arn, at.getUTCHours()])).toEqual([
    ['a', 12],
    ['b', 3],
  ]);
  expect(onlyIn(late, soon)).toEqual([]);
  const page = runPage(soon, { what: 'backtest', against: late });
  expect(page).toContain('Stops that only A makes: 2');
  expect(page).toContain('Stops that only B makes: 0');
});

test('a page of a run is the same each time it is made', () => {
  const make = () => runPage(sampleRun({ resources: 3 }), { what: 'simulation' });
  expect(make()).toBe(make());
});

test('templates escape what is put into them, and markup they made is taken as it is', () => {
  expect(html`<p title="${'"<'}">${['a&', html`<b>${'<'}</b>`, undefined, false, 3]}</p>`.toString()).toBe(
    '<p title="&quot;&lt;">a&amp;<b>&lt;</b>3</p>',
  );
});

test('nothing loads the charting library before a page is made', () => {
  const root = join(import.meta.dirname, '../..');
  const sources = ['lib', 'lambdas', 'bin'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !join(folder, file).startsWith(join('lib', 'page')))
      .map((file) => join(folder, file)),
  );
  expect(sources.length).toBeGreaterThan(100);
  const early = sources.filter((file) =>
    /^(?:import|export)(?! type)[^;]*from '(?:echarts|[^']*\/page\/)/m.test(
      readFileSync(join(root, file), 'utf8'),
    ),
  );
  expect(early).toEqual([]);
});
