import type { ItemAlternatives, Offer } from '../gate/choose.ts';
import type { ComparedItem } from '../gate/compare.ts';
import type { LevelVerdict, Verdict } from '../gate/judge.ts';
import {
  changedItems,
  committedRows,
  deltaOf,
  type GateResult,
  headline,
  levelName,
  pickText,
  signedUsd,
  unjudgedTexts,
} from '../gate/result.ts';
import { printable } from '../policy/words.ts';
import { formatUsd } from '../types/money.ts';
import type { Colours } from './io.ts';
import { broken } from './run-text/figures.ts';
import { fitTable, type View } from './run-text/fit-table.ts';
import { inParts } from './run-text/run-lines.ts';
import { type Cell, plainColumns, table } from './table.ts';

type Paint = (text: string) => string;

/** As many alternatives of one item are shown. */
const OFFERS = 6;
const NONE = '–';

/** What a gate found, for people: what changed, each limit, and what would pass instead. */
export function gateLines(result: GateResult, view: View): readonly string[] {
  const { judgement } = result;
  const levels = new Map(
    judgement.projects.flatMap((one) => one.levels.map((level) => [level.holder, level] as const)),
  );
  return inParts([
    broken(printable(headline(result)), view.width).map((line) =>
      view.outColours.bold(paintOf(judgement.verdict, view.outColours)(line)),
    ),
    changeLines(result, view),
    ...[...levels.values()].map((level) => levelLines(level, result.isStated, view)),
    warned(
      'No price, and in no figure',
      judgement.unpriced.flatMap(({ id, unpriced }) => unpriced.map((why) => `${id}: ${why}`)),
      view,
    ),
    warned('Not judged', unjudgedTexts(judgement), view),
    ...result.alternatives.items.map((one) => alternativeLines(one, view)),
    pickLines(result, view),
    warned('Notes', result.notes, view),
  ]);
}

function paintOf(verdict: Verdict | 'unjudged', { green, yellow, red }: Colours): Paint {
  switch (verdict) {
    case 'pass':
      return green;
    case 'warn':
    case 'unjudged':
      return yellow;
    case 'over':
      return red;
  }
}

const plain = (text: string): Cell => ({ text });
const WORDS = { added: 'new', removed: 'gone', changed: 'changed', same: '' } as const;

function changeLines(result: GateResult, view: View): readonly string[] {
  const { dim, red, green, bold } = view.outColours;
  const changed = changedItems(result);
  const same = result.items.length - changed.length;
  const rest = [
    ...(same > 0 ? [`${same} unchanged`] : []),
    ...(result.free > 0 ? [`${result.free} cost nothing by themselves`] : []),
  ];
  const below = rest.length === 0 ? [] : [dim(`  ${rest.join(', ')}`)];
  if (changed.length === 0) return ['  Nothing that costs money changes.', ...below];
  const delta = deltaOf(changed);
  const paint = delta > 0n ? red : green;
  const none = plain('');
  return [
    ...fitTable(
      {
        columns: {
          change: { title: '' },
          resource: { title: 'RESOURCE', max: 48 },
          type: { title: 'TYPE', max: 36 },
          project: { title: 'PROJECT', max: 24 },
          before: { title: 'BEFORE', right: true },
          after: { title: 'AFTER', right: true },
          delta: { title: 'CHANGE', right: true },
          often: { title: '' },
        },
        layouts: [
          ['change', 'resource', 'type', 'project', 'before', 'after', 'delta', 'often'],
          ['change', 'resource', 'project', 'before', 'after', 'delta', 'often'],
          ['resource', 'before', 'after', 'delta', 'often'],
          ['resource', 'after', 'delta'],
        ],
        rows: [
          ...changed.map(itemRow),
          {
            change: none,
            resource: { text: 'Together', paint: bold },
            type: none,
            project: none,
            before: none,
            after: none,
            delta: { text: signedUsd(delta), paint: delta === 0n ? bold : paint },
            often: none,
          },
        ],
      },
      view,
    ),
    ...below,
  ];
}

function itemRow(item: ComparedItem) {
  const { id, type, project, change, before, after, delta, frequency, unpriced } = item;
  const amount = after === undefined ? NONE : formatUsd(after);
  return {
    change: plain(WORDS[change]),
    resource: plain(id),
    type: plain(type),
    project: plain(project ?? NONE),
    before: plain(before === undefined ? NONE : formatUsd(before)),
    after: plain(unpriced.length > 0 ? `${amount} + ?` : amount),
    delta: plain(signedUsd(delta)),
    often: plain(frequency === 'once' ? 'once' : 'a month'),
  };
}

function levelLines(level: LevelVerdict, isStated: boolean, view: View): readonly string[] {
  const { bold, red } = view.outColours;
  const { limit, delta, projected, over, verdict, why } = level;
  const paint = paintOf(verdict, view.outColours);
  const rows: readonly (readonly Cell[])[] = [
    [plain('limit'), plain(formatUsd(limit)), plain('')],
    ...committedRows(level, isStated).map(([name, amount]) => [
      plain(name),
      plain(formatUsd(amount)),
      plain(''),
    ]),
    [plain('change'), plain(signedUsd(delta)), plain('')],
    [
      plain('comes to'),
      { text: formatUsd(projected), paint: bold },
      over === undefined
        ? plain('')
        : { text: `${formatUsd(over)} over`, paint: verdict === 'over' ? red : paint },
    ],
  ];
  return [
    bold(`${printable(levelName(level))}: ${paint(verdict)}`),
    ...table(plainColumns(3, 1), rows, { width: undefined }),
    // The sum says nothing that the rows do not, but where it passes against them, or is warned of.
    ...((over !== undefined && verdict !== 'over') || verdict === 'warn'
      ? broken(printable(why), view.width).map((line) => `  ${line}`)
      : []),
  ];
}

function warned(
  title: string,
  texts: readonly string[],
  { outColours: { yellow }, width }: View,
): readonly string[] {
  if (texts.length === 0) return [];
  return [
    yellow(title),
    ...texts.flatMap((text) => broken(printable(text), width).map((line) => `  ${line}`)),
  ];
}

function alternativeLines(
  { id, instanceType, offers, notes }: ItemAlternatives,
  view: View,
): readonly string[] {
  const { bold, dim } = view.outColours;
  const priced = offers.filter(({ cost }) => cost !== undefined);
  const shown = priced.slice(0, OFFERS);
  const more = [
    ...(priced.length > OFFERS ? [`${priced.length - OFFERS} dearer ones`] : []),
    ...(offers.length > priced.length ? [`${offers.length - priced.length} without a price here`] : []),
  ].join(', ');
  return [
    bold(`In place of ${printable(instanceType)} for ${printable(id)}`),
    ...table(
      plainColumns(4, 1),
      shown.map((offer) => offerRow(offer, view)),
      { width: undefined },
    ),
    ...(more === '' ? [] : [dim(`  and ${more}`)]),
    ...notes.flatMap((note) => broken(printable(note), view.width)).map((line) => dim(`  ${line}`)),
  ];
}

function offerRow(
  { instanceType, spot, cost, verdict, meets, why }: Offer,
  { outColours }: View,
): readonly Cell[] {
  const { green, red, yellow } = outColours;
  const paint = { pass: green, over: red, unfit: yellow, unpriced: yellow }[verdict];
  return [
    plain(spot ? `${instanceType} on Spot` : instanceType),
    plain(cost === undefined ? 'no price' : formatUsd(cost)),
    { text: verdict, paint },
    // What does not fit says why first; what fits says what it has.
    plain(verdict === 'unfit' ? why : meets),
  ];
}

function pickLines({ alternatives, written }: GateResult, view: View): readonly string[] {
  return alternatives.picks.flatMap((pick) => {
    const { green, yellow } = view.outColours;
    const done = written.find((one) => one.id === pick.id && one.file === pick.choice.at.file);
    const said = `Passes with ${pickText(pick)}, for ${pick.id}.`;
    const lines = broken(printable(said), view.width).map((line) => green(line));
    if (done === undefined) return lines;
    const where =
      done.refused === undefined
        ? green(`Written: ${printable(done.file)}${done.line === undefined ? '' : `:${done.line}`}`)
        : yellow(printable(`Not written: ${done.refused}`));
    return [...lines, where];
  });
}
