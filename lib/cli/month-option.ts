import { show } from '../policy/words.ts';
import { type Month, monthName, monthOf } from '../report/month.ts';
import { UsageError } from './io.ts';

/** The month of `--month 2026-11`; absent = the current one (UTC). @throws UsageError */
export function monthOption(text: string | undefined, now: Date): Month {
  const name = text ?? monthName(now);
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(name)) {
    throw new UsageError(`--month: ${show(name)} is no month. Write it such as ${monthName(now)}.`);
  }
  const month = monthOf(name, now);
  if (month === undefined) {
    throw new UsageError(`--month: ${name} has not begun. The current month is ${monthName(now)} (UTC).`);
  }
  return month;
}
