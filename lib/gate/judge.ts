import { holdAgainst } from '../decide/gate.ts';
import { formatUsd, microUsd, percentOf, sumUsd, type Usd } from '../types/money.ts';
import type { ComparedItem } from './compare.ts';
import type { Remaining } from './remaining.ts';

export type Verdict = 'pass' | 'warn' | 'over';

/** A limit with the change held against it. */
export interface LevelVerdict extends Remaining {
  /** USD that the change adds to what the month comes to; below zero where it lowers it. */
  readonly delta: Usd;
  /** Committed and delta, exact. */
  readonly projected: Usd;
  /** USD over the limit; absent where it is within. */
  readonly over?: Usd;
  readonly verdict: Verdict;
  /** One sentence for people. */
  readonly why: string;
}

/** What the gate says of one project. */
export interface ProjectVerdict {
  readonly project: string;
  /** USD that the change adds to its month. */
  readonly delta: Usd;
  /** Its own limit, then that of its team and of its model; at least one. */
  readonly levels: readonly LevelVerdict[];
  /** The worst of them. */
  readonly verdict: Verdict;
}

/** What nobody's limit is held against. */
export interface Unjudged {
  /** `undefined` = it carries no project tag. */
  readonly project: string | undefined;
  readonly delta: Usd;
  readonly items: readonly string[];
}

/** What the gate says of a change. */
export interface Judgement {
  readonly projects: readonly ProjectVerdict[];
  readonly unjudged: readonly Unjudged[];
  /** What has no price, each with its sentences. */
  readonly unpriced: readonly Pick<ComparedItem, 'id' | 'type' | 'project' | 'place' | 'unpriced'>[];
  /**
   * The worst of the projects, and `over` for what is unpriced where that is not taken. `unjudged`: something of it costs
   * more, and no limit is known that it could be held against: what nobody has judged does not pass.
   */
  readonly verdict: Verdict | 'unjudged';
}

export interface JudgeInput {
  readonly items: readonly ComparedItem[];
  /** By project, what is left of each limit that counts for it; empty = it has none. */
  readonly remaining: ReadonlyMap<string, readonly Remaining[]>;
  /** Percent of a limit from which a change is warned of; absent = never. */
  readonly warnAt?: number;
  /** Whether what has no price may not pass. */
  readonly failOnUnpriced?: boolean;
}

/**
 * Holds a change against the limits. Costs are judged exactly; only what people read is rounded, to the cent. What does
 * not raise what a month comes to passes, also where that is over the limit already.
 */
export function judgeChange({ items, remaining, warnAt, failOnUnpriced = false }: JudgeInput): Judgement {
  const byProject = Map.groupBy(items, ({ project }) => project);
  const limitsOf = (project: string | undefined): readonly Remaining[] =>
    project === undefined ? [] : (remaining.get(project) ?? []);
  const deltas = deltasByHolder(byProject, limitsOf);
  const projects = [...byProject].flatMap(([project, own]): readonly ProjectVerdict[] => {
    const limits = limitsOf(project);
    if (project === undefined || limits.length === 0) return [];
    const levels = limits.map((limit) => levelVerdict(limit, deltas.get(limit.holder) ?? NOTHING, warnAt));
    return [{ project, delta: deltaOf(own), levels, verdict: worst(levels.map(({ verdict }) => verdict)) }];
  });
  const unjudged = [...byProject].flatMap(([project, own]): readonly Unjudged[] => {
    const changed = own.filter(({ change }) => change !== 'same');
    if (limitsOf(project).length > 0 || changed.length === 0) return [];
    return [{ project, delta: deltaOf(own), items: changed.map(({ id }) => id) }];
  });
  const unpriced = items.filter((item) => item.unpriced.length > 0);
  const said = worst(projects.map(({ verdict }) => verdict));
  const isUnknown = said !== 'over' && unjudged.some(({ delta }) => delta > 0n);
  return {
    projects,
    unjudged,
    unpriced,
    verdict: failOnUnpriced && unpriced.length > 0 ? 'over' : isUnknown ? 'unjudged' : said,
  };
}

const NOTHING = microUsd(0n);

const deltaOf = (items: readonly ComparedItem[]): Usd => sumUsd(items.map(({ delta }) => delta));

/** A team's limit is held against what the change adds to all its projects. */
function deltasByHolder(
  byProject: ReadonlyMap<string | undefined, readonly ComparedItem[]>,
  limitsOf: (project: string | undefined) => readonly Remaining[],
): ReadonlyMap<string, Usd> {
  const found = new Map<string, Usd>();
  for (const [project, own] of byProject) {
    for (const { holder } of limitsOf(project)) {
      found.set(holder, microUsd((found.get(holder) ?? 0n) + deltaOf(own)));
    }
  }
  return found;
}

function levelVerdict(remaining: Remaining, delta: Usd, warnAt: number | undefined): LevelVerdict {
  const { limit, committed } = remaining;
  const { projected, over, why } = holdAgainst({ limit, committed: committed.total }, delta);
  const held = { ...remaining, delta, projected, ...(over === undefined ? {} : { over }) };
  if (delta <= 0n) return { ...held, verdict: 'pass', why: notMore(why, delta, over) };
  if (over !== undefined) return { ...held, verdict: 'over', why };
  const warns = warnAt !== undefined && projected >= percentOf(limit, warnAt);
  return warns
    ? { ...held, verdict: 'warn', why: `${why} ${warnText(warnAt)}` }
    : { ...held, verdict: 'pass', why };
}

const warnText = (warnAt: number): string => `That is ${warnAt}% of it or more.`;

/** Nobody should be kept from making a project cheaper that is over already. */
function notMore(why: string, delta: Usd, over: Usd | undefined): string {
  if (over === undefined) return why;
  const does = delta < 0n ? `lowers it by ${formatUsd(microUsd(-delta))}` : 'does not raise it';
  return `Over the limit without it, but the change ${does}: it passes. ${why}`;
}

const RANK = { pass: 0, warn: 1, over: 2 } as const;

const worst = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.reduce<Verdict>((found, one) => (RANK[one] > RANK[found] ? one : found), 'pass');
