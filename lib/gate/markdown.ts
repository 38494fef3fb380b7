import { formatUsd, type Usd } from '../types/money.ts';
import type { ComparedItem } from './compare.ts';
import type { LevelVerdict } from './judge.ts';
import {
  changedItems,
  countOf,
  deltaOf,
  type GateResult,
  headline,
  levelName,
  pickText,
  signedUsd,
  unjudgedTexts,
} from './result.ts';

/** By it a later run finds the comment that it takes the place of. One for each `key`, so that several gates can stand side by side. */
export const markerOf = (key: string): string => `<!-- bursar-gate:${key.replace(/[^\w.-]+/g, '-')} -->`;

/** As many rows of a table are shown; GitHub takes 65,536 characters of a comment. */
const ROWS = 40;
/** A row may hold names of this length at most. */
const NAME = 120;
/** What GitHub, and GitLab with it, takes of a comment, with room for the last lines. */
const MOST = 60_000;

const SIGNS = { pass: '✅', warn: '⚠️', over: '❌', unjudged: '❔' } as const;

/** A comment on a pull request: the verdict first, then what changed and the limits, the rest folded. */
export function gateMarkdown(result: GateResult, key = 'default'): string {
  const { judgement } = result;
  const parts = [
    `${markerOf(key)}\n**${SIGNS[judgement.verdict]} Bursar: ${safe(cut(headline(result), 1_000))}**`,
    changeTable(result),
    limitTable(result),
    pickLines(result),
    folded('Alternatives', alternativeLines(result)),
    folded(
      countOf(judgement.unpriced.length, 'thing has no price', 'things have no price'),
      judgement.unpriced.flatMap(({ id, unpriced }) => unpriced.map((why) => `- ${code(id)}: ${safe(why)}`)),
    ),
    folded(
      'Not judged',
      unjudgedTexts(judgement).map((text) => `- ${safe(text)}`),
    ),
    folded('How the month is reckoned', [
      ...judgement.projects.flatMap(({ levels }) =>
        levels.map((level) => `- ${safe(levelName(level))}: ${safe(level.why)}`),
      ),
      ...result.notes.map((note) => `- ${safe(note)}`),
    ]),
  ].filter((part) => part !== '');
  // What is folded goes first where there is too much.
  while (parts.length > 1 && lengthOf(parts) > MOST) parts.pop();
  return `${parts.join('\n\n').slice(0, MOST)}\n`;
}

const lengthOf = (parts: readonly string[]): number => parts.reduce((sum, { length }) => sum + length + 2, 0);

/** An amount that nobody takes for the begin of a formula. */
const money = (amount: Usd): string => formatUsd(amount).replace('$', '\\$');
const signed = (amount: Usd): string => signedUsd(amount).replace('$', '\\$');

function changeTable(result: GateResult): string {
  const changed = changedItems(result);
  const same = result.items.length - changed.length;
  const rest = [
    ...(same > 0 ? [`${same} unchanged`] : []),
    ...(result.free > 0 ? [`${result.free} cost nothing by themselves`] : []),
  ].join(', ');
  if (changed.length === 0) return `Nothing that costs money changes${rest === '' ? '' : ` (${rest})`}.`;
  const shown = changed.slice(0, ROWS);
  const more = changed.length - shown.length;
  return [
    '| | Resource | Project | Before | After | Change |',
    '|---|---|---|---:|---:|---:|',
    ...shown.map(itemRow),
    ...(more > 0 ? [`| | … and ${more} more | | | | |`] : []),
    `| | **Together** | | | | **${signed(deltaOf(changed))}** |`,
    ...(rest === '' ? [] : ['', `${rest}.`]),
  ].join('\n');
}

const WORDS = { added: 'new', removed: 'gone', changed: 'changed', same: '' } as const;

function itemRow({
  id,
  type,
  project,
  change,
  before,
  after,
  delta,
  frequency,
  unpriced,
}: ComparedItem): string {
  const often = frequency === 'once' ? ' once' : '';
  const cells = [
    WORDS[change],
    `${code(id)}<br>${safe(cut(type))}`,
    project === undefined ? '–' : safe(cut(project)),
    before === undefined ? '–' : money(before),
    after === undefined ? '–' : `${money(after)}${unpriced.length > 0 ? ' + ?' : ''}`,
    `${signed(delta)}${often}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function limitTable({ judgement, isStated }: GateResult): string {
  const levels = new Map(
    judgement.projects.flatMap((one) => one.levels.map((level) => [level.holder, level] as const)),
  );
  if (levels.size === 0) return '';
  return [
    `| Limit of the month | Limit |${isStated ? '' : ' Billed | Estimated | Runs on |'} Committed | Change | Comes to | |`,
    `|---|---:|${isStated ? '' : '---:|---:|---:|'}---:|---:|---:|---|`,
    ...[...levels.values()].map((level) => limitRow(level, isStated)),
  ].join('\n');
}

function limitRow(level: LevelVerdict, isStated: boolean): string {
  const { limit, committed, delta, projected, over, verdict } = level;
  const cells = [
    safe(cut(levelName(level))),
    money(limit),
    ...(isStated ? [] : [committed.billed, committed.estimated, committed.runsOn].map(money)),
    money(committed.total),
    signed(delta),
    `**${money(projected)}**`,
    `${SIGNS[verdict]} ${over === undefined ? verdict : `${money(over)} over`}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function pickLines({ alternatives, written }: GateResult): string {
  return alternatives.picks
    .map((pick) => {
      const done = written.find((one) => one.id === pick.id && one.file === pick.choice.at.file);
      const text = `It passes with ${code(pick.instanceType)} in place of ${code(pick.choice.instanceType)} for ${code(pick.id)}: ${safe(pickText(pick))}.`;
      if (done === undefined) return text;
      return done.refused === undefined
        ? `${text} Written to ${code(done.file)}.`
        : `${text} Not written: ${safe(done.refused)}`;
    })
    .join('\n\n');
}

function alternativeLines({ alternatives }: GateResult): readonly string[] {
  return alternatives.items.flatMap(({ id, instanceType, offers, notes }) => [
    `- ${code(id)}, ${code(instanceType)} now`,
    ...offers
      .filter(({ cost }) => cost !== undefined)
      .slice(0, ROWS)
      .map(
        ({ instanceType: type, spot, cost, verdict, meets }) =>
          `  - ${code(type)}${spot ? ' on Spot' : ''}: ${cost === undefined ? 'no price' : money(cost)}, ${verdict}${meets === '' ? '' : ` (${safe(meets)})`}`,
      ),
    ...notes.map((note) => `  - ${safe(note)}`),
  ]);
}

function folded(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  const shown = lines.slice(0, 200);
  const more = lines.length - shown.length;
  const all = more > 0 ? [...shown, `- … and ${more} more`] : shown;
  return `<details><summary>${safe(title)}</summary>\n\n${all.join('\n')}\n\n</details>`;
}

const cut = (text: string, most = NAME): string =>
  [...text].length <= most ? text : `${[...text].slice(0, most).join('')}…`;

/**
 * Text that comes from templates, as Markdown shows it: it can end no cell or fold, make no link or image, and call
 * nobody: `@` and `#` are followed by nothing that would make a mention or a reference of them.
 */
export function safe(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_{}[\]()|~!$]/g, (char) => `\\${char}`)
    .replace(/([@#])(?=\S)/g, '$1<!-- -->')
    .replace(/\b(https?|ftp):\/\//gi, '$1:<!-- -->//')
    .replace(/\bwww\./gi, 'www<!-- -->.');
}

/** The same as code, in a table as well: within `<code>` nobody is called, and no `|` ends the cell. */
const code = (text: string): string => `<code>${safe(cut(text))}</code>`;
