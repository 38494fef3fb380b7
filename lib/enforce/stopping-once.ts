import { levelWord } from '../policy/levels.ts';
import type { Decision } from '../types/decision.ts';

type Send = (decisions: readonly Decision[], id: string, now: Date) => Promise<number>;

/**
 * Sends decisions, but of several stops of one resource the first alone, and of several warnings the first of a minute:
 * what counts for several limits is stopped once, for the one that was looked at first. Should that stop come to nothing,
 * the sweep finds what the others still ask for.
 */
export function stoppingOnce(send: Send): Send {
  const ordered = new Set<string>();
  return async (decisions, id, now) => {
    const news = decisions.filter((decision) => {
      const name = nameOf(decision);
      return name === undefined || !ordered.has(name);
    });
    const sent = await send(news, id, now);
    // One that could not be queued is asked for by the next.
    for (const decision of news) {
      const name = nameOf(decision);
      if (name !== undefined) ordered.add(name);
    }
    return sent;
  };
}

function nameOf(decision: Decision): string | undefined {
  switch (decision.action) {
    case 'stop':
      return `stop ${decision.target.arn}`;
    case 'warn':
      return `warn ${decision.target.arn} ${decision.stopAt.toISOString()}`;
    default:
      return undefined;
  }
}

const ORDER = ['model', 'project', 'team'] as const;

/** Limits of models before those of projects, and these before those of teams: the narrowest is the one that is named. */
export const narrowestFirst = <T extends { readonly holder: string }>(some: readonly T[]): readonly T[] =>
  ORDER.flatMap((level) => some.filter(({ holder }) => levelWord(holder) === level));
