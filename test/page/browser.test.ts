import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { planPage } from '../../lib/page/plan-page.ts';
import { runPage } from '../../lib/page/run-page.ts';
import { chromium, openBrowser, type Tab } from './browser.ts';
import { samplePlan, sampleRun } from './sample.ts';

const NO_BROWSER = chromium === undefined;
if (NO_BROWSER)
  console.warn('test/page/browser.test.ts is skipped: no chromium here (apt-get install chromium).');

/** What stands out of the page to the right, outside of boxes that scroll by themselves. */
const OVERFLOW = `[...document.querySelectorAll('body *')].filter((one) => {
  const box = one.getBoundingClientRect();
  return box.width > 0 && box.right > (one.closest('section') ?? document.documentElement).getBoundingClientRect().right + 0.5 && !one.closest('.scroll, .unseen, .skip, .defs');
}).map((one) => one.outerHTML.slice(0, 120)).slice(0, 5)`;

const FOCUSED = `(() => { const one = document.activeElement; return one.tagName + ' ' + (one.getAttribute('type') ?? '') + ' ' + (one.textContent ?? '').trim().slice(0, 30); })()`;

describe.skipIf(NO_BROWSER)('in headless Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bursar-page-'));
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let [run, plan]: (Tab | undefined)[] = [];

  beforeAll(async () => {
    const open = async (name: string, page: string): Promise<Tab> => {
      writeFileSync(join(folder, name), page);
      return browser.open(pathToFileURL(join(folder, name)).href);
    };
    browser = await openBrowser(chromium ?? '');
    const against = sampleRun({
      resources: 5,
      idle: 60,
      policy: `${'long-name-of-a-policy'.repeat(6)}.yaml`,
    });
    run = await open(
      'run.html',
      runPage(sampleRun({ resources: 5, busyStop: true }), {
        what: 'backtest',
        against,
        checks: [{ ok: true, text: 'Nothing passes its limit.' }],
        proposals: ['x'.repeat(300)],
      }),
    );
    plan = await open('plan.html', planPage(samplePlan()));
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const tab = (of: 'run' | 'plan'): Tab => {
    const found = of === 'run' ? run : plan;
    if (found === undefined) throw new Error(`the page ${of} was not opened`);
    return found;
  };

  test.each(['run', 'plan'] as const)(
    '%s: nothing scrolls sideways, folded or not, on a phone or a desk',
    async (of) => {
      const { emulate, evaluate, screenshot } = tab(of);
      for (const [width, scheme, isOpen] of [
        [1200, 'light', false],
        [360, 'dark', false],
        [360, 'light', true],
        [761, 'light', true],
        [861, 'light', true],
        [1121, 'dark', true],
      ] as const) {
        await emulate({ width, scheme });
        await evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = ${isOpen}; })`);
        expect(await evaluate('document.documentElement.scrollWidth <= innerWidth'), `at ${width}`).toBe(
          true,
        );
        expect(await evaluate(OVERFLOW), `at ${width}`).toEqual([]);
        if (isOpen) continue;
        const picture = await screenshot();
        expect(picture.subarray(1, 4).toString()).toBe('PNG');
      }
    },
    60_000,
  );

  test('the page follows the system from light to dark, and a choice of people that is kept', async () => {
    const { emulate, evaluate, press } = tab('run');
    const ground = () => evaluate('getComputedStyle(document.body).backgroundColor');
    await emulate({ width: 1200, scheme: 'light' });
    expect(await ground()).toBe('rgb(243, 244, 247)');
    await emulate({ width: 1200, scheme: 'dark' });
    expect(await ground()).toBe('rgb(18, 21, 26)');
    // Charts follow: what is painted by a property of the page is another colour now.
    const limit = () =>
      evaluate(`getComputedStyle(document.querySelector('svg.chart [stroke="var(--limit)"]')).stroke`);
    expect(await limit()).toBe('rgb(255, 143, 136)');
    await evaluate(`document.querySelector('[name=colours]:checked').focus()`);
    await press('ArrowRight');
    expect(await ground()).toBe('rgb(243, 244, 247)');
    expect(await limit()).toBe('rgb(176, 28, 28)');
    expect(await evaluate(`localStorage.getItem('bursar-colours')`)).toBe('light');
    // Printed it is light whatever is chosen.
    await press('ArrowRight');
    expect(await ground()).toBe('rgb(18, 21, 26)');
    await emulate({ width: 1200, scheme: 'dark', print: true });
    expect(await limit()).toBe('rgb(176, 28, 28)');
    await emulate({ width: 1200, scheme: 'light' });
    await evaluate(`localStorage.clear(), delete document.documentElement.dataset.theme`);
  });

  test('keys reach the link to the content, the colours, the filters, the sorting and the folds', async () => {
    const { emulate, evaluate, press } = tab('plan');
    await emulate({ width: 1200 });
    await evaluate(
      `document.querySelectorAll('details').forEach((one) => { one.open = true; }), scrollTo(0, 0), document.activeElement.blur()`,
    );
    const seen: string[] = [];
    for (let index = 0; index < 9; index++) {
      await press('Tab');
      seen.push(z.string().parse(await evaluate(FOCUSED)));
      expect(await evaluate(`document.activeElement.matches(':focus-visible')`)).toBe(true);
    }
    expect(seen.slice(0, 5).map((one) => one.split(' ').slice(0, 2).join(' ').trim())).toEqual([
      'A',
      'INPUT radio',
      'INPUT search',
      'SELECT',
      'SUMMARY',
    ]);
    expect(seen.some((one) => one.startsWith('BUTTON button'))).toBe(true);
  });

  test('tables are filtered and sorted', async () => {
    const { emulate, evaluate, press } = tab('plan');
    await emulate({ width: 1200 });
    const shown = `document.querySelector('[data-filter-count]').textContent`;
    expect(await evaluate(shown)).toBe('45 shown');
    await evaluate(
      `(() => { const one = document.querySelector('[data-filter-choice]'); one.value = 'now-stop'; one.dispatchEvent(new Event('change')); })()`,
    );
    expect(await evaluate(shown)).toMatch(/^7 of 45 shown$/);
    expect(
      await evaluate(
        `[...document.querySelectorAll('#resources ~ [data-filters] tr[data-row]:not([hidden])')].every((row) => row.dataset.row.includes('now-stop'))`,
      ),
    ).toBe(true);
    await evaluate(
      `(() => { const one = document.querySelector('[data-filter-choice]'); one.value = ''; one.dispatchEvent(new Event('change')); })()`,
    );
    const prices = `[...document.querySelectorAll('#resources ~ * [data-group=search-ranking] tbody tr')].map((row) => Number(row.cells[2].dataset.key))`;
    await evaluate(
      `document.querySelectorAll('#resources ~ * [data-group=search-ranking] thead button')[2].focus()`,
    );
    await press('Enter');
    const up = z.array(z.number()).parse(await evaluate(prices));
    expect(up).toEqual([...up].sort((a, b) => a - b));
    await press('Space');
    expect(await evaluate(prices)).toEqual([...up].reverse().sort((a, b) => b - a));
    expect(
      await evaluate(
        `document.querySelectorAll('#resources ~ * [data-group=search-ranking] thead th')[2].ariaSort`,
      ),
    ).toBe('descending');
  });

  test('each chart has its text beside it, and each control a name', async () => {
    for (const of of ['run', 'plan'] as const) {
      const { evaluate } = tab(of);
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
      // Headings in order: none leaves a level out.
      expect(
        await evaluate(
          `[...document.querySelectorAll('h1, h2, h3')].every((one, index, all) => index === 0 ? one.tagName === 'H1' : one.tagName[1] - all[index - 1].tagName[1] <= 1)`,
        ),
      ).toBe(true);
    }
  });

  test('nothing was complained of, and nothing asked for but the page', () => {
    for (const of of ['run', 'plan'] as const) {
      expect(tab(of).complaints).toEqual([]);
      expect(tab(of).requests).toHaveLength(1);
    }
  });
});
