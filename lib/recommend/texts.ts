import type { Usd } from '../types/money.ts';
import { usdToDecimal } from '../types/money.ts';
import type { Recommendation } from '../types/recommendation.ts';

type How = Recommendation['how'][number];

/** A price as it stands in the list, for a `basis`: `$0.192`, `$1.00`. */
export function exactUsd(amount: Usd): string {
  const text = usdToDecimal(amount);
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  return `${text.startsWith('-') ? '-' : ''}$${whole}.${fraction.padEnd(2, '0')}`;
}

/** A word of a shell command; quoted where the shell would read it otherwise. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** `aws ec2 stop-instances --region us-east-1 --instance-ids i-1`; options without a value are flags. */
export function awsCommand(
  service: string,
  call: string,
  region: string,
  options: Readonly<Record<string, string | true>>,
): How {
  const words = Object.entries(options).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : [`--${name}`, shellWord(value)],
  );
  return { form: 'command', text: ['aws', service, call, '--region', region, ...words].join(' ') };
}

export const cdkChange = (text: string): How => ({ form: 'cdk', text });

/** A percentage of at most one decimal, for people. */
export const percentText = (value: number): string => `${Number(value.toFixed(value < 2 ? 2 : 1))}%`;

/** `12.5 GiB`. */
export const gibText = (value: number): string => `${Number(value.toFixed(1))} GiB`;

/** A rate for people: `3.1 MB/s`. */
export function rateText(bytesPerSecond: number): string {
  if (bytesPerSecond >= 1_000_000) return `${Number((bytesPerSecond / 1_000_000).toFixed(1))} MB/s`;
  if (bytesPerSecond >= 1000) return `${Number((bytesPerSecond / 1000).toFixed(1))} kB/s`;
  return `${Math.round(bytesPerSecond)} B/s`;
}
