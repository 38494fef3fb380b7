import { isAbsolute, relative } from 'node:path';
import { priceChange } from '../estimate/price-change.ts';
import { DEFAULT_USAGE_FILE, parseUsage, type UsageFile } from '../estimate/usage-file.ts';
import { chooseAlternatives } from '../gate/choose.ts';
import { type Comparable, compareItems } from '../gate/compare.ts';
import { judgeChange } from '../gate/judge.ts';
import type { GateResult } from '../gate/result.ts';
import { savedText } from '../gate/saved.ts';
import type { Policy } from '../policy/policy.ts';
import { PolicyError } from '../policy/policy-error.ts';
import type { InstanceNeeds } from '../types/gate.ts';
import type { Usd } from '../types/money.ts';
import { remainingBudgets } from './gate-committed.ts';
import { writePicks } from './gate-picks.ts';
import type { GatePrices, PricesWanted } from './gate-prices.ts';
import { readPaths } from './gate-read.ts';
import { writeText } from './html-file.ts';
import { type Io, UsageError } from './io.ts';
import { readIfThere } from './read-if-there.ts';
import type { Remote } from './remote.ts';
import type { RemoteOptions } from './remote-options.ts';

export interface GateRequest extends Omit<RemoteOptions, 'json' | 'region'> {
  readonly paths: readonly string[];
  /** Absent or empty = there is nothing to compare with. */
  readonly base: readonly string[];
  readonly policy: Policy | undefined;
  readonly policyFile: string;
  /** Whose it is that carries no project tag. */
  readonly project?: string;
  readonly model?: string;
  /** Of what names none itself. */
  readonly region: string;
  /** Of the stack of Bursar; absent = as the AWS SDKs find it. */
  readonly stackRegion?: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** `undefined` = the usual file, where it is there. */
  readonly usageFile?: string;
  readonly needs?: InstanceNeeds;
  readonly or?: readonly string[];
  readonly warnAt?: number;
  readonly committed?: Usd;
  readonly limit?: Usd;
  readonly prices?: string;
  readonly savePrices?: string;
  readonly save?: string;
  readonly pick: boolean;
  readonly failOnUnpriced: boolean;
}

/** What reaches AWS. */
export interface GateParts {
  readonly connect: (options: RemoteOptions) => Promise<Pick<Remote, 'dryRun'>>;
  readonly prices: (wanted: PricesWanted) => Promise<GatePrices>;
}

/**
 * Reads and prices a change, holds it against what is left of the limits, and looks for what would pass where it does
 * not. Writes what it was asked to write: picks, the estimate, prices.
 * @throws UsageError a line for each mistake
 */
export async function runGate(request: GateRequest, io: Io, parts: GateParts): Promise<GateResult> {
  const { paths, base, policy, project, region, parameters, profile, warnAt, failOnUnpriced } = request;
  const usage = await usageOf(request.usageFile);
  const options = {
    region,
    parameters,
    projectTag: policy?.tags.project ?? 'project',
    ...(usage === undefined ? {} : { usage }),
  };
  const [read, baseRead, prices] = await Promise.all([
    readPaths(paths, options),
    readPaths(base, options, { asBase: true }),
    parts.prices({
      ...(request.prices === undefined ? {} : { file: request.prices }),
      ...(request.savePrices === undefined ? {} : { saveAs: request.savePrices }),
      ...(profile === undefined ? {} : { profile }),
      now: io.now,
    }),
  ]);
  const estimate = await priceChange(read.change, prices);
  if (request.save !== undefined) await writeText('--save', request.save, savedText(estimate));
  const hasBase = base.length > 0 || read.before !== undefined;
  const before: readonly Comparable[] = [
    ...(await priceChange(baseRead.change, prices)).items,
    ...(base.length === 0 && read.before !== undefined ? (await priceChange(read.before, prices)).items : []),
    ...baseRead.saved,
  ];
  const { items } = compareItems(hasBase ? before : undefined, estimate.items, project);
  const changed = items.filter(({ change }) => change !== 'same');
  const budgets = await remainingBudgets(
    {
      policy,
      policyFile: request.policyFile,
      projects: [...new Set(changed.flatMap((item) => item.project ?? []))],
      ...(project === undefined ? {} : { project }),
      ...(request.model === undefined ? {} : { model: request.model }),
      ...(request.committed === undefined ? {} : { committed: request.committed }),
      ...(request.limit === undefined ? {} : { limit: request.limit }),
    },
    () =>
      parts.connect({
        stack: request.stack,
        ...(request.stackRegion === undefined ? {} : { region: request.stackRegion }),
        ...(profile === undefined ? {} : { profile }),
      }),
  );
  const judge = (some: Parameters<typeof judgeChange>[0]['items']) =>
    judgeChange({
      items: some,
      remaining: budgets.remaining,
      failOnUnpriced,
      ...(warnAt === undefined ? {} : { warnAt }),
    });
  const judgement = judge(items);
  const alternatives = await chooseAlternatives({
    items,
    judgement,
    judge,
    price: async (some) => (await priceChange({ items: some, free: 0 }, prices)).items,
    ...(request.needs === undefined ? {} : { needs: request.needs }),
    ...(request.or === undefined ? {} : { or: request.or }),
  });
  await prices.save();
  const written = request.pick ? await writePicks(alternatives.picks) : [];
  const isSynthesised = (file: string): boolean => read.cdkOut.some((folder) => isWithin(folder, file));
  return {
    items,
    hasBase,
    free: estimate.free,
    judgement,
    alternatives,
    written,
    isStated: budgets.isStated,
    notes: [
      ...budgets.notes,
      ...prices.notes(),
      ...written.flatMap(({ id, file, refused }) =>
        refused === undefined && isSynthesised(file)
          ? [
              `${file} is made by cdk synth: change ${id} in its source as well, or the next synth undoes the pick.`,
            ]
          : [],
      ),
    ],
  };
}

const isWithin = (folder: string, file: string): boolean => {
  const path = relative(folder, file);
  return path !== '' && !path.startsWith('..') && !isAbsolute(path);
};

/** @throws UsageError with a line for each mistake in it, and where a file that was named is not there */
async function usageOf(file: string | undefined): Promise<UsageFile | undefined> {
  const name = file ?? DEFAULT_USAGE_FILE;
  const text = await readIfThere('--usage', name);
  if (text === undefined) {
    if (file === undefined) return undefined;
    throw new UsageError(`--usage ${file}: No such file. Name the file of stated usage, or leave it out.`);
  }
  try {
    return parseUsage(text, name);
  } catch (error) {
    if (error instanceof PolicyError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
