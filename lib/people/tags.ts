import { type CoverageFigures, coverage, problemsOf } from '../compliance/coverage.ts';
import { proposeTags, type TagProposal } from '../compliance/proposals.ts';
import { allowedValues, requiredTagsOf } from '../compliance/required.ts';
import { discoverFleet, discoverMetered, type RegionContexts } from '../fleet/discover.ts';
import { type Policy, projectOf } from '../policy/policy.ts';
import { usdToDecimal } from '../types/money.ts';
import { isGroupMember, type Resource } from '../types/resource.ts';
import type { FiguresAnswer, ProblemAnswer, TagProposalAnswer, Tags } from './tags-answer.ts';

/** Lambda limits an answer to 6 MB; nobody reads as many. */
const MAX_PROBLEMS = 500;
const MAX_PROPOSALS = 2_000;

/** How well everything that exists now is tagged, what is wrong, and what would mend it. Changes nothing. */
export async function tags({
  policy,
  regions,
}: {
  readonly policy: Policy;
  readonly regions: RegionContexts;
}): Promise<Tags> {
  const [fleet, beside] = await Promise.all([discoverFleet(regions), discoverMetered(regions)]);
  const unread = beside.failed.map(({ kind, region, error }) => ({
    kind,
    region,
    why: error instanceof Error ? error.message : String(error),
  }));
  return { ...tagsOf(policy, [...fleet, ...beside.resources]), unread };
}

/** As `tags`, of these resources. */
export function tagsOf(policy: Policy, resources: readonly Resource[]): Omit<Tags, 'unread'> {
  const { account, projects } = coverage(policy, resources);
  const problems = resources
    .filter((one) => !isGroupMember(one))
    .sort(dearestFirst)
    .flatMap((one) => problemsAnswer(policy, one));
  const proposals = proposeTags(policy, resources);
  const inOrder = [
    ...proposals.filter(({ confidence }) => confidence === 'sure'),
    ...proposals.filter(({ confidence }) => confidence === 'likely'),
  ];
  return {
    required: requiredTagsOf(policy).map((tag) => {
      const values = allowedValues(tag);
      return { key: tag.key, ...(values === undefined ? {} : { values: [...values] }) };
    }),
    coverage: {
      account: figuresAnswer(account),
      projects: [...projects]
        .sort(([a], [b]) => Number(a === '') - Number(b === '') || a.localeCompare(b))
        .map(([project, figures]) => ({ project, ...figuresAnswer(figures) })),
    },
    problems: problems.slice(0, MAX_PROBLEMS),
    problemCount: problems.length,
    proposals: inOrder.slice(0, MAX_PROPOSALS).map(proposalAnswer),
    proposalCount: inOrder.length,
  };
}

/** What it costs now, in USD an hour. */
const costNow = ({ state, hourly }: Resource): Resource['hourly'] =>
  state === 'running' ? hourly : undefined;

function dearestFirst(a: Resource, b: Resource): number {
  const [left, right] = [costNow(a) ?? 0n, costNow(b) ?? 0n];
  return left === right ? a.id.localeCompare(b.id) : left > right ? -1 : 1;
}

function problemsAnswer(policy: Policy, resource: Resource): readonly ProblemAnswer[] {
  const { arn, id, kind, region, size } = resource;
  const project = projectOf(policy, resource.tags);
  const hourly = costNow(resource);
  return problemsOf(policy, resource).map((problem) => ({
    arn,
    id,
    kind,
    region,
    size,
    ...(project === undefined ? {} : { project }),
    ...(hourly === undefined ? {} : { hourly: usdToDecimal(hourly) }),
    ...problem,
  }));
}

const figuresAnswer = ({ hourly, compliantHourly, lacking, ...rest }: CoverageFigures): FiguresAnswer => ({
  ...rest,
  hourly: usdToDecimal(hourly),
  compliantHourly: usdToDecimal(compliantHourly),
  lacking: [...lacking],
});

const proposalAnswer = ({ policy, ...rest }: TagProposal): TagProposalAnswer => ({
  ...rest,
  ...(policy === undefined ? {} : { policy: { from: policy.from ?? null, to: policy.to ?? null } }),
});
