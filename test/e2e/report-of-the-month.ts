import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { SavingsJsonSchema } from '../../lib/cli/savings-json.ts';
import { dayName, dayNumber } from '../../lib/meter/days.ts';
import { AllocationJsonSchema } from '../../lib/report/allocation-json.ts';
import { ReportJsonSchema } from '../../lib/report/json.ts';
import { ledgerTotal } from '../../lib/report/read-allocation.ts';
import { type BilledAmount, setBill, setBilledOf, spendOf } from '../../lib/sandbox/billing.ts';
import { ACCOUNT } from '../../lib/sandbox/local-aws.ts';
import { serveLoopback } from '../../lib/sandbox/loopback.ts';
import { startInstance } from '../../lib/sandbox/seed.ts';
import type { Stage } from '../../lib/sandbox/stage.ts';
import { openedBy, reconcile, type WrittenReport, writeReport } from '../../lib/sandbox/written-report.ts';
import { costOver, formatUsd, parseUsd, sumUsd, usdToDecimal } from '../../lib/types/money.ts';
import { run } from '../cli/run-cli.ts';
import { after, arnOfInstance, HOUR_MS, MINUTE_MS, pauseRegularSweeps } from './on-stage.ts';

const DAY_MS = 24 * HOUR_MS;
const TEST_MS = 60_000;
const EC2 = 'Amazon Elastic Compute Cloud - Compute';

/** Each day alike, but for the last digits: Cost Explorer gives ten after the point, of which four are rounded away. */
function billUntil(today: Date): readonly BilledAmount[] {
  const first = dayNumber(Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), 1));
  const days = Array.from({ length: dayNumber(today.getTime()) - first }, (_, day) => day);
  const used = (project: string, environment: string, usd: string) => ({
    project,
    service: EC2,
    called: 'Usage',
    tags: { environment },
    usd,
  });
  const daily = [
    used('alpha', 'dev', '30.1234567891'),
    used('alpha', 'prod', '12.0000004567'),
    used('beta', 'dev', '7.7777777777'),
    used('gamma', 'dev', '3.3333333333'),
    used('', '', '1.0000009999'),
    { project: '', service: 'AWS Support (Business)', called: 'Usage', rule: 'support', usd: '3.3300001234' },
    { project: '', service: 'Tax', called: 'Tax', rule: 'tax', usd: '5.0500005555' },
    { project: 'alpha', service: EC2, called: 'Credit', usd: '-2.5' },
  ];
  return days.flatMap((day) => daily.map((one) => ({ ...one, day: dayName(first + day) })));
}

/**
 * The Monday to report on, at 7:41: no sooner than in half a day, so that the next sweep asks what is billed, and not in
 * the first week of a month, in which people are sent the report of the month before.
 */
function reportedMonday(now: Date): Date {
  const soonest = after(now, 12 * 60);
  const day = new Date(Date.UTC(soonest.getUTCFullYear(), soonest.getUTCMonth(), soonest.getUTCDate()));
  const at = (days: number): Date => new Date(day.getTime() + days * DAY_MS + (7 * 60 + 41) * MINUTE_MS);
  for (let days = 0; ; days += 1) {
    const one = at(days);
    if (one > soonest && one.getUTCDay() === 1 && one.getUTCDate() >= 8) return one;
  }
}

/** What the deployed Lambda and the command line report of a month, by the time of the stage. */
export function reportOfTheMonth(theStage: () => Stage, policyFile: string): void {
  describe('the report of the month', () => {
    let stage: Stage;
    let moto: string;
    let bill: readonly BilledAmount[];
    let report: WrittenReport;
    let url: string;

    /** Runs a command in this process, at the time of the stage. */
    const bursar = (...args: readonly string[]) => run(args, { now: stage.now });
    const withPolicy = (...args: readonly string[]) => bursar(...args, '--policy', policyFile);
    /** One that must succeed and say nothing beside its answer. @returns what it printed */
    const good = async (...args: readonly string[]): Promise<string> => {
      const { code, out, err } = await withPolicy(...args);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      return out;
    };

    beforeAll(async () => {
      stage = theStage();
      moto = stage.aws.endpoints['cost-explorer'] ?? '';
      await pauseRegularSweeps();
      const monday = reportedMonday(stage.now());
      bill = billUntil(monday);
      await setBilledOf(moto, bill, { account: ACCOUNT });
      await stage.advanceTo(monday);
      await stage.sweep();
      await stage.quiet();
      await setBill(moto, bill, ['support', 'tax'], { account: ACCOUNT, by: ['environment'] });
      report = await writeReport(stage);
    }, TEST_MS);
    afterEach(() => {
      vi.unstubAllEnvs();
    });

    it('is, to the micro-dollar, what Cost Explorer tells and the ledger knows; page and files to the cent', async () => {
      const billed = await reconcile(report, bill, stage);
      expect(billed).toBeGreaterThan(0n);
      const { allocation, levels } = report.told;
      expect(allocation?.rules.map(({ rule }) => rule)).toEqual(['support', 'tax']);
      expect(levels.find(({ level }) => level === 'team')).toMatchObject({
        name: 'research',
        limit: '90000',
      });
      expect(report.html).toContain('reconciles to the cent');
    });

    it('is linked by the weekly alert, by a link that nobody can guess', { timeout: TEST_MS }, async () => {
      url = (await stage.ledger.newestReport(stage.now()))?.link?.url ?? '';
      expect(url.startsWith(`${stage.outputs.ReportLinkUrl}r/`)).toBe(true);
      const before = stage.slack.messages().length;
      await stage.advanceTo(after(stage.now(), 24));
      await stage.sweep();
      await stage.quiet();
      const told = stage.slack.messages().slice(before);
      const weekly =
        told.map((one) => JSON.stringify(one)).find((text) => text.includes('The week in account')) ?? '';
      expect(weekly).toContain(`"url":"${url}"`);
      expect(weekly).toContain('"text":"The report of ');

      const led = await stage.open(url);
      expect(led.status).toBe(302);
      expect(led.headers.get('cache-control')).toBe('no-store');
      const signed = new URL(led.headers.get('location') ?? '');
      expect(signed.searchParams.get('X-Amz-Expires')).toBe('60');
      const page = await fetch(signed);
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(page.headers.get('content-disposition')).toBe(`inline; filename="${report.name}.html"`);
      expect(await page.text()).toBe(report.html);
      expect(await openedBy(stage, url)).toBe(report.html);

      const stranger = await stage.open(`${stage.outputs.ReportLinkUrl}r/${'A'.repeat(43)}`);
      expect(stranger.status).toBe(404);
      expect(await stranger.text()).toContain('This is no link to a report.');
      // What MiniStack has of the Lambdas' logs, it prints.
      expect(stage.aws.log()).not.toContain(url.split('/r/')[1] ?? url);
    });

    it('bursar report makes the same of it', { timeout: TEST_MS }, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'bursar-report-'));
      try {
        const told = ReportJsonSchema.parse(JSON.parse(await good('report', '--json')));
        expect(told.allocation).toEqual(report.told.allocation);
        expect(told.total.billed).toBe(report.told.total.billed);
        const out = await good('report', '--out', folder);
        expect(out).toContain(`The page: ${join(folder, report.name)}.html`);
        expect(out).toContain(`✓ ${formatUsd(spendOf(bill))} of the bill allocated, to the cent`);
        expect(readdirSync(folder).sort()).toEqual(
          ['-days.csv', '.csv', '.html', '.json'].map((ending) => `${report.name}${ending}`),
        );
        const read = (ending: string) => readFileSync(join(folder, `${report.name}${ending}`), 'utf8');
        await reconcile(
          {
            html: read('.html'),
            csv: read('.csv'),
            days: read('-days.csv'),
            told: ReportJsonSchema.parse(JSON.parse(read('.json'))),
          },
          bill,
          stage,
        );
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it('bursar allocate splits the same, also by environment and by what the ledger knows', {
      timeout: TEST_MS,
    }, async () => {
      const billed = usdToDecimal(spendOf(bill));
      const out = await good('allocate', '--by', 'environment');
      expect(out).toContain(`Allocation of ${formatUsd(spendOf(bill))}, `);
      const allocated = AllocationJsonSchema.parse(
        JSON.parse(await good('allocate', '--by', 'environment', '--json')),
      );
      expect(allocated.total).toBe(billed);
      const [environments] = allocated.dimensions;
      expect(environments?.values.map(({ value }) => value).sort()).toEqual(['', 'dev', 'prod']);
      const sum = sumUsd((environments?.values ?? []).flatMap(({ total }) => parseUsd(total) ?? []));
      expect(usdToDecimal(sum)).toBe(billed);

      const byLedger = AllocationJsonSchema.parse(
        JSON.parse(await good('allocate', '--bill', 'ledger', '--json')),
      );
      expect(byLedger.total).toBe(billed);
      const { from, to } = byLedger;
      expect(ledgerTotal(await stage.ledger.spendDays(ACCOUNT, from, to), { from, to })).toBe(spendOf(bill));
    });

    it('what cannot be asked is one line with the mend, and exit code 2', { timeout: TEST_MS }, async () => {
      const denying = await serveLoopback(async () => ({
        status: 400,
        headers: { 'content-type': 'application/x-amz-json-1.1' },
        body: JSON.stringify({
          __type: 'AccessDeniedException',
          message:
            'User: arn:aws:iam::111122223333:user/ana is not authorized to perform: ce:GetCostAndUsage',
        }),
      }));
      try {
        vi.stubEnv('AWS_ENDPOINT_URL_COST_EXPLORER', denying.url);
        const denied = await withPolicy('allocate');
        expect(denied).toMatchObject({ code: 2, out: '' });
        expect(denied.err).toMatch(/^Cost Explorer may not be read: .* Allow ce:GetCostAndUsage, .*\.\n$/);
        // The ledger needs no Cost Explorer, and a report is worth having without a bill.
        await good('allocate', '--bill', 'ledger');
        const told = ReportJsonSchema.parse(JSON.parse(await good('report', '--json')));
        expect(told.allocation).toBeNull();
        expect(told.notes.join('\n')).toContain(
          'The bill could not be allocated. Cost Explorer may not be read:',
        );
      } finally {
        vi.unstubAllEnvs();
        await denying.stop();
      }
      for (const command of ['allocate', 'report', 'savings']) {
        const nowhere = await withPolicy(command, '--stack', 'Nope');
        expect(nowhere).toMatchObject({ code: 2, out: '' });
        expect(nowhere.err).toMatch(
          /^There is no stack Nope in us-east-1[.:].*--stack, --region or --profile\.\n$/,
        );
        vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
        const unsigned = await withPolicy(command);
        vi.unstubAllEnvs();
        expect(unsigned).toMatchObject({ code: 2, out: '' });
        expect(unsigned.err).toMatch(/^[^\n]+: No AWS credentials were found\. .*\n$/);
      }
    });

    it('a stop saves price × time by bursar savings, and the link has expired when it counts eight days', {
      timeout: TEST_MS,
    }, async () => {
      const id = await startInstance(stage.clients, {
        type: 'm5.xlarge',
        tags: { project: 'gamma', environment: 'dev' },
      });
      await stage.quiet();
      const since = stage.now();
      const { code } = await bursar('stop', id, '--yes', '--reason', 'nobody needs it');
      expect(code).toBe(0);
      const stop = (await stage.ledger.audit({ arn: arnOfInstance(id) })).find(
        ({ event, decision }) => event === 'taken' && decision.action === 'stop',
      );
      const stoppedAt = stop?.at.getTime() ?? 0;
      const hourly = parseUsd('0.192') ?? parseUsd('0');
      await stage.advanceTo(after(stage.now(), 8 * 24 * 60 + 1));
      const told = SavingsJsonSchema.parse(
        JSON.parse(await good('savings', '--json', '--since', since.toISOString(), '--project', 'gamma')),
      );
      const saved = told.stops.find((one) => one.id === id);
      expect(saved).toMatchObject({ hourly: '0.192', by: 'now', stoppedAt: stop?.at.toISOString() });
      const minutes = (Date.parse(saved?.until ?? '') - stoppedAt) / MINUTE_MS;
      expect(minutes).toBeGreaterThan(8 * 24 * 60);
      expect(minutes).toBeLessThan(8 * 24 * 60 + 10);
      expect(saved?.saved).toBe(usdToDecimal(costOver(hourly ?? spendOf([]), minutes * MINUTE_MS)));

      const expired = await stage.open(url);
      expect(expired.status).toBe(410);
      expect(await expired.text()).toContain('This link has expired');
    });
  });
}
