import { dayName, dayNumber } from '../../lib/meter/days.ts';
import type { MeasureScope } from '../../lib/meter/measure.ts';
import type { MeterSubject } from '../../lib/meter/record.ts';
import type { MeterPoint, MeterRecord } from '../../lib/types/meter.ts';
import { parseUsd, type Usd } from '../../lib/types/money.ts';
import type { Resource } from '../../lib/types/resource.ts';

export const usd = (text: string): Usd => {
  const amount = parseUsd(text);
  if (amount === undefined) throw new Error(`${text} is no amount`);
  return amount;
};

/** `2026-11-25T10:30` in UTC. */
export const at = (text: string): Date => new Date(`${text.length > 16 ? text : `${text}:00.000`}Z`);

export const subject: MeterSubject = {
  arn: 'arn:aws:ec2:us-east-1:111122223333:instance/i-1',
  id: 'i-1',
  kind: 'ec2-instance',
  account: '111122223333',
  region: 'us-east-1',
  size: 'g5.xlarge',
};

export const EC2 = 'Amazon Elastic Compute Cloud - Compute';
export const SAGEMAKER = 'Amazon SageMaker';
export const billedAs = (kind: string): string => (kind.startsWith('sagemaker') ? SAGEMAKER : EC2);
export const knownServices: ReadonlySet<string> = new Set([EC2, SAGEMAKER]);

/** All of 35 days up to `now`. */
export const scope = (now: Date): MeasureScope => ({
  now,
  from: dayName(dayNumber(now.getTime()) - 35),
  billedAs,
});

export const on = (when: string, change: Partial<MeterPoint> = {}): MeterPoint => ({
  at: at(when),
  on: true,
  project: 'recsys',
  hourly: usd('1.006'),
  by: 'event',
  ...change,
});

export const off = (when: string, by: MeterPoint['by'] = 'event'): MeterPoint => ({
  at: at(when),
  on: false,
  project: undefined,
  hourly: undefined,
  by,
});

export const recordWith = (
  points: readonly MeterPoint[],
  change: Partial<MeterRecord> = {},
): MeterRecord => ({ ...subject, points, closed: [], ...change });

/** What a sweep finds of the `subject`. */
export const found = (change: Partial<Resource> = {}): Resource => ({
  ...subject,
  tags: { project: 'recsys' },
  state: 'running',
  since: at('2026-11-25T09:00'),
  protections: [],
  hourly: usd('1.006'),
  ...change,
});

export const projectOf = ({ tags }: Resource): string | undefined => tags.project;
