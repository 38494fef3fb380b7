import type { UndoCommand } from '../../lib/alerts/undo.ts';
import { kindOf } from '../../lib/fleet/registry.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { Alert, AlertItem } from '../../lib/types/alert.ts';
import type { NotifyDecision, StopDecision, WarnDecision } from '../../lib/types/decision.ts';
import { parseUsd, type Usd } from '../../lib/types/money.ts';
import type { Outcome, Result } from '../../lib/types/outcome.ts';
import type { Resource } from '../../lib/types/resource.ts';

export const ACCOUNT = '391613010373';
export const AT = new Date('2026-11-25T10:30:00Z');

export function usd(text: string): Usd {
  const amount = parseUsd(text);
  if (amount === undefined) throw new Error(`no amount: ${text}`);
  return amount;
}

const below = { cpu: 5, gpu: 5, network: 10_000, invocations: 1, backlog: 1, connections: 1 };

export const policy: Policy = {
  version: 1,
  tags: {
    project: 'project',
    owner: 'owner',
    environment: 'environment',
    keepUntil: 'bursar:keep-until',
    model: 'model',
    creator: 'bursar:creator',
  },
  teams: {},
  allocation: { shared: [], usage: {} },
  dismissed: [],
  operators: [],
  timezone: 'UTC',
  projects: {
    recsys: {
      name: 'recsys',
      owner: 'team-beta',
      owners: [],
      members: [],
      budget: usd('12000'),
      freezeRoles: [],
      slack: '#recsys',
    },
    fraud: { name: 'fraud', owners: [], members: [], freezeRoles: [] },
  },
  policies: [
    {
      name: 'development',
      match: { environment: ['dev'] },
      allow: [],
      restore: 'by-hand',
      launch: 'stop',
      idle: { afterSeconds: 1800, warnSeconds: 600, do: 'stop', below },
      budget: [
        { at: 80, of: 'actual', per: 'month', do: 'notify', graceSeconds: 0 },
        { at: 100, of: 'actual', per: 'month', do: 'stop', graceSeconds: 0 },
        { at: 120, of: 'actual', per: 'month', do: 'freeze', graceSeconds: 0 },
      ],
    },
  ],
  untagged: { afterSeconds: 86_400, do: 'notify', warnSeconds: 0 },
  requiredTags: { project: 'any' },
  alerts: { burnRate: 10, weekly: true, anomalies: false },
  limits: { maxStopsPerSweep: 25, maxFleetShare: 30 },
  scope: { regions: ['us-east-1'], accounts: ['self'] },
  approval: 'off',
};

export const instance = (n: number, fields: Partial<Resource> = {}): Resource => {
  const id = `i-${n.toString(16).padStart(17, '0')}`;
  return {
    kind: 'ec2-instance',
    arn: `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/${id}`,
    id,
    account: ACCOUNT,
    region: 'us-east-1',
    tags: { project: 'recsys', owner: 'alice', environment: 'dev' },
    state: 'running',
    since: new Date('2026-11-24T08:00:00Z'),
    size: 'g5.xlarge',
    protections: [],
    hourly: usd('1.006'),
    ...fields,
  };
};

export const endpoint = (name: string): Resource =>
  instance(0, {
    kind: 'sagemaker-endpoint',
    arn: `arn:aws:sagemaker:us-east-1:${ACCOUNT}:endpoint/${name}`,
    id: name,
    size: '2 × ml.g5.xlarge',
    hourly: usd('2.816'),
  });

const idleRule = { policy: 'development', rule: 'idle for 30 min: stop' };
const figures = (cpu: string) => `Idle from 10:00 UTC to 10:30 UTC: CPU at most ${cpu}%, GPU at most 0%.`;

export const stop = (target: Resource, fields: Partial<StopDecision> = {}): StopDecision => ({
  action: 'stop',
  trigger: 'idle',
  key: `idle/${target.arn}`,
  project: 'recsys',
  reason: `${figures('1.2')} Policy development stops after 30 min idle.`,
  rule: idleRule,
  target,
  ...fields,
});

export const warn = (target: Resource, stopAt: Date): WarnDecision => ({
  ...stop(target),
  action: 'warn',
  key: `warn/${target.arn}`,
  reason: `${figures('1.2')} Policy development stops it after 30 min idle.`,
  stopAt,
});

export const notify = (target: Resource, fields: Partial<NotifyDecision> = {}): NotifyDecision => ({
  ...stop(target),
  action: 'notify',
  key: `notify/${target.arn}`,
  ...fields,
});

export const taken = (detail = 'Stopped.'): Outcome => ({ status: 'taken', at: AT, detail });
export const skipped = (code: string, detail = 'It was skipped.'): Outcome => ({
  status: 'skipped',
  at: AT,
  code,
  detail,
});
export const failed = (code: string, retry = false): Outcome => ({
  status: 'failed',
  at: AT,
  code,
  detail: 'AWS refused.',
  retry,
});

/** Twenty idle instances of one project: eighteen stopped, one refused by AWS, one protected meanwhile. */
export function twentyStops(): readonly Result[] {
  const owners = ['alice', 'bob', 'carol'];
  return Array.from({ length: 20 }, (_, n): Result => {
    const large = n % 7 === 0;
    const target = instance(0xa1b2c3d4e5f00 + n, {
      tags: { project: 'recsys', owner: owners[n % 3] ?? 'alice', environment: 'dev' },
      ...(large ? { size: 'p3.8xlarge', hourly: usd('12.24') } : {}),
    });
    const decision = stop(target, {
      reason: `${figures((n / 8 + 0.4).toFixed(1))} Policy development stops after 30 min idle.`,
    });
    if (n === 4) {
      return {
        decision,
        outcome: {
          status: 'failed',
          at: AT,
          code: 'UnsupportedOperation',
          detail: "You can't stop the Spot Instance because it is associated with a one-time request.",
          retry: false,
        },
      };
    }
    if (n === 9) {
      return {
        decision,
        outcome: skipped('Exempt', 'Kept until 2026-11-26T09:00:00.000Z by its tag bursar:keep-until.'),
      };
    }
    return { decision, outcome: taken() };
  });
}

export const item = (n: number, fields: Partial<AlertItem> = {}): AlertItem => ({
  arn: instance(n).arn,
  id: instance(n).id,
  kind: 'ec2-instance',
  region: 'us-east-1',
  size: 'g5.xlarge',
  owner: 'alice',
  hourly: '1.006',
  requested: 'stop',
  status: 'taken',
  detail: 'Stopped.',
  reason: 'It was idle.',
  rule: 'development: idle',
  ...fields,
});

export const alert = (fields: Partial<Alert> = {}): Alert => ({
  version: 1,
  id: 'batch-1/stop-idle/recsys/abc',
  at: AT.toISOString(),
  severity: 'info',
  kind: 'idle',
  account: ACCOUNT,
  project: 'recsys',
  owner: 'team-beta',
  slack: '#recsys',
  title: '1 idle resource of recsys stopped',
  reason: 'It was idle.',
  next: 'It stays stopped.',
  items: [item(1)],
  ...fields,
});

/** As the enforcer does: each kind tells its own command. */
export const undo: UndoCommand = (kind, ids, region) => kindOf(kind)?.undo(ids, region);
