import { type Remaining, remainingOf, type SpentSoFar, statedRemaining } from '../gate/remaining.ts';
import { type Policy, projectNamed } from '../policy/policy.ts';
import { show } from '../policy/words.ts';
import type { Usd } from '../types/money.ts';
import { UsageError } from './io.ts';
import type { Remote } from './remote.ts';
import { amount, type FiguresRow } from './spend-row.ts';
import type { SweepAnswer } from './sweep-answer.ts';

export interface CommittedRequest {
  /** `undefined` = there is no policy file: limit and committed are stated. */
  readonly policy: Pick<Policy, 'teams' | 'projects'> | undefined;
  readonly policyFile: string;
  /** The projects that the change is about. */
  readonly projects: readonly string[];
  /** Whose the stated figures are; absent = of the only project. */
  readonly project?: string;
  /** The model of the change. */
  readonly model?: string;
  /** USD that the month comes to without the change, as stated. */
  readonly committed?: Usd;
  /** USD a month, as stated. */
  readonly limit?: Usd;
}

/** What is left of the limits, by project. */
export interface RemainingBudgets {
  readonly remaining: ReadonlyMap<string, readonly Remaining[]>;
  /** Whether what is committed was stated. */
  readonly isStated: boolean;
  /** Sentences for people. */
  readonly notes: readonly string[];
}

/**
 * What is left of the limits of a change’s projects: as stated, or as a dry run of the deployed Bursar’s sweep tells it,
 * which is asked only where some limit is known.
 * @throws UsageError one line, where figures are stated for nobody in particular, or AWS does not answer
 */
export async function remainingBudgets(
  request: CommittedRequest,
  connect: () => Promise<Pick<Remote, 'dryRun'>>,
): Promise<RemainingBudgets> {
  const { projects, committed, limit } = request;
  const stated = committed === undefined && limit === undefined ? undefined : statedFor(request);
  if (committed !== undefined) {
    if (stated === undefined) return { remaining: new Map(), isStated: true, notes: [] };
    const left = statedRemaining(stated, limit ?? limitOf(request, stated), committed);
    return { remaining: new Map([[stated, [left]]]), isStated: true, notes: [] };
  }
  const policy = withLimit(request, stated);
  const none = { spends: new Map<string, SpentSoFar>(), models: new Map() };
  const ofModel = request.model === undefined ? {} : { model: request.model };
  const limited = projects.filter(
    (project) => remainingOf({ policy, project, ...ofModel, metered: none }).length > 0,
  );
  if (limited.length === 0) return { remaining: new Map(), isStated: false, notes: [] };
  const answer = await (await connect()).dryRun();
  if (answer.spend === undefined) {
    throw new UsageError(
      'The deployed Bursar knows of no spend: it is an older one, or its meter could not be read. Deploy this version, look at bursar status, or state --committed.',
    );
  }
  const metered = meteredOf(answer);
  return {
    remaining: new Map(
      limited.map((project) => [project, remainingOf({ policy, project, ...ofModel, metered })]),
    ),
    isStated: false,
    notes: notesOf(answer, limited),
  };
}

/** Whose `--committed` or `--limit` is. */
function statedFor({ project, projects }: CommittedRequest): string | undefined {
  if (project !== undefined) return project;
  const [only, ...others] = projects;
  if (others.length === 0) return only;
  throw new UsageError(
    `--committed and --limit are of one project, and the change is about ${projects.join(', ')}. Say by --project whose they are.`,
  );
}

function limitOf({ policy, policyFile }: CommittedRequest, project: string): Usd {
  const budget = policy === undefined ? undefined : projectNamed(policy, project)?.budget;
  if (budget !== undefined) return budget;
  const where = policy === undefined ? 'no policy file is there' : `${policyFile} has none for it`;
  throw new UsageError(
    `No limit of project ${show(project)} is known: ${where}. State one by --limit, such as --limit 5000.`,
  );
}

/** The policy with the limit that was stated in place of the project’s own. */
function withLimit(
  { policy, limit }: CommittedRequest,
  project: string | undefined,
): Pick<Policy, 'teams' | 'projects'> {
  const known = policy ?? { teams: {}, projects: {} };
  if (limit === undefined || project === undefined) return known;
  const found = projectNamed(known, project) ?? { name: project, freezeRoles: [], owners: [], members: [] };
  return { ...known, projects: { ...known.projects, [project]: { ...found, budget: limit } } };
}

const spentOf = ({ billed, estimated, forecast }: FiguresRow): SpentSoFar => ({
  billed: amount(billed),
  estimated: amount(estimated),
  forecast: { amount: amount(forecast.amount) },
});

function meteredOf({ spend = [], spendLevels = [] }: SweepAnswer): {
  readonly spends: ReadonlyMap<string, SpentSoFar>;
  readonly models: ReadonlyMap<string, ReadonlyMap<string, SpentSoFar>>;
} {
  const models = new Map<string, Map<string, SpentSoFar>>();
  for (const row of spendLevels) {
    const [project] = row.projects;
    if (row.level !== 'model' || project === undefined) continue;
    models.set(project, (models.get(project) ?? new Map<string, SpentSoFar>()).set(row.name, spentOf(row)));
  }
  return { spends: new Map(spend.map((row) => [row.project ?? '', spentOf(row)])), models };
}

function notesOf({ spend = [] }: SweepAnswer, projects: readonly string[]): readonly string[] {
  return spend.flatMap(({ project, frozenUntil, unpriced }) => {
    if (project === null || !projects.includes(project)) return [];
    return [
      ...(frozenUntil === undefined
        ? []
        : [`${project} is frozen until ${frozenUntil}: what starts in it before that is stopped.`]),
      ...(unpriced.count === 0
        ? []
        : [
            `What ${project} runs that has no known price is in none of its figures: ${unpriced.some.map(({ id }) => id).join(', ')}.`,
          ]),
    ];
  });
}
