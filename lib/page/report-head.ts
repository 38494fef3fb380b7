import { timeIn } from '../cli/run-text/run-time.ts';
import { counted } from '../decide/sentences.ts';
import type { LevelReport, Report } from '../report/report.ts';
import type { ShownAllocation, ShownSpends } from '../report/shown.ts';
import { microUsd, percentage, sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import { type Figure, figureList } from './figures.ts';
import { type Html, html, name, type Part } from './html.ts';
import { excessOf } from './report-anomalies.ts';
import { verdictOf } from './report-reconciled.ts';
import { hourlyOf } from './report-running.ts';
import { isOver, levelKind, levelName, money, monthEnd, percentText, perHour } from './report-words.ts';

/** What a month comes to. */
export function reportFigures(
  report: Report,
  spends: ShownSpends,
  allocated: ShownAllocation | undefined,
): Html {
  const { total, running, savings, isOver: over } = report;
  const { billed, estimated, spent } = spends.total;
  const figures: readonly (Figure | undefined)[] = [
    {
      name: over ? 'Spent' : 'Spent so far',
      value: money(spent),
      note: `${money(billed)} billed + ${money(estimated)} estimated`,
    },
    limitFigure(report, spends),
    total.forecast === undefined
      ? undefined
      : {
          name: 'Forecast of the month',
          value: money(total.forecast.amount),
          note: `${money(total.forecast.low)} to ${money(total.forecast.high)}`,
        },
    total.burn === undefined
      ? undefined
      : {
          name: 'Costs now',
          value: perHour(total.burn),
          note:
            running === undefined
              ? ''
              : `${counted(running.length, 'resource')} at ${perHour(hourlyOf(running))} list price`,
        },
    {
      name: 'Saved by Bursar',
      value: money(savings.total),
      note: `${counted(savings.stops.length, 'stop')}, at list price less discounts`,
      ...(savings.total > report.ownCost.total ? { mood: 'good' as const } : {}),
    },
    ownCostFigure(report),
    ownerFigure(report, allocated),
    reconciledFigure(report),
  ];
  return figureList(figures.filter((one) => one !== undefined));
}

function ownCostFigure({ ownCost: { items, total }, project }: Report): Figure {
  return {
    name: 'Bursar costs',
    value: items.length === 0 ? 'not known' : money(total),
    note: project === undefined ? 'at list price' : 'at list price, for the whole account',
  };
}

/** Limits of projects, which are the ones that do not hold each other. */
function limitFigure({ levels, project, isOver: ended }: Report, spends: ShownSpends): Figure {
  const limited = levels.filter(
    (one): one is LevelReport & { readonly limit: Usd } =>
      one.limit !== undefined && one.level === 'project' && (project === undefined || one.name === project),
  );
  if (limited.length === 0) return { name: 'Limit used', value: 'no limit' };
  const limit = sumUsd(limited.map((one) => one.limit));
  const spent = sumUsd(limited.map((one) => spends.of(one).spent));
  const over = levels.filter(isOver).length;
  return {
    name: project === undefined ? 'Project limits used' : 'Limit used',
    value: percentText(spent, limit) ?? 'no limit',
    note: `${money(spent)} of ${money(limit)}${over === 0 ? (ended ? '; none was passed' : '; none is passed') : `; ${over} ${over === 1 ? 'limit' : 'limits'} passed`}`,
    ...(over > 0 ? { mood: 'bad' as const } : {}),
  };
}

/** What nobody pays; of a report of one project, what that pays. */
function ownerFigure(
  { levels, project }: Report,
  allocated: ShownAllocation | undefined,
): Figure | undefined {
  if (project !== undefined) {
    if (allocated === undefined) return undefined;
    const own = allocated.projects.find((one) => one.project === project);
    const [total, direct] = own === undefined ? [ZERO_USD, ZERO_USD] : [own.total, own.direct];
    return {
      name: 'Pays of the bill',
      value: money(total),
      note: `${money(direct)} direct + ${money(microUsd(total - direct))} shared`,
    };
  }
  if (allocated !== undefined) {
    const { unowned, total } = allocated;
    const share = percentText(unowned, total);
    return {
      name: 'Without an owner',
      value: money(unowned),
      note: `${share === undefined ? '' : `${share} of the bill: `}no project tag, no rule`,
      ...(isMuch(unowned, total) ? { mood: 'warn' as const } : {}),
    };
  }
  const none = levels.find(({ level }) => level === 'none');
  return {
    name: 'Without a project',
    value: money(none?.spent ?? ZERO_USD),
    note: 'no project tag; no bill was read to split it',
  };
}

/** More than a percent of a whole is worth a word. */
const isMuch = (part: Usd, whole: Usd): boolean => whole > 0n && part * 100n > whole;

function reconciledFigure({ allocation }: Report): Figure {
  if (allocation === undefined) return { name: 'Against the bill', value: 'no bill', mood: 'warn' };
  const verdict = verdictOf(allocation.reconciliation);
  const difference = allocation.reconciliation.difference;
  return {
    name: 'Difference to the bill',
    value: difference === undefined ? 'not told' : money(difference),
    ...(verdict === undefined
      ? { note: 'this source tells no totals' }
      : {
          note:
            verdict.mood === 'good'
              ? '✓ reconciles to the cent'
              : verdict.mood === 'bad'
                ? '✗ does not reconcile'
                : '! the ledger differs',
          mood: verdict.mood,
        }),
  };
}

interface Point {
  readonly mood: 'good' | 'warn' | 'bad';
  readonly tag: string;
  readonly text: Part;
}

/** As many levels are told one by one. */
const MOST = 6;

/** What to look at first: a line each, with a link to where it is shown. */
export function inShort(report: Report, spends: ShownSpends, allocated: ShownAllocation | undefined): Html {
  const points = [
    ...levelPoints(report, spends),
    ...reconciledPoints(report),
    ...anomalyPoints(report),
    ...ownerPoints(report, allocated),
    ...unpricedPoints(report),
    ...recommendedPoints(report),
  ];
  const shown: readonly Point[] =
    points.length > 0 ? points : [{ mood: 'good', tag: '✓ in order', text: inOrder(report, allocated) }];
  return html`<ul class="plain checks">${shown.map(
    ({ mood, tag, text }) => html`<li><span class="tag ${mood}">${tag}</span><span>${text}</span></li>`,
  )}</ul>`;
}

/** Where there is nothing to look at. */
function inOrder({ levels, isOver: ended, project }: Report, allocated: ShownAllocation | undefined): string {
  const limits = levels.every(({ limit }) => limit === undefined)
    ? 'There is no limit to hold it against'
    : ended
      ? 'Every limit held'
      : 'Every limit holds, and none runs out within the month if all goes on as now';
  const isOwned = project === undefined && allocated !== undefined && allocated.unowned === 0n;
  return `${limits}${isOwned ? '; every dollar of the bill has an owner' : ''}.`;
}

function levelPoints(report: Report, spends: ShownSpends): readonly Point[] {
  const tell = timeIn({ from: report.from, to: monthEnd(report) });
  const limited = report.levels.filter(
    (one): one is LevelReport & { readonly limit: Usd } => one.limit !== undefined,
  );
  const who = (level: LevelReport): Html =>
    html`${levelName(level)} <span class="soft">(${levelKind(level)}${level.owner !== undefined && html`, ${name(level.owner)}`})</span>`;
  const beyondLimit = ({ spent, limit }: (typeof limited)[number]): number => Number(spent - limit);
  const worst = limited.filter(isOver).sort((a, b) => beyondLimit(b) - beyondLimit(a));
  const over = worst.map(
    (level): Point => ({
      mood: 'bad',
      tag: '✗ over',
      text: html`${who(level)} spent ${money(spends.of(level).spent)} of ${money(level.limit)}${level.limit > 0n && `: ${percentage(level.spent, level.limit)}%`}.`,
    }),
  );
  const ahead = limited
    .filter((level) => !isOver(level))
    .flatMap((level): readonly { readonly at: number; readonly point: Point }[] => {
      const { runsOutAt, forecast, limit } = level;
      const beyond = forecast === undefined ? 0n : forecast.amount - limit;
      if (runsOutAt === undefined && beyond <= 0n) return [];
      // By the weekdays before now it may well last, where at what it costs at this hour it does not.
      const forecasted =
        forecast === undefined
          ? ''
          : `; ${beyond > 0n ? '' : 'by its usual days it lasts: '}forecast ${money(forecast.amount)} of ${money(limit)}`;
      return [
        {
          at: runsOutAt?.getTime() ?? Number.MAX_SAFE_INTEGER,
          point: {
            mood: 'warn',
            tag: runsOutAt === undefined ? '! forecast' : '! runs out',
            text: html`${who(level)} ${runsOutAt === undefined ? 'will pass its limit by the forecast' : `will have used up its limit by ${tell(runsOutAt)} UTC if all goes on as now`}${forecasted}.`,
          },
        },
      ];
    })
    .sort((a, b) => a.at - b.at)
    .map(({ point }) => point);
  const all = [...over, ...ahead];
  return [
    ...all.slice(0, MOST),
    ...(all.length <= MOST
      ? []
      : [
          {
            mood: 'warn' as const,
            tag: '! more',
            text: html`${all.length - MOST} more ${all.length - MOST === 1 ? 'is over its limit or runs' : 'are over their limits or run'} out: <a href="#budget">spend against budget</a> has them all.`,
          },
        ]),
  ];
}

function reconciledPoints({ allocation }: Report): readonly Point[] {
  const verdict = allocation === undefined ? undefined : verdictOf(allocation.reconciliation);
  if (verdict === undefined || verdict.mood === 'good') return [];
  return [
    {
      mood: verdict.mood,
      tag: verdict.mood === 'bad' ? '✗ differs' : '! differs',
      text: html`${verdict.text} <a href="#allocation">Allocation</a> has the figures.`,
    },
  ];
}

function anomalyPoints({ anomalies }: Report): readonly Point[] {
  if (anomalies.length === 0) return [];
  const above = anomalies.filter(({ spent, expected }) => spent > expected).length;
  const below = anomalies.length - above;
  const told = [
    ...(above === 0
      ? []
      : [`${counted(above, 'day')} far above the usual, ${money(excessOf(anomalies))} more than expected`]),
    ...(below === 0 ? [] : [`${counted(below, 'day')} far below the usual`]),
  ];
  return [
    { mood: 'warn', tag: '! unusual', text: html`${told.join('; ')}: <a href="#anomalies">anomalies</a>.` },
  ];
}

function ownerPoints({ project }: Report, allocated: ShownAllocation | undefined): readonly Point[] {
  if (project !== undefined || allocated === undefined) return [];
  const { unowned, total } = allocated;
  if (!isMuch(unowned, total)) return [];
  return [
    {
      mood: 'warn',
      tag: '! no owner',
      text: html`${money(unowned)} of the bill, ${percentText(unowned, total) ?? ''}, has no project tag and no rule: <a href="#allocation">allocation</a>.`,
    },
  ];
}

function recommendedPoints({ recommendations }: Report): readonly Point[] {
  if (recommendations === undefined || recommendations.open.length === 0) return [];
  const { open, monthly } = recommendations;
  return [
    {
      mood: 'good',
      tag: '→ spend less',
      text: html`${counted(open.length, 'recommendation')}, ${money(monthly)} a month: <a href="#recommendations">how to spend less</a>.`,
    },
  ];
}

function unpricedPoints({ running }: Report): readonly Point[] {
  const unpriced = (running ?? []).filter(({ hourly }) => hourly === undefined).length;
  if (unpriced === 0) return [];
  return [
    {
      mood: 'warn',
      tag: '! no price',
      text: html`${counted(unpriced, 'running resource')} without a known price: in no amount here until billed.`,
    },
  ];
}
