import type { AuditEntry } from '../../lib/ledger/ledger.ts';
import { type SavingsInput, savingsOf } from '../../lib/savings/savings.ts';
import type { MeterPoint, MeterRecord } from '../../lib/types/meter.ts';
import { parseUsd, type Usd, ZERO_USD } from '../../lib/types/money.ts';
import type { Resource } from '../../lib/types/resource.ts';

export const usd = (text: string): Usd => parseUsd(text) ?? ZERO_USD;

/** A Friday. */
export const FRIDAY = new Date('2026-11-13T18:45:00.000Z');
export const HOUR = 3_600_000;
export const after = (hours: number, from = FRIDAY): Date => new Date(from.getTime() + hours * HOUR);

export const resource = (id: string, more: Partial<Resource> = {}): Resource => ({
  kind: 'ec2-instance',
  arn: `arn:aws:ec2:us-east-1:111122223333:instance/${id}`,
  id,
  account: '111122223333',
  region: 'us-east-1',
  tags: { project: 'recsys' },
  state: 'running',
  since: new Date('2026-11-02T08:00:00.000Z'),
  size: 'g5.xlarge',
  protections: [],
  hourly: usd('1'),
  ...more,
});

export const endpoint = (id: string, more: Partial<Resource> = {}): Resource =>
  resource(id, {
    kind: 'sagemaker-endpoint',
    arn: `arn:aws:sagemaker:us-east-1:111122223333:endpoint/${id}`,
    size: 'ml.p4d.24xlarge',
    hourly: usd('37.688'),
    ...more,
  });

type Given = Partial<Pick<AuditEntry, 'event'>> & {
  readonly project?: string | undefined;
  readonly trigger?: 'idle' | 'person' | 'schedule';
  readonly key?: string;
  readonly manner?: 'scale-down';
};

export const stop = (target: Resource, at: Date, given: Given = {}): AuditEntry => ({
  at,
  batch: 'batch',
  decision: {
    action: 'stop',
    key: given.key ?? `stop/${target.arn}/${at.toISOString()}`,
    project: 'project' in given ? given.project : 'recsys',
    reason: 'Idle for 45 min.',
    trigger: given.trigger ?? 'idle',
    ...(given.manner === undefined ? {} : { manner: given.manner }),
    rule: { policy: 'development', rule: 'development: idle' },
    target,
  },
  event: given.event ?? 'taken',
  code: undefined,
  detail: 'Stopped.',
});

export const restore = (target: Resource, at: Date, event: AuditEntry['event'] = 'taken'): AuditEntry => ({
  at,
  batch: 'batch',
  decision: {
    action: 'restore',
    key: `restore/${target.arn}/${at.toISOString()}`,
    project: 'recsys',
    reason: 'ana wants it back.',
    by: 'ana (Slack)',
    target,
  },
  event,
  code: undefined,
  detail: 'Started.',
});

export const on = (at: Date, by: MeterPoint['by'] = 'event'): MeterPoint => ({
  at,
  on: true,
  project: 'recsys',
  hourly: usd('1'),
  by,
});

export const off = (at: Date, by: MeterPoint['by'] = 'event'): MeterPoint => ({
  at,
  on: false,
  project: undefined,
  hourly: undefined,
  by,
});

export const record = (
  { arn, id, kind, account, region, size }: Resource,
  points: readonly MeterPoint[],
  closed: MeterRecord['closed'] = [],
): MeterRecord => ({ arn, id, kind, account, region, size, points, closed });

/** November 2026, looked at on the first of December. */
export const savings = (
  trail: readonly AuditEntry[],
  {
    records = [],
    ...more
  }: Partial<Omit<SavingsInput, 'meter'>> & { readonly records?: readonly MeterRecord[] } = {},
) =>
  savingsOf({
    from: new Date('2026-11-01T00:00:00.000Z'),
    to: new Date('2026-12-01T00:00:00.000Z'),
    now: new Date('2026-12-01T06:00:00.000Z'),
    trail,
    meter: new Map(records.map((one) => [one.arn, one])),
    fleet: undefined,
    isListedStopped: ({ kind }) => kind === 'ec2-instance',
    ownEnd: ({ consent }) => (consent === 'stop-jobs' ? 'unknown' : undefined),
    discountOf: () => 0,
    ...more,
  });
