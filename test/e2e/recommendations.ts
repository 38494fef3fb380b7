import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { dayName, dayNumber } from '../../lib/meter/days.ts';
import { recommendIamPolicy } from '../../lib/recommend/iam-policy.ts';
import { type RecommendationsJson, RecommendationsJsonSchema } from '../../lib/recommend/json.ts';
import { checks } from '../../lib/recommend/registry.ts';
import { ACCOUNT } from '../../lib/sandbox/local-aws.ts';
import type { Stage } from '../../lib/sandbox/stage.ts';
import { writeReport } from '../../lib/sandbox/written-report.ts';
import { readPolicy } from '../../lib/stacks/policy-asset.ts';
import { formatUsd, parseUsd, ZERO_USD } from '../../lib/types/money.ts';
import { run } from '../cli/run-cli.ts';
import { wireTo } from './calls.ts';
import { postedDuring, textOf } from './looks.ts';
import { actsOn, after, HOUR_MS, MINUTE_MS, pauseRegularSweeps } from './on-stage.ts';
import { cleanFleet, type Expected, wastefulFleet } from './wasteful-fleet.ts';

const DAY_MS = 24 * HOUR_MS;
const TEST_MS = 120_000;

/** All that is planted, of two for one resource the larger alone: worked by hand, as each of them is. */
const MONTHLY = '1908.09955';

/**
 * A Monday at 7:41 more than half a year from now, so that what is made now is old, and not in the first week of a month,
 * in which people are sent the report of the month before.
 */
function monday(): Date {
  for (let days = 185; ; days += 1) {
    const at = new Date(Math.floor(Date.now() / DAY_MS + days) * DAY_MS + (7 * 60 + 41) * MINUTE_MS);
    if (at.getUTCDay() === 1 && at.getUTCDate() >= 8) return at;
  }
}

/** What the command printed, which tells the account as well. */
function foundIn(out: string): RecommendationsJson {
  const { account, ...found } = z.looseObject({ account: z.string() }).parse(JSON.parse(out));
  expect(account).toBe(ACCOUNT);
  return RecommendationsJsonSchema.parse(found);
}

/** What could cost less, as the command line and the deployed report find it in a clean fleet and in one with waste. */
export function recommendations(theStage: () => Stage, policyFile: string): void {
  describe('how to spend less', () => {
    let stage: Stage;
    let now: Date;
    let expected: readonly Expected[];
    const gamma = (environment: string) => ({ project: 'gamma', environment });

    /** In this process, on its own clock: the Lambdas have theirs. */
    const told = async (at: Date, ...args: readonly string[]): Promise<RecommendationsJson> => {
      const { code, out, err } = await run(['recommend', '--json', ...args], { now: () => at });
      expect({ code, err }).toEqual({ code: 0, err: '' });
      return foundIn(out);
    };

    beforeAll(async () => {
      stage = theStage();
      await pauseRegularSweeps();
      now = monday();
      await cleanFleet(stage, gamma('dev'), now);
    }, TEST_MS);

    it('a fleet without waste yields nothing, and all of it could be looked at; nor does Bursar itself', {
      timeout: TEST_MS,
    }, async () => {
      expect(await told(now, '--policy', policyFile)).toEqual({
        open: [],
        dismissed: [],
        monthly: '0',
        notes: [],
      });
    });

    it('one of each sort is found, to the micro-dollar, by the rights that it asks for and no others', {
      timeout: TEST_MS,
    }, async () => {
      expected = await wastefulFleet(stage, { tags: gamma('dev'), spared: gamma('prod') }, now);
      // Whatever else is looked for must be planted here too.
      expect(new Set(expected.map(({ check }) => check))).toEqual(new Set(checks.map(({ name }) => name)));
      const wire = await wireTo(stage.aws);
      try {
        const { code, out, err } = await actsOn(stage, readPolicy(policyFile)).bursar(
          ['recommend', '--json', '--policy', policyFile],
          { ...wire.env, SANDBOX_CLOCK_AHEAD: String(Math.round((now.getTime() - Date.now()) / 1000)) },
        );
        expect({ code, err }).toEqual({ code: 0, err: '' });
        const found = foundIn(out);
        expectAll(found);
        expect(found.notes).toEqual([]);
        const allowed = new Set(recommendIamPolicy().Statement.flatMap(({ Action }) => Action));
        // STS needs no right.
        const free = new Set(['sts:GetCallerIdentity']);
        // S3 has no names of operations on the wire.
        const [ofS3 = [], calls = []] = [true, false].map((is) =>
          wire.calls().filter((call) => call.startsWith('s3:') === is),
        );
        expect(ofS3.filter((call) => !call.startsWith('s3:GET '))).toEqual([]);
        expect(calls.filter((call) => !allowed.has(call) && !free.has(call))).toEqual([]);
      } finally {
        await wire.stop();
      }
    });

    function expectAll({ open, monthly }: Pick<RecommendationsJson, 'open' | 'monthly'>): void {
      const lines = (some: readonly { check: string; arn: string; monthly: string }[]) =>
        some.map((one) => `${one.check} ${one.arn} $${one.monthly}`).sort();
      expect(lines(open.map(({ resource: { arn }, ...one }) => ({ ...one, arn })))).toEqual(lines(expected));
      for (const { check, arn, title, evidence } of expected) {
        const one = open.find((some) => some.id === `${check} ${arn}`);
        expect(one?.title).toMatch(title);
        expect(one?.evidence.filter((sentence) => evidence.test(sentence))).toHaveLength(1);
        expect(one?.keeps).not.toBe('');
        expect(one?.how.length).toBeGreaterThan(0);
        // The plan is bought for the whole account.
        expect(one?.resource.project).toBe(check === 'savings-plans' ? null : 'gamma');
      }
      expect(monthly).toBe(MONTHLY);
      const amounts = open.map((one) => parseUsd(one.monthly) ?? ZERO_USD);
      expect(amounts).toEqual(amounts.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0)));
    }

    it('what is dismissed is left out until its day has passed', { timeout: TEST_MS }, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'bursar-dismissed-'));
      try {
        const file = join(folder, 'bursar.yaml');
        copyFileSync(policyFile, file);
        const of = expected.find(({ check }) => check === 'gp2-to-gp3');
        const id = `gp2-to-gp3 ${of?.arn}`;
        const until = dayName(dayNumber(now.getTime()) + 7);
        const { code, err } = await run(
          ['recommend', 'dismiss', id, '--until', until, '--reason', 'it moves', '--policy', file],
          { now: () => now },
        );
        expect({ code, err }).toEqual({ code: 0, err: '' });
        const { open, dismissed, monthly } = await told(now, '--policy', file, '--check', 'gp2-to-gp3');
        expect({ open, monthly }).toEqual({ open: [], monthly: '0' });
        expect(dismissed).toMatchObject([{ id, monthly: '5', dismissed: { until, reason: 'it moves' } }]);
        const later = await told(after(now, 8 * 24 * 60), '--policy', file, '--check', 'gp2-to-gp3');
        expect(later.open.map((one) => one.id)).toEqual([id]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it('the deployed report has them all, and the weekly alert the largest', {
      timeout: TEST_MS,
    }, async () => {
      await stage.advanceTo(now);
      const report = await writeReport(stage);
      const found = report.told.recommendations;
      expect(found).not.toBeNull();
      if (found !== null) expectAll(found);
      const all = formatUsd(parseUsd(MONTHLY) ?? ZERO_USD);
      const section = /id="recommendations"[\s\S]*?<\/section>/.exec(report.html)?.[0] ?? '';
      for (const text of [all, '$425.64', '$297.84', '$3.65']) expect(section).toContain(text);
      expect(found?.notes).toEqual([]);

      await stage.advanceTo(after(now, 24));
      const posted = await postedDuring(stage, () => stage.sweep());
      const weekly = posted.map(textOf).find((text) => text.includes('The week in account')) ?? '';
      expect(weekly).toContain(`To spend less: 15 recommendations, ${all} a month together`);
      expect(weekly).toMatch(/\$425\.64 a month: Make SageMaker endpoint mornings-alone asynchronous/);
      expect(weekly).toMatch(/\$297\.84 a month: Run EC2 instance \S+ \(c5\.4xlarge\) as a Spot instance/);
      expect(weekly).toContain('$252.58 a month: Serve SageMaker endpoint roomy-endpoint on ml.m5.large');
      expect(weekly).not.toContain('$210.24');
    });
  });
}
