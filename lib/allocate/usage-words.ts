import type { Usd } from '../types/money.ts';
import { formatUsd, sumUsd } from '../types/money.ts';
import type { Share, Shareable } from './shareable.ts';
import type { UsageTable } from './usage-table.ts';
import type { UsageSplit, Use } from './use.ts';
import { andList, counted, countText, dayRanges, percentText } from './words.ts';

/** How a split by usage splits, whole sentences for people. */
export function explainUsage(
  split: UsageSplit,
  { among, from, to }: Shareable,
  table: UsageTable | undefined,
  uses: readonly Use[],
  samples: number,
): readonly string[] {
  const used = sum(uses.map((use) => use.used));
  const idle = sum(uses.map((use) => use.idle));
  const when = split.per === 'day' ? 'each UTC day by its own use' : `all of ${from} to ${to} at once`;
  if (table === undefined) return [`Split by the usage ${split.usage}, ${when}.`];
  const { unit } = table;
  const isSampled = table.sampled;
  const capacity = isSampled ? undefined : split.capacityPerHour;
  return [
    `Split by ${unit} (usage ${split.usage}), ${when}: ${countText(used)} in all.`,
    ...(among === undefined ? [] : [`Shared by ${andList([...new Set(among)].sort())} alone.`]),
    ...(capacity === undefined ? [] : [`${countText(capacity)} ${unit} can be used in an hour.`]),
    ...(idle > 0 ? [`${percentText((100 * idle) / (used + idle))} was idle: ${idleGoes(split)}.`] : []),
    ...(isSampled
      ? [
          `Shares are estimated from ${counted(samples, 'sample')}; what is true lies within the interval of a share in about 95 of 100 cases.`,
        ]
      : []),
  ];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function idleGoes({ idle }: UsageSplit): string {
  if (idle === 'line') return 'that is a line of its own';
  return idle === 'spread'
    ? 'those who used something pay for it in proportion'
    : `that goes to ${idle.project}`;
}

/** What was done with days or a period in which nobody used anything, and with what the usage cannot tell. */
export function usageFallbacks(
  split: UsageSplit,
  { among, from, to }: Shareable,
  table: UsageTable | undefined,
  unused: ReadonlyMap<string, Usd>,
  otherwise: Share,
  overused: readonly string[],
): readonly string[] {
  const nobody = among === undefined ? 'nobody used it' : 'none of those who share it used it';
  const when = split.per === 'day' ? `On ${dayRanges(unused.keys())}` : `From ${from} to ${to}`;
  const why = table === undefined ? `Of the usage ${split.usage} nothing is known` : `${when} ${nobody}`;
  return [
    ...(unused.size === 0 ? [] : [`${why}: ${formatUsd(sumUsd(unused.values()))} ${otherwise.what}.`]),
    ...(overused.length === 0
      ? []
      : [
          `${split.per === 'day' ? `On ${dayRanges(overused)}` : when} more was used than the capacity: nothing is idle then.`,
        ]),
    ...(table?.sampled === true && split.capacityPerHour !== undefined
      ? ['Of samples a capacity says nothing: only what they call idle is idle.']
      : []),
  ];
}
