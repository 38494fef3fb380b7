import { discoverFleet, discoverMetered, type RegionContexts } from '../fleet/discover.ts';
import { titleOf } from '../fleet/metered-kinds.ts';
import type { Policy } from '../policy/policy.ts';
import { show } from '../policy/words.ts';
import type { Check } from '../recommend/check.ts';
import { adviceClients } from '../recommend/clients.ts';
import { recommend } from '../recommend/recommend.ts';
import type { Recommendations } from '../types/recommendation.ts';
import type { Resource } from '../types/resource.ts';
import type { AwsContextOptions, AwsContexts } from './aws-contexts.ts';
import { type Io, UsageError } from './io.ts';
import { withBar } from './progress-bar.ts';
import { readingError } from './remote-error.ts';

/** What reads the account, and what it is looked at for. */
export interface RecommendParts {
  readonly awsContexts: (options: AwsContextOptions) => Promise<AwsContexts>;
  readonly checks: readonly Check[];
  /** What there is, and sentences about what could not be listed. */
  readonly discover: (
    regions: RegionContexts,
  ) => Promise<{ readonly fleet: readonly Resource[]; readonly notes: readonly string[] }>;
}

export interface RecommendWanted {
  readonly policy: Policy;
  /** Of checks; none = all. */
  readonly names: readonly string[];
  readonly project?: string;
  readonly profile?: string;
}

const DENIED = 'bursar recommend --iam-policy prints a policy that allows all it needs.';

/** Looks at the account that the credentials in use belong to; touches nothing. @throws UsageError one line */
export async function runRecommend(
  { policy, names, project, profile }: RecommendWanted,
  io: Io,
  parts: RecommendParts,
): Promise<{ readonly account: string; readonly found: Recommendations }> {
  const checks = checksNamed(names, parts.checks);
  const options = profile === undefined ? {} : { profile };
  const { account, regions, costExplorer } = await parts.awsContexts({ policy, ...options, now: io.now });
  const found = await withBar(io, 'Looking for what could cost less', async () => {
    const { fleet, notes } = await parts.discover(regions);
    const made = await recommend(
      {
        policy,
        checks,
        regions,
        ...adviceClients(options),
        costExplorer,
        fleet,
        now: io.now(),
      },
      project,
    );
    return { ...made, notes: [...notes, ...made.notes] };
  }).catch((error: unknown) => {
    throw readingError(error, account, DENIED);
  });
  return { account, found };
}

/** All that costs money and is known, of kinds that are stopped and that are metered alone. */
export async function discoverAll(
  regions: RegionContexts,
): Promise<{ readonly fleet: readonly Resource[]; readonly notes: readonly string[] }> {
  const [fleet, beside] = await Promise.all([discoverFleet(regions), discoverMetered(regions)]);
  return {
    fleet: [...fleet, ...beside.resources],
    notes: beside.failed.map(
      ({ kind, region }) => `What there is of the kind “${titleOf(kind)}” in ${region} could not be listed.`,
    ),
  };
}

function checksNamed(names: readonly string[], all: readonly Check[]): readonly Check[] {
  if (names.length === 0) return all;
  const unknown = names.find((name) => !all.some((check) => check.name === name));
  if (unknown !== undefined) {
    throw new UsageError(
      `--check: ${show(unknown)} is no check. Write one of: ${all.map(({ name }) => name).join(', ')}.`,
    );
  }
  return all.filter(({ name }) => names.includes(name));
}
