import { setImmediate as turn } from 'node:timers/promises';
import { CacheError, createCache } from '../backtest/cache.ts';
import type { HistoryCost } from '../backtest/metric-batches.ts';
import { prepareHistory } from '../backtest/prepare-history.ts';
import { type ReadHistory, type ReadOptions, readHistory } from '../backtest/read-history.ts';
import type { replay } from '../backtest/replay.ts';
import { proposeThresholds } from '../backtest/thresholds.ts';
import { pricesOf } from '../fleet/discover.ts';
import type { PriceBook } from '../fleet/prices.ts';
import { DAY_MS } from '../meter/days.ts';
import type { Policy } from '../policy/policy.ts';
import type { RunResult } from '../simulate/result.ts';
import type { AwsContextOptions, AwsContexts } from './aws-contexts.ts';
import { type Backtested, costLines } from './backtest-lines.ts';
import { confirmer, type Io, UsageError } from './io.ts';
import { withBar } from './progress-bar.ts';
import { awsFailure, remoteError } from './remote-error.ts';

export interface BacktestRequest {
  readonly policy: Policy;
  readonly policyFile: string;
  readonly against: { readonly policy: Policy; readonly policyFile: string } | undefined;
  readonly days: number;
  readonly cacheDir: string;
  readonly profile?: string;
  /** Goes on without asking. */
  readonly yes: boolean;
}

/** What reads the account and replays a policy. */
export interface BacktestParts {
  readonly awsContexts: (
    options: AwsContextOptions,
  ) => Promise<Pick<AwsContexts, 'account' | 'regions' | 'cloudTrails'>>;
  readonly replay: typeof replay;
  /** How fast CloudTrail is asked, instead of as fast as it allows. */
  readonly trailPace?: ReadOptions['trailPace'];
}

export interface BacktestDone extends Backtested {
  readonly account: string;
  readonly cost: HistoryCost;
  readonly asked: ReadHistory['asked'];
}

/** Of the finest samples. */
const GRID_MS = 300_000;

/**
 * Reads the history of the account that the credentials in use belong to, and replays one policy or two over it; touches
 * nothing.
 * @returns `undefined` where the one who was asked does not want to pay for it
 * @throws UsageError one line, where AWS does not let it be read, or nobody is there to be asked
 */
export async function runBacktest(
  request: BacktestRequest,
  io: Io,
  parts: BacktestParts,
): Promise<BacktestDone | undefined> {
  const { policy, policyFile, against, cacheDir } = request;
  const kept = `Stopped by Ctrl-C. What was read is in ${cacheDir}: run it again to read the rest.`;
  const read = await readAccount(request, kept, io, parts);
  if (read === undefined) return undefined;
  const { account, history, plans, prices, cost, asked } = read;
  const replayed = (title: string, by: Policy, file: string): Promise<RunResult> =>
    withBar(
      io,
      title,
      (onProgress, signal) =>
        parts.replay(history, by, { policyFile: file, plans, prices, onProgress, signal }),
      kept,
    );
  const result = await replayed(`Replaying ${policyFile}`, policy, policyFile);
  const other =
    against === undefined
      ? undefined
      : await replayed(`Replaying ${against.policyFile}`, against.policy, against.policyFile);
  const proposals = await withBar(
    io,
    'Looking for thresholds',
    (onProgress, signal) =>
      proposeThresholds(history, plans, policy, {
        onProgress,
        breathe: async () => {
          await turn();
          signal.throwIfAborted();
        },
      }),
    kept,
  );
  return { result, other, proposals, gaps: history.gaps, account, cost, asked };
}

interface AccountRead extends ReadHistory {
  readonly account: string;
  readonly prices: PriceBook;
  readonly cost: HistoryCost;
}

/** What the cache had is held no longer than until it is laid out: of a large fleet it is most of what is known. */
async function readAccount(
  { policy, against, days, cacheDir, profile, yes }: BacktestRequest,
  kept: string,
  io: Io,
  parts: BacktestParts,
): Promise<AccountRead | undefined> {
  const now = io.now();
  const to = new Date(Math.floor(now.getTime() / GRID_MS) * GRID_MS);
  const from = new Date((Math.floor(now.getTime() / DAY_MS) - days) * DAY_MS);
  const scopes = [policy, ...(against === undefined ? [] : [against.policy])].map(({ scope }) => scope);
  const scope = {
    accounts: policy.scope.accounts,
    regions: [...new Set(scopes.flatMap(({ regions }) => regions))],
  };
  const { account, regions, cloudTrails } = await parts.awsContexts({
    policy: { scope },
    ...(profile === undefined ? {} : { profile }),
    now: io.now,
  });
  const cache = createCache(cacheDir);

  const prepared = await withBar(io, 'Looking at the fleet', (onProgress, signal) =>
    prepareHistory({ regions, from, to, now, cache, onProgress, signal }),
  ).catch(readable(account));
  if (!(await isAgreed(prepared.cost, yes, io))) return undefined;

  const read = await withBar(
    io,
    'Reading the history',
    (onProgress, signal) =>
      readHistory(prepared, {
        cloudTrails,
        cache,
        onProgress,
        signal,
        ...(parts.trailPace === undefined ? {} : { trailPace: parts.trailPace }),
      }),
    kept,
  ).catch(readable(account));
  return { ...read, account, prices: pricesOf(regions), cost: prepared.cost };
}

/** States the price, and asks. What costs nothing is not asked. */
async function isAgreed(cost: HistoryCost, yes: boolean, io: Io): Promise<boolean> {
  for (const line of costLines(cost)) io.err(line);
  if (cost.metrics === 0 || yes) return true;
  return confirmer(io)('Go on?');
}

/** What AWS refused, or the disk, as one line; what is a fault of this program stays what it is. */
const readable =
  (account: string) =>
  (error: unknown): never => {
    if (error instanceof CacheError) throw new UsageError(error.message, { cause: error });
    if (error instanceof UsageError) throw error;
    const failure = awsFailure(error);
    if (failure === undefined) throw error;
    throw remoteError(failure, 'Reading the account', account, DENIED);
  };

const DENIED = 'bursar plan --iam-policy prints a policy that allows all it needs.';
