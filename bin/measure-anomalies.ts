import Table from 'cli-table3';
import {
  deployed,
  type Figures,
  figuresOf,
  meanAndDeviations,
  precisionOf,
  recallOf,
} from '../test/support/anomaly-figures.ts';
import { HISTORY_KINDS, historyOf } from '../test/support/spend-histories.ts';

/*
 * Measures what people are told of unusual spend: made-up histories of 120 days with anomalies planted in them, judged
 * day by day as deployed, and by a mean and three standard deviations to compare with. The constants were chosen on the
 * first seeds; the others count.
 */
const EACH = Number(process.argv[2] ?? 40);
const SEEDS = [
  ['seeds that the constants were chosen on', 1],
  ['other seeds', 10_001],
] as const;

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const isTwice = (name: string): boolean => !name.endsWith('under 2 times');

for (const [what, first] of SEEDS) {
  const histories = HISTORY_KINDS.flatMap((kind) =>
    Array.from({ length: EACH }, (_, index) => historyOf(kind, first + index)),
  );
  const started = performance.now();
  const ours = figuresOf(histories, deployed);
  const took = performance.now() - started;
  const plain = figuresOf(histories, meanAndDeviations);
  console.log(`\n${histories.length} projects × 120 days, ${what}; ${Math.round(took)} ms`);
  console.log(
    summary([
      ['by weekday and level', ours],
      ['mean + 3 deviations', plain],
    ]),
  );
  if (first !== 1) console.log(`${details(ours, plain)}\n${kinds(ours, plain)}`);
}

function summary(rows: readonly (readonly [string, Figures])[]): string {
  const table = new Table({
    head: ['', 'told', 'precision', 'recall', 'of ≥ 2×', 'false alerts a project and month'],
    style: { head: [], border: [] },
  });
  for (const [name, figures] of rows) {
    table.push([
      name,
      figures.right + figures.wrong,
      percent(precisionOf(figures)),
      percent(recallOf(figures)),
      percent(recallOf(figures, isTwice)),
      (figures.wrong / figures.projectMonths).toFixed(3),
    ]);
  }
  return table.toString();
}

/** Recall by what was planted. */
function details(ours: Figures, plain: Figures): string {
  const table = new Table({
    head: ['planted', 'found', 'mean + 3 deviations'],
    style: { head: [], border: [] },
  });
  const cell = (figures: Figures, name: string): string => {
    const { found, of } = figures.found.get(name) ?? { found: 0, of: 0 };
    return `${found} of ${of}`;
  };
  for (const name of [...ours.found.keys()].sort()) table.push([name, cell(ours, name), cell(plain, name)]);
  return table.toString();
}

function kinds(ours: Figures, plain: Figures): string {
  const table = new Table({
    head: ['history', 'precision', 'recall', 'false', 'false, mean + 3 deviations'],
    style: { head: [], border: [] },
  });
  for (const [kind, tally] of ours.byKind) {
    table.push([
      kind,
      percent(precisionOf(tally)),
      percent(recallOf(tally)),
      tally.wrong,
      plain.byKind.get(kind)?.wrong ?? 0,
    ]);
  }
  return table.toString();
}
