import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { createColors } from 'picocolors';
import { describe, expect, it } from 'vitest';
import { replay } from '../../lib/backtest/replay.ts';
import { backtestBy } from '../../lib/cli/backtest.ts';
import { BacktestJsonSchema } from '../../lib/cli/backtest-json.ts';
import type { BacktestParts } from '../../lib/cli/backtest-run.ts';
import type { ExitCode, Io } from '../../lib/cli/io.ts';
import { ACCOUNT, REGION } from '../../lib/simulate/account/state.ts';
import { accountOf, NOW, scratch } from '../backtest/fixtures.ts';

/*
 * The command with all its parts, over an account in memory whose CloudWatch knows three days: `night` is busy by day
 * alone, `pauses` is used again ten minutes after each hour, and `busy` is never idle.
 */

const POLICY = `version: 1
projects: { recsys: {} }
policies:
  - { name: development, match: { environment: dev }, idle: { after: 45m, do: stop } }
scope: { regions: [${REGION}] }
limits: { maxStopsPerSweep: 25, maxFleetShare: 100% }
`;

const busy = (is: boolean) => ({ cpu: is ? 70 : 1, network: 10 });

function account({ pauses = false } = {}) {
  const made = accountOf();
  made.add('i-night', (minute) => busy(minute.getUTCHours() >= 8 && minute.getUTCHours() < 18));
  made.add('i-busy', () => busy(true));
  if (pauses) made.add('i-pauses', (minute) => busy(minute.getUTCMinutes() < 10));
  return made;
}

async function run(
  args: readonly string[],
  {
    dir = scratch(),
    given = account(),
    onReplay = () => {},
  }: { dir?: string; given?: ReturnType<typeof account>; onReplay?: () => void } = {},
) {
  const parts: BacktestParts = {
    awsContexts: async () => ({
      account: ACCOUNT,
      regions: given.regions(),
      cloudTrails: given.cloudTrails,
    }),
    replay: (history, policy, options) =>
      replay(history, policy, {
        ...options,
        onProgress: (share) => {
          onReplay();
          options.onProgress?.(share);
        },
      }),
    trailPace: async () => {},
  };
  writeFileSync(join(dir, 'bursar.yaml'), POLICY);
  writeFileSync(join(dir, 'other.yaml'), POLICY.replace('45m', '4h'));
  let [out, err] = ['', ''];
  let code: ExitCode | undefined;
  const io: Io = {
    out: (line) => {
      out += `${line}\n`;
    },
    err: (line) => {
      err += `${line}\n`;
    },
    outColours: createColors(false),
    errColours: createColors(false),
    width: 100,
    lively: false,
    confirm: undefined,
    now: () => NOW,
    sleep: async () => {},
  };
  const command = backtestBy(async () => parts)(io, (result) => {
    code = result;
  });
  const own = ['--policy', join(dir, 'bursar.yaml'), '--cache', join(dir, 'cache'), '--days', '3', '--yes'];
  const before = given.account.asked.metrics;
  await new Command()
    .addCommand(command)
    .parseAsync(
      ['backtest', ...own, ...args.map((arg) => (arg === 'OTHER' ? join(dir, 'other.yaml') : arg))],
      {
        from: 'user',
      },
    );
  return { code, out, err, asked: given.account.asked.metrics - before };
}

describe('bursar backtest over an account', () => {
  it('finds what ran idle by night, and what that cost', async () => {
    const { code, out } = await run(['--json']);
    const json = BacktestJsonSchema.parse(JSON.parse(out));
    expect(code).toBe(0);
    // From midnight of the first day: 00:45, and 45 min after each 18:00, until 8:00.
    const stops = json.events.flatMap((one) =>
      one.event === 'stopped' ? [[one.arn.split('/').at(-1), one.at]] : [],
    );
    expect(stops).toEqual([
      ['i-night', '2026-11-22T00:45:00.000Z'],
      ['i-night', '2026-11-22T18:45:00.000Z'],
      ['i-night', '2026-11-23T18:45:00.000Z'],
      ['i-night', '2026-11-24T18:45:00.000Z'],
    ]);
    // $1.006 an hour, 7.25 h and three times 13.25 h.
    expect(Number(json.saved)).toBeCloseTo((7.25 + 3 * 13.25) * 1.006, 2);
    expect(json.gaps).not.toEqual([]);
  });

  it('says no where somebody would have had to wait, and proposes what would not have done so', async () => {
    const { code, out } = await run([], { given: account({ pauses: true }) });
    expect(code).toBe(1);
    expect(out).toMatch(/False stops \(in use again within 15 min\): [1-9]/);
    expect(out).toMatch(/after: \S+ instead of 45 min: none of \d+ stops false/);
  });

  it('reads again nothing but today, compares, and writes a page', async () => {
    const [dir, given] = [scratch(), account()];
    const first = await run([], { dir, given });
    expect(first.asked, 'three metrics of each').toBe(6);
    const page = join(dir, 'page.html');
    const again = await run(['--against', 'OTHER', '--html', page], { dir, given });
    expect(again.err).toContain('75% of it from the cache');
    expect(again.out).toContain('Side by side');
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/i);
  });

  it('keeps what was read where Ctrl-C stops it', async () => {
    const [dir, given] = [scratch(), account()];
    const stopped = run([], { dir, given, onReplay: () => process.emit('SIGINT') && undefined });
    await expect(stopped).rejects.toThrow(/^Stopped by Ctrl-C\. What was read is in .*cache: run it again/);
    expect((await run([], { dir, given })).err).toContain('75% of it from the cache');
  });
});
