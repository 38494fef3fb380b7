import type { Alert, AlertLink } from '../types/alert.ts';
import { clean, cut, cutLines, oneLine } from './characters.ts';
import { answerLines } from './commands.ts';
import { formatCost } from './figures.ts';
import { toBrief } from './text.ts';

/**
 * A custom notification of Amazon Q Developer in chat applications, which drops anything else that is sent to
 * it. Source: its administrator guide, "Custom notifications".
 */
export interface AmazonQNotification {
  readonly version: '1.0';
  readonly source: 'custom';
  readonly id: string;
  readonly content: {
    readonly textType: 'client-markdown';
    readonly title: string;
    readonly description: string;
    readonly nextSteps: readonly string[];
    readonly keywords: readonly string[];
  };
}

/* The guide's limits could not be confirmed; these are well below what chat programs show without folding. */
const TITLE_MAX = 250;
const DESCRIPTION_MAX = 4_000;
const STEPS_MAX = 8;
const STEP_MAX = 350;
const MOVED = 'Use the command at the end of the text.';
const KEYWORD_MAX = 75;
const ITEMS_SHOWN = 10;

/** The alert for chat channels that Amazon Q serves. Each step is whole: a command that is too long stands in the text. */
export function toAmazonQ(alert: Alert): AmazonQNotification {
  const steps = [clean(alert.next), ...answerLines(alert)]
    .join('\n')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const long = steps.filter((line) => line.length > STEP_MAX);
  const facts = [
    alert.project === undefined ? '' : `**Project** ${oneLine(alert.project)}`,
    alert.owner === undefined ? '' : `**Owner** ${oneLine(alert.owner)}`,
    alert.items.length === 0 ? '' : `**Cost** ${formatCost(alert.items)}`,
  ].filter((fact) => fact !== '');
  const description = [
    cut(facts.join(' · '), 600),
    alert.link === undefined ? '' : followed(alert.link),
    mild(toBrief(alert, ITEMS_SHOWN, 2_000)),
    cutLines(long.join('\n'), 1_000),
  ];
  return {
    version: '1.0',
    source: 'custom',
    id: cut(oneLine(alert.id), 256),
    content: {
      textType: 'client-markdown',
      title: mild(cut(oneLine(alert.title), TITLE_MAX)),
      description: cut(mild(description.filter((part) => part !== '').join('\n')), DESCRIPTION_MAX),
      nextSteps: steps.slice(0, STEPS_MAX).map((line) => (line.length > STEP_MAX ? MOVED : mild(line))),
      keywords: [alert.kind, alert.severity, alert.project ?? '']
        .map((keyword) => mild(cut(oneLine(keyword), KEYWORD_MAX)))
        .filter((keyword) => keyword !== ''),
    },
  };
}

/** As Markdown has it: a title that holds no brackets of its own, and an address that holds no parentheses. */
const followed = ({ title, url }: AlertLink): string =>
  `[${cut(oneLine(title.replace(/[[\]\\]/g, ' ')), TITLE_MAX)}](${url})`;

/** Slack and Teams read `<!channel>`, `<@…>` and `<at>` as mentions; other characters of their markup do no harm. */
const mild = (text: string): string => text.replaceAll('<', '‹').replaceAll('>', '›');
