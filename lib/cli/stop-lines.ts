import { formatUsd, sumUsd } from '../types/money.ts';
import { idOfArn } from './sweep-answer.ts';
import { plainColumns, table } from './table.ts';
import type { Known } from './targets.ts';

/** What would be stopped, with what it costs while it runs. */
export function stopLines(arns: readonly string[], known: readonly Known[]): readonly string[] {
  const byArn = new Map(known.map((one) => [one.arn, one]));
  const chosen = arns.map((arn) => byArn.get(arn) ?? { arn, id: idOfArn(arn), project: undefined });
  const prices = chosen.flatMap(({ hourly }: Known) => (hourly === undefined ? [] : [hourly]));
  const rows = chosen.map(({ id, project, size, hourly }: Known) => [
    { text: id },
    { text: project ?? '' },
    { text: size ?? '' },
    { text: hourly === undefined ? '' : `${formatUsd(hourly)}/h` },
  ]);
  const total = prices.length < 2 ? [] : [`  ${formatUsd(sumUsd(prices))}/h together`];
  return [...table(plainColumns(4, 3), rows, { width: undefined }), ...total];
}
