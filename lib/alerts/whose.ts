import { holderOfDecision, levelText, levelTitle, levelWord, parseHolder } from '../policy/levels.ts';
import type { Alert } from '../types/alert.ts';
import type { Decision } from '../types/decision.ts';
import { oneLine } from './characters.ts';

/** Whose limit a decision is for, in an alert's words. */
export interface Whose {
  /** First words of a title: `recsys`, `Team alpha`, `Model scorer of project fraud`; `no project` of none. */
  readonly title: string;
  /** The same within a sentence; a project by its name alone. */
  readonly text: string;
  /** `team`, `project`, `model`. */
  readonly word: string;
}

export function whoseOf(decision: Pick<Decision, 'project' | 'holder'>): Whose {
  const holder = holderOfDecision(decision);
  if (holder === undefined) return { title: 'no project', text: 'no project', word: 'project' };
  const level = parseHolder(holder);
  const name = level.level === 'project' ? level.project : undefined;
  return {
    title: oneLine(name ?? levelTitle(holder)),
    text: oneLine(name ?? levelText(holder)),
    word: level.level,
  };
}

/** Who is over a limit, beside resources whose project is named already: `the project`, `team alpha`. */
export const whoText = (holder: string | undefined): string =>
  holder === undefined ? 'the project' : oneLine(levelText(holder));

/** What an offer to end a freeze is of: `project`, `team`, `model`. */
export const frozenWord = ({ holder }: Pick<Alert, 'holder'>): string =>
  holder === undefined ? 'project' : levelWord(holder);
