import { dayName, dayNumber } from '../meter/days.ts';
import { parseUsd, ZERO_USD } from '../types/money.ts';
import type { BilledAmount } from './billing.ts';

const EC2 = 'Amazon Elastic Compute Cloud - Compute';

interface OfMonth extends Omit<BilledAmount, 'day' | 'usd'> {
  /** Of the month so far, in USD and cents. */
  readonly usd: string;
}

const used = (project: string, usd: string): OfMonth => ({ project, service: EC2, called: 'Usage', usd });

/** What AWS has charged in the month of the play; the rules are those of `play.yaml`. */
const CHARGED: readonly OfMonth[] = [
  used('fraud-detection', '2380.40'),
  used('recsys', '12480.50'),
  used('demand-forecast', '912.60'),
  used('ml-platform', '131.75'),
  used('', '41.20'),
  { project: '', service: 'AWS Support (Business)', called: 'Usage', rule: 'support', usd: '1000.01' },
  { project: '', service: 'Tax', called: 'Tax', rule: 'tax', usd: '318.97' },
  { project: '', service: EC2, called: 'Credit', usd: '-150.00' },
];

/** The rules that split it, as they are named in `play.yaml`. */
export const SHARED_RULES: readonly string[] = ['support', 'tax'];

/** Cost Explorer gives ten digits after the point. */
const DIGITS = 10_000_000_000n;
const MICRO = 1_000_000n;

/** The bill of the month until `today`, which is not billed yet: every day before it alike, to ten digits after the point. */
export function billOfMonth(today: Date): readonly BilledAmount[] {
  const first = dayNumber(Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), 1));
  const days = dayNumber(today.getTime()) - first;
  return CHARGED.flatMap(({ usd, ...charge }) => {
    const whole = ((parseUsd(usd) ?? ZERO_USD) * DIGITS) / MICRO;
    const each = whole / BigInt(days);
    return Array.from({ length: days }, (_, day) => ({
      ...charge,
      day: dayName(first + day),
      usd: decimal(day === days - 1 ? whole - each * BigInt(days - 1) : each),
    }));
  });
}

function decimal(amount: bigint): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(11, '0');
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -10)}.${digits.slice(-10)}`;
}
