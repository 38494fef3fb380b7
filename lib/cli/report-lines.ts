import { counted } from '../decide/sentences.ts';
import { toCent } from '../report/cents.ts';
import type { LevelReport, Report } from '../report/report.ts';
import { type ShownSpends, shownSpends } from '../report/shown.ts';
import { formatUsd, percentage, type Usd } from '../types/money.ts';
import type { Io } from './io.ts';
import type { ReportFiles } from './report-run.ts';
import { type Cell, table } from './table.ts';

type Width = Pick<Io, 'outColours' | 'width'>;

/** A report in short, and where it is written. */
export function reportLines(report: Report, files: ReportFiles, io: Width): readonly string[] {
  const { bold, dim, green, red } = io.outColours;
  const { month, project, allocation, savings } = report;
  const shown = shownSpends(report);
  const { billed, estimated, spent } = shown.total;
  const of = project === undefined ? '' : ` of project ${project}`;
  const difference = allocation?.reconciliation.difference;
  return [
    bold(
      `Report${of}, ${month}: ${formatUsd(spent)} spent (${formatUsd(billed)} billed, ${formatUsd(estimated)} estimated), ${formatUsd(savings.total)} saved`,
    ),
    '',
    ...levelTable(report, shown, io),
    '',
    ...(allocation === undefined || difference === undefined
      ? []
      : [
          toCent(difference) === 0n
            ? green(`✓ ${formatUsd(allocation.total)} of the bill allocated, to the cent`)
            : red(`✗ The allocation and the bill differ by ${formatUsd(difference)}`),
        ]),
    ...recommendedLines(report, green),
    ...report.notes.map((note) => dim(note)),
    `The page: ${files.html}`,
    dim(`Beside it: ${files.csv}, ${files.days}, ${files.json}`),
  ];
}

const recommendedLines = ({ recommendations }: Report, paint: (text: string) => string): readonly string[] =>
  recommendations === undefined || recommendations.open.length === 0
    ? []
    : [
        paint(
          `${counted(recommendations.open.length, 'recommendation')}, ${formatUsd(recommendations.monthly)} a month: bursar recommend tells them`,
        ),
      ];

const plain = (text: string): Cell => ({ text });
const optional = (amount: Usd | undefined): Cell => plain(amount === undefined ? '–' : formatUsd(amount));

function levelTable({ levels }: Report, shown: ShownSpends, { outColours, width }: Width): readonly string[] {
  const { dim, yellow, red } = outColours;
  const row = ({ level, depth }: Nested): readonly Cell[] => {
    const { spent } = shown.of(level);
    const share = level.limit === undefined ? undefined : percentage(spent, level.limit);
    const paint = share === undefined || share < 80 ? undefined : share >= 100 ? red : yellow;
    return [
      plain(`${'  '.repeat(depth)}${nameOf(level)}`),
      plain(formatUsd(spent)),
      optional(level.limit),
      { text: share === undefined ? '–' : `${share.toFixed(0)}%`, ...(paint === undefined ? {} : { paint }) },
      optional(level.forecast?.amount),
    ];
  };
  return table(
    [
      { title: 'WHO', max: 48 },
      { title: 'SPENT', right: true },
      { title: 'LIMIT', right: true },
      { title: 'OF IT', right: true },
      { title: 'FORECAST', right: true },
    ],
    nested(levels).map(row),
    { width, heading: dim },
  );
}

interface Nested {
  readonly level: LevelReport;
  /** Within how many others it stands. */
  readonly depth: number;
}

/** Each team with its projects below it, and each project with its models. */
function nested(levels: readonly LevelReport[]): readonly Nested[] {
  const teams = levels.filter(({ level }) => level === 'team');
  const projects = levels.filter(({ level }) => level === 'project');
  const withModels = (project: LevelReport, depth: number): readonly Nested[] => [
    { level: project, depth },
    ...levels
      .filter(({ level, within }) => level === 'model' && within === project.name)
      .map((level) => ({ level, depth: depth + 1 })),
  ];
  const isIn = ({ within }: LevelReport, name: string): boolean => within === name;
  return [
    ...teams.flatMap((team) => [
      { level: team, depth: 0 },
      ...projects.filter((one) => isIn(one, team.name)).flatMap((one) => withModels(one, 1)),
    ]),
    ...projects
      .filter((one) => !teams.some(({ name }) => isIn(one, name)))
      .flatMap((one) => withModels(one, 0)),
    ...levels.filter(({ level }) => level === 'none').map((level) => ({ level, depth: 0 })),
  ];
}

function nameOf({ level, name }: LevelReport): string {
  switch (level) {
    case 'team':
      return `Team ${name}`;
    case 'project':
      return name;
    case 'model':
      return `Model ${name}`;
    case 'none':
      return 'No project';
  }
}
