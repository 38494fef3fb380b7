import { parseUsd, type Usd, ZERO_USD } from '../types/money.ts';

/** How durations, shares, rates and amounts are written in the policy file. */
export const FORMS = {
  /** `90s`, `30m`, `24h`, `2d`. */
  duration: /^\d{1,6}[smhd]$/,
  /** `80%`, `12.5%`. */
  percent: /^\d{1,6}(?:\.\d{1,2})?%$/,
  /** `500 B/s`, `10 kB/s`, `1.5 MB/s`; decimal units, as CloudWatch has them. */
  rate: /^\d{1,9}(?:\.\d{1,3})? [kMG]?B\/s$/,
  /** `4000 USD`, `99.50 USD`. */
  money: /^\d{1,12}(?:\.\d{1,2})? USD$/,
  /** `10x`, `2.5x`. */
  times: /^\d{1,4}(?:\.\d)?x$/,
  /** `2026-01-01`. */
  day: /^\d{4}-\d{2}-\d{2}$/,
  /** The id of a recommendation: a check, or `*` for all, and the ARN of a resource. */
  recommendation: /^(?:[a-z][a-z0-9-]{1,40}|\*) \S{1,2000}$/,
  /** `2026-12-24`, `2026-12-24..2027-01-01`. */
  days: /^\d{4}-\d{2}-\d{2}(?:\.\.\d{4}-\d{2}-\d{2})?$/,
  /** `08:00-19:00`, `22:00-06:00`, `00:00-24:00`. */
  hours: /^(?:[01]\d|2[0-3]):[0-5]\d-(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/,
  /** An instance type, `*` standing for any characters: `g5.*`, `ml.m5.xlarge`. */
  instanceType: /^[a-z0-9*][a-z0-9.*-]{0,63}$/,
  /** The name of an IAM role (IAM API, `RoleName`). */
  roleName: /^[A-Za-z0-9_+=,.@-]{1,64}$/,
  /** A Slack channel: lower case, without spaces or full stops. */
  slackChannel: /^#[\p{Ll}\p{Lo}\p{N}_-]{1,80}$/u,
  /** The id of a Slack user (`U…`, `W…`) or user group (`S…`). */
  slackId: /^[UWS][A-Z0-9]{2,20}$/,
  /** A tag key that AWS takes and that is safe in an IAM condition. */
  tagKey: /^(?!aws:)[A-Za-z0-9_.:/=+@-]{1,128}$/,
  /** Up to 100 visible characters, no space at either end. */
  name: /^(?! )[^\p{C}\p{Zl}\p{Zp}]{1,100}(?<! )$/u,
  /**
   * Its AWS Budget is named `bursar-<name>`. Budget names have 1–100 characters, without `:`, `\` and `/action/`
   * (AWS Budgets API, `BudgetName`).
   */
  projectName: /^(?! )(?!.*\/action\/)[^:\\\p{C}\p{Zl}\p{Zp}]{1,84}(?<! )$/u,
  region:
    /^[a-z]{2}(?:-[a-z]+)?-(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-\d{1,2}$/,
} as const;

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Seconds of a text in the form `FORMS.duration`. */
export const toSeconds = (text: string): number => Number(text.slice(0, -1)) * (SECONDS[text.slice(-1)] ?? 0);

/** 10 of `10x`. */
export const toTimes = (text: string): number => Number(text.slice(0, -1));

/** 80 of `80%`. */
export const toPercent = (text: string): number => Number(text.slice(0, -1));

const BYTES: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 };

/** Bytes a second of a text in the form `FORMS.rate`. */
export function toBytesPerSecond(text: string): number {
  const [amount = '', unit = ''] = text.replace('/s', '').split(' ');
  return Math.round(Number(amount) * (BYTES[unit] ?? 0));
}

/** The amount of a text in the form `FORMS.money`. */
export const toUsd = (text: string): Usd => parseUsd(text.replace(' USD', '')) ?? ZERO_USD;

/** A number or text as text; nothing of a list or mapping. */
const plain = (input: unknown): string =>
  typeof input === 'string' || typeof input === 'number' ? String(input) : '';

/** How to write an amount that was written in another way: `$4,000` → `4000 USD`. */
export function moneyMend(input: unknown): string {
  const [, digits] =
    /^(?:usd|us\$|\$)?\s*([\d,]{1,15}(?:\.\d{1,2})?)\s*(?:usd|us\$|\$)?$/i.exec(plain(input).trim()) ?? [];
  return digits === undefined
    ? 'Write an amount in US dollars, such as 4000 USD.'
    : `Write ${digits.replaceAll(',', '')} USD.`;
}

/** How to write a share that was written without its sign: `80` → `80%`. */
export function percentMend(input: unknown): string {
  const [, digits] = /^(\d{1,6}(?:\.\d{1,2})?)(?:\s*%)?$/.exec(plain(input).trim()) ?? [];
  const isShare = digits !== undefined && Number(digits) > 1;
  return isShare ? `Write ${digits}%.` : 'Write a number and a percent sign, such as 80%.';
}
