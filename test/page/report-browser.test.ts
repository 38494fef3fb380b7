import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { reportPage } from '../../lib/page/report-page.ts';
import { sampleReport } from '../support/report-fixture.ts';
import { chromium, openBrowser, type Tab } from './browser.ts';

const NO_BROWSER = chromium === undefined;
if (NO_BROWSER)
  console.warn('test/page/report-browser.test.ts is skipped: no chromium here (apt-get install chromium).');

/** What stands out of its part of the page to the right, outside of boxes that scroll by themselves. */
const OVERFLOW = `[...document.querySelectorAll('body *')].filter((one) => {
  const box = one.getBoundingClientRect();
  return box.width > 0 && box.right > (one.closest('section') ?? document.documentElement).getBoundingClientRect().right + 0.5 && !one.closest('.scroll, .unseen, .skip, .defs');
}).map((one) => one.outerHTML.slice(0, 120)).slice(0, 5)`;

const FOCUSED = `(() => { const one = document.activeElement; return one.tagName + ' ' + (one.getAttribute('type') ?? one.getAttribute('href') ?? ''); })()`;

describe.skipIf(NO_BROWSER)('the report in headless Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bursar-report-'));
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let opened: Tab | undefined;

  beforeAll(async () => {
    const names = new Map([
      ['vision', 'x'.repeat(200)],
      ['credit-scoring', 'مشروع الرؤية '.repeat(6).trim()],
      ['playground', 'a-name-of-many-words '.repeat(6).trim()],
    ]);
    writeFileSync(
      join(folder, 'report.html'),
      reportPage(sampleReport({ projects: 12, rename: (name) => names.get(name) ?? name })),
    );
    browser = await openBrowser(chromium ?? '');
    opened = await browser.open(pathToFileURL(join(folder, 'report.html')).href);
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const tab = (): Tab => {
    if (opened === undefined) throw new Error('the report was not opened');
    return opened;
  };

  test('nothing scrolls sideways, folded or not, on a phone or a desk', async () => {
    const { emulate, evaluate } = tab();
    for (const [width, scheme, isOpen] of [
      [1280, 'light', false],
      [360, 'dark', false],
      [360, 'light', true],
      [861, 'light', true],
      [1121, 'dark', true],
    ] as const) {
      await emulate({ width, scheme });
      await evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = ${isOpen}; })`);
      expect(await evaluate('document.documentElement.scrollWidth <= innerWidth'), `at ${width}`).toBe(true);
      expect(await evaluate(OVERFLOW), `at ${width}`).toEqual([]);
    }
  }, 60_000);

  test('it follows the system from light to dark, bars and lines of charts as well', async () => {
    const { emulate, evaluate } = tab();
    const painted = () =>
      evaluate(
        `['--seriesA', '--limit', '--billed'].map((one) => getComputedStyle(document.querySelector('svg.chart [fill="var(' + one + ')"], svg.chart [stroke="var(' + one + ')"]'))).map(({ fill, stroke }) => fill + stroke)`,
      );
    await emulate({ width: 1280, scheme: 'light' });
    const light = z.array(z.string()).parse(await painted());
    await emulate({ width: 1280, scheme: 'dark' });
    const dark = z.array(z.string()).parse(await painted());
    for (const [index, one] of light.entries()) expect(dark[index]).not.toBe(one);
    await emulate({ width: 1280, scheme: 'dark', print: true });
    expect(await painted()).toEqual(light);
  });

  test('on paper nothing is cut, what matters is unfolded, and what a click needs is gone', async () => {
    const { emulate, evaluate } = tab();
    // A4 without its margins.
    await emulate({ width: 718, scheme: 'dark', print: true });
    await evaluate(
      `document.querySelectorAll('details').forEach((one) => { one.open = false; }), dispatchEvent(new Event('beforeprint'))`,
    );
    expect(
      await evaluate(
        `[...document.querySelectorAll('#allocation ~ * table, #days ~ * table')].filter((one) => one.getBoundingClientRect().height < 20).length`,
      ),
    ).toBe(0);
    expect(
      await evaluate(
        `[...document.querySelectorAll('nav, .theme, .filters, details.fine')].filter((one) => one.getBoundingClientRect().height > 0 && !one.matches('nav')).length`,
      ),
    ).toBe(0);
    expect(
      await evaluate(
        `[...document.querySelectorAll('svg.chart')].filter((one) => { const box = one.getBoundingClientRect(); return box.width > 0 && box.right > one.closest('section').getBoundingClientRect().right; }).length`,
      ),
    ).toBe(0);
    expect(await evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgba(0, 0, 0, 0)');
    await evaluate(`dispatchEvent(new Event('afterprint'))`);
    expect(await evaluate(`document.querySelectorAll('details[open]').length`)).toBe(0);
  });

  test('keys reach the content, its parts and what sorts, in the order in which they stand', async () => {
    const { emulate, evaluate, press } = tab();
    await emulate({ width: 1280 });
    await evaluate(
      `document.querySelectorAll('details').forEach((one) => { one.open = true; }), scrollTo(0, 0), document.activeElement.blur()`,
    );
    const seen: string[] = [];
    for (let index = 0; index < 13; index++) {
      await press('Tab');
      seen.push(z.string().parse(await evaluate(FOCUSED)));
      expect(await evaluate(`document.activeElement.matches(':focus-visible')`)).toBe(true);
    }
    expect(seen.slice(0, 3)).toEqual(['A #content', 'A #budget', 'A #days']);
    expect(seen.at(12)).toBe('INPUT radio');
    const totals = `[...document.querySelectorAll('#allocation ~ table')][0]`;
    const sums = `[...${totals}.tBodies[0].rows].map((row) => Number(row.cells[row.cells.length - 2].dataset.key))`;
    await evaluate(`[...${totals}.querySelectorAll('thead button')].at(-1).focus()`);
    await press('Enter');
    const up = z.array(z.number()).parse(await evaluate(sums));
    expect(up).toEqual([...up].sort((a, b) => a - b));
    expect(await evaluate(`${totals}.tFoot.rows[0].cells[0].textContent`)).toBe('Total');
    await evaluate(
      `(() => { const one = document.querySelector('#budget ~ * [data-filter-choice]'); one.value = 'over'; one.dispatchEvent(new Event('change')); })()`,
    );
    expect(await evaluate(`document.querySelector('#budget ~ * [data-filter-count]').textContent`)).toMatch(
      /^\d+ of \d+ shown$/,
    );
  });

  test('each chart and control has a name, and headings leave no level out', async () => {
    const { evaluate } = tab();
    expect(
      await evaluate(
        `[...document.querySelectorAll('svg.chart')].filter((one) => !one.getAttribute('aria-label') || !one.closest('section').querySelector('details table')).length`,
      ),
    ).toBe(0);
    expect(
      await evaluate(
        `[...document.querySelectorAll('input, select, button, summary, a')].filter((one) => ((one.labels?.[0] ?? one).textContent ?? '').trim() === '').length`,
      ),
    ).toBe(0);
    expect(
      await evaluate(
        `[...document.querySelectorAll('h1, h2, h3, h4, h5')].every((one, index, all) => index === 0 ? one.tagName === 'H1' : one.tagName[1] - all[index - 1].tagName[1] <= 1)`,
      ),
    ).toBe(true);
    expect(
      await evaluate(`[...document.querySelectorAll('table')].every((one) => one.caption !== null)`),
    ).toBe(true);
  });

  test('nothing was complained of, and nothing asked for but the page', () => {
    expect(tab().complaints).toEqual([]);
    expect(tab().requests).toHaveLength(1);
  });
});
