import { counted } from '../decide/sentences.ts';
import { printable } from '../policy/words.ts';
import { formatUsd, type Usd } from '../types/money.ts';
import type { Recommendation, Recommendations } from '../types/recommendation.ts';
import { broken } from './run-text/figures.ts';
import { fitTable, type View } from './run-text/fit-table.ts';
import { inParts } from './run-text/run-lines.ts';
import type { Column } from './table.ts';

export interface RecommendLinesOptions {
  /** One line each. */
  readonly brief: boolean;
  /** What saves less was left out. */
  readonly least: Usd;
}

/** How to spend less, for people: in all, then each with its evidence. */
export function recommendLines(
  found: Recommendations,
  view: View,
  { brief, least }: RecommendLinesOptions,
): readonly string[] {
  const { open, notes } = found;
  return inParts([
    headLines(found, view, least),
    ...(brief ? [briefLines(open, view)] : open.map((one) => linesOf(one, view))),
    footLines(found, view),
    notes.flatMap((note) => broken(printable(note), view.width)).map((line) => view.outColours.yellow(line)),
  ]);
}

function headLines({ open, monthly }: Recommendations, { outColours }: View, least: Usd): readonly string[] {
  const { bold, green } = outColours;
  if (open.length === 0) {
    return [least > 0n ? 'Nothing was found that saves as much.' : 'Nothing was found that could cost less.'];
  }
  return [bold(green(`${counted(open.length, 'recommendation')}, ${formatUsd(monthly)} a month`))];
}

type Name = 'monthly' | 'title' | 'project' | 'risk' | 'effort' | 'sure';

const COLUMNS: Readonly<Record<Name, Column>> = {
  monthly: { title: 'USD/MONTH', right: true },
  project: { title: 'PROJECT', max: 24 },
  risk: { title: 'RISK' },
  effort: { title: 'EFFORT' },
  sure: { title: 'SURE' },
  title: { title: 'WHAT' },
};

const briefLines = (open: readonly Recommendation[], view: View): readonly string[] =>
  fitTable(
    {
      columns: COLUMNS,
      layouts: [
        ['monthly', 'project', 'risk', 'effort', 'sure', 'title'],
        ['monthly', 'project', 'title'],
        ['monthly', 'title'],
      ],
      lastNeeds: 30,
      lines: 2,
      rows: open.map(({ monthly, resource, risk, effort, confidence, title }) => ({
        monthly: { text: formatUsd(monthly) },
        project: { text: printable(resource.project ?? '–') },
        risk: { text: risk },
        effort: { text: effort },
        sure: { text: confidence },
        title: { text: printable(title) },
      })),
    },
    view,
  );

function linesOf(one: Recommendation, { outColours, width }: View): readonly string[] {
  const { bold, dim, green } = outColours;
  const { resource, title, monthly, basis, risk, effort, confidence, evidence, keeps, how, id } = one;
  const whose = [resource.project ?? 'no project', ...(resource.owner === undefined ? [] : [resource.owner])];
  const part = (name: string, texts: readonly string[]): readonly string[] =>
    texts
      .flatMap((text) => broken(printable(text), width === undefined ? undefined : width - 9))
      .map((line, n) => `  ${dim((n === 0 ? name : '').padEnd(6))} ${line}`);
  // What is to be run or copied is never broken.
  const whole = (name: string, text: string): readonly string[] =>
    text.split('\n').map((line, n) => `  ${dim((n === 0 ? name : '').padEnd(6))} ${printable(line)}`);
  return [
    ...broken(printable(title), width).map((line, n) =>
      n === 0 ? `${green(formatUsd(monthly))}  ${bold(line)}` : `  ${bold(line)}`,
    ),
    ...part('where', [`${resource.kind} ${resource.id} in ${resource.region}, ${whose.join(', ')}`]),
    ...part('saves', [basis]),
    ...part('seen', evidence),
    ...part('keeps', [keeps]),
    ...part('grade', [`risk ${risk}, effort ${effort}, confidence ${confidence}`]),
    ...how.flatMap(({ form, text }) => whole(form === 'command' ? 'run' : 'cdk', text)),
    ...whole('id', id),
  ];
}

function footLines({ dismissed }: Recommendations, { outColours }: View): readonly string[] {
  if (dismissed.length === 0) return [];
  return [outColours.dim(`${dismissed.length} dismissed; --dismissed shows them.`)];
}

/** What is dismissed, until when and why. */
export function dismissedLines({ dismissed }: Recommendations, view: View): readonly string[] {
  if (dismissed.length === 0) return ['Nothing that was found is dismissed.'];
  return dismissed.flatMap(({ recommendation: { title, monthly }, dismissal: { until, reason } }) => [
    `${formatUsd(monthly)}  ${printable(title)}`,
    ...broken(`until ${until}: ${printable(reason)}`, view.width).map((line) => `  ${line}`),
  ]);
}
