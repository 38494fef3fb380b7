import { DescribeAppCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { kinds } from '../../lib/fleet/registry.ts';
import type { NamedPolicy } from '../../lib/policy/policy.ts';
import type { CheckContext } from '../../lib/recommend/check.ts';
import { idleCompute } from '../../lib/recommend/idle-compute.ts';
import { idleOverDays } from '../../lib/recommend/idle-days.ts';
import { createAccount } from '../../lib/simulate/account/account.ts';
import type { SignalReading } from '../../lib/types/evidence.ts';
import { formatUsd } from '../../lib/types/money.ts';
import type { Recommendation } from '../../lib/types/recommendation.ts';
import { production, usd } from '../decide/fixtures.ts';
import {
  type ContextOptions,
  checkContext,
  daysAgo,
  NOW,
  REGION,
  telling,
  tellingRule,
} from './support/context.ts';

const dev = { project: 'recsys', environment: 'dev' };
const idle = () => ({ cpu: 1.2, network: 300 });
const since = daysAgo(30);
const PRICES = {
  hourly: {
    'g5.xlarge': '1.006',
    'm5.xlarge': '0.192',
    'db.m5.large': '0.171',
    'ml.m5.xlarge': '0.23',
    'ml.p4d.24xlarge': '37.688',
    'ml.t3.medium': '0.05',
  },
};

type Account = ReturnType<typeof createAccount>;

/** What is found in an account, whose fleet is discovered by the kinds themselves. */
async function findIn(
  fill: (account: Account) => void,
  options: ContextOptions = {},
): Promise<{ readonly found: readonly Recommendation[]; readonly account: Account }> {
  const account = createAccount(() => NOW);
  fill(account);
  const context: CheckContext = checkContext({ clients: account.clients, prices: PRICES, ...options });
  const fleet = (await Promise.all(kinds.map(({ discover }) => discover(context)))).flat();
  return { found: await idleCompute.find({ ...context, fleet }), account };
}

const machine = (id: string, change: Record<string, unknown> = {}) => ({
  id,
  type: 'm5.xlarge',
  tags: dev,
  since,
  use: idle,
  ...change,
});

const withPolicy = (change: Partial<NamedPolicy>): ContextOptions => ({
  policies: [{ ...telling, ...change }],
});

const stopping: Partial<NamedPolicy> = { idle: { ...tellingRule, do: 'stop' } };

describe('what nobody has used for a week', () => {
  it('is an instance at its price × 730', async () => {
    const { found, account } = await findIn(({ instances }) => instances.set('i-1', machine('i-1')));
    expect(found).toEqual([
      {
        id: `idle-compute arn:aws:ec2:${REGION}:111122223333:instance/i-1`,
        check: 'idle-compute',
        title: 'Stop EC2 instance i-1: nobody has used it for 7 days.',
        resource: {
          arn: `arn:aws:ec2:${REGION}:111122223333:instance/i-1`,
          id: 'i-1',
          kind: 'EC2 instance',
          region: REGION,
          project: 'recsys',
          owner: undefined,
        },
        // 0.192 × 730 = 140.16
        monthly: usd('140.16'),
        basis: '$0.192 × 730 h (m5.xlarge)',
        risk: 'low',
        effort: 'low',
        confidence: 'high',
        evidence: [
          'Every sample of the 7 days to 2026-11-26 10:00 UTC is idle: CPU at most 1.2% (idle is below 5%), network at most 300 B/s (below 10 kB/s).',
          'It runs since 2026-10-27 10:00 UTC for $0.19 an hour.',
          'Policy development only tells people of idleness.',
        ],
        keeps: 'Its volumes and their data stay, and are billed on; start-instances brings it back as it is.',
        how: [
          {
            form: 'command',
            text: 'aws ec2 stop-instances --region us-east-1 --instance-ids i-1',
          },
        ],
      },
    ]);
    // CPU, and network in and out.
    expect(account.asked.metrics).toBe(3);
  });

  it('is a database, a notebook, a group and an endpoint, each with its command', async () => {
    const { found } = await findIn(({ databases, notebooks, groups, endpoints }) => {
      databases.set(`${REGION}/orders`, {
        id: 'orders',
        engine: 'postgres',
        type: 'db.m5.large',
        tags: dev,
        since,
        use: () => ({ connections: 0, network: 100 }),
      });
      notebooks.set(`${REGION}/ana`, { name: 'ana', type: 'ml.t3.medium', tags: dev, since, use: idle });
      groups.set('workers', {
        name: 'workers',
        type: 'm5.xlarge',
        tags: dev,
        since,
        use: idle,
        min: 2,
        max: 4,
        desired: 2,
      });
      endpoints.set(`${REGION}/ranker`, {
        name: 'ranker',
        type: 'ml.p4d.24xlarge',
        tags: dev,
        since,
        use: () => ({ cpu: 0.1, gpu: 0, invocations: 0 }),
        cores: 96,
        gpus: 8,
      });
    });
    expect(
      found.map(({ resource, monthly, risk, how }) => [resource.id, formatUsd(monthly), risk, how[0]?.text]),
    ).toEqual([
      [
        'workers',
        // 2 × 0.192 × 730
        '$280.32',
        'low',
        'aws autoscaling update-auto-scaling-group --region us-east-1 --auto-scaling-group-name workers --min-size 0 --desired-capacity 0',
      ],
      // 0.171 × 730
      [
        'orders',
        '$124.83',
        'low',
        'aws rds stop-db-instance --region us-east-1 --db-instance-identifier orders',
      ],
      // 37.688 × 730
      [
        'ranker',
        '$27,512.24',
        'medium',
        'aws sagemaker delete-endpoint --region us-east-1 --endpoint-name ranker',
      ],
      // 0.05 × 730
      [
        'ana',
        '$36.50',
        'low',
        'aws sagemaker stop-notebook-instance --region us-east-1 --notebook-instance-name ana',
      ],
    ]);
  });

  it('is riskier where the policy has idle: off', async () => {
    const { found } = await findIn(
      ({ instances }) =>
        instances.set('i-1', machine('i-1', { tags: { project: 'recsys', environment: 'prod' } })),
      { policies: [production] },
    );
    expect(found.map(({ risk, evidence }) => [risk, evidence[2]])).toEqual([
      ['medium', 'Policy production has idle: off, so nothing stops it.'],
    ]);
  });

  it('is judged by the GPU too', async () => {
    const use = { cpu: 1, network: 0 };
    const { found } = await findIn(({ instances }) => {
      instances.set('i-idle', machine('i-idle', { type: 'g5.xlarge', use: () => ({ ...use, gpu: 0 }) }));
      instances.set('i-trains', machine('i-trains', { type: 'g5.xlarge', use: () => ({ ...use, gpu: 95 }) }));
      // The agent is not there.
      instances.set('i-unknown', machine('i-unknown', { type: 'g5.xlarge', use: () => use }));
    });
    expect(found.map(({ resource, monthly }) => [resource.id, formatUsd(monthly)])).toEqual([
      ['i-idle', '$734.38'],
    ]);
  });
});

describe('nothing is said', () => {
  const none = async (change: Record<string, unknown>, options?: ContextOptions) => {
    const { found } = await findIn(({ instances }) => instances.set('i-1', machine('i-1', change)), options);
    expect(found).toEqual([]);
  };

  it('of an empty account', async () => {
    expect((await findIn(() => {})).found).toEqual([]);
  });

  it('of what was used once in the week', async () => {
    const used = NOW.getTime() - 6 * 86_400_000;
    await none({ use: (at: Date) => ({ cpu: at.getTime() === used ? 60 : 1, network: 0 }) });
  });

  it('of a burst of traffic within an hour', async () => {
    const used = NOW.getTime() - 2 * 86_400_000;
    await none({ use: (at: Date) => ({ cpu: 1, network: at.getTime() === used ? 60_000 : 0 }) });
  });

  it('of what has run for less than a week', async () => {
    await none({ since: new Date(daysAgo(7).getTime() + 60_000) });
  });

  it('of what has no metric, or none for a day', async () => {
    await none({ use: () => undefined });
    await none({ use: (at: Date) => (at >= daysAgo(2) && at < daysAgo(1) ? undefined : idle()) });
    await none({ use: (at: Date) => (at >= new Date(NOW.getTime() - 4 * 3_600_000) ? undefined : idle()) });
  });

  it('of what its policy stops', async () => {
    await none({}, withPolicy(stopping));
    const nights = {
      timezone: 'UTC',
      week: [[{ from: 480, to: 1140 }], [], [], [], [], [], []],
      closed: [],
      do: 'start-and-stop',
      starts: 'its-own',
      startAheadSeconds: 0,
      warnSeconds: 0,
      endpoints: 'shut-down',
    } as const;
    await none({}, withPolicy({ hours: [nights] }));
    await none({}, withPolicy({ maxRuntime: { afterSeconds: 86_400, warnSeconds: 0, do: 'stop' } }));
    await none({ tags: {} }, { policy: { untagged: { afterSeconds: 86_400, do: 'stop', warnSeconds: 0 } } });
  });

  it('of what somebody keeps by a tag', async () => {
    await none({ tags: { ...dev, 'bursar:keep-until': '2026-12-31' } });
  });

  it('of what has no price', async () => {
    await none({ type: 'm5.2xlarge' });
  });
});

describe('something is said', () => {
  it('where hours only start it, and where nobody keeps it any more', async () => {
    const opening = {
      timezone: 'UTC',
      week: [[{ from: 480, to: 1140 }], [], [], [], [], [], []],
      closed: [],
      do: 'start',
      starts: 'its-own',
      startAheadSeconds: 0,
      warnSeconds: 0,
      endpoints: 'shut-down',
    } as const;
    const { found } = await findIn(
      ({ instances }) =>
        instances.set('i-1', machine('i-1', { tags: { ...dev, 'bursar:keep-until': '2026-11-01' } })),
      withPolicy({ hours: [opening] }),
    );
    expect(found).toHaveLength(1);
  });

  it('of what names no project, where such are only told of', async () => {
    const { found } = await findIn(({ instances }) => instances.set('i-1', machine('i-1', { tags: {} })));
    expect(found.map(({ resource, evidence }) => [resource.project, evidence[2]])).toEqual([
      [undefined, 'It names no project, and what names none is not stopped.'],
    ]);
  });
});

describe('a Studio app', () => {
  const id = 'd-1/spaces/anas/JupyterLab/default';
  const arn = `arn:aws:sagemaker:${REGION}:111122223333:app/d-1/anas/JupyterLab/default`;
  const app = {
    kind: 'sagemaker-studio-app',
    arn,
    id,
    account: '111122223333',
    region: REGION,
    tags: dev,
    state: 'running',
    since,
    size: 'ml.t3.medium',
    protections: [],
    neverIdle: 'SageMaker publishes no metric of its use.',
    hourly: usd('0.05'),
  } as const;

  const findWith = async (last: Date | undefined) => {
    const sagemaker = new SageMakerClient({ region: REGION });
    mockClient(sagemaker)
      .on(DescribeAppCommand)
      .resolves(last === undefined ? {} : { LastUserActivityTimestamp: last });
    const clients = { ...createAccount(() => NOW).clients, sagemaker };
    return idleCompute.find(checkContext({ clients, prices: PRICES, fleet: [app], ...withPolicy(stopping) }));
  };

  it('is told of with little confidence where nobody was there for a week', async () => {
    const found = await findWith(daysAgo(9));
    expect(
      found.map(({ confidence, monthly, evidence }) => [confidence, formatUsd(monthly), evidence[0]]),
    ).toEqual([
      [
        'low',
        '$36.50',
        'Nobody has used it since 2026-11-17 10:00 UTC; whether something computes in it by itself is not known, as SageMaker publishes no metric of it.',
      ],
    ]);
    expect(found[0]?.how).toEqual([
      {
        form: 'command',
        text: 'aws sagemaker delete-app --region us-east-1 --domain-id d-1 --space-name anas --app-type JupyterLab --app-name default',
      },
    ]);
  });

  it('is not where somebody was, or nobody knows', async () => {
    expect(await findWith(daysAgo(6))).toEqual([]);
    expect(await findWith(undefined)).toEqual([]);
  });
});

describe('days of samples', () => {
  const from = daysAgo(7);
  const hours = (values: readonly number[]): SignalReading => ({
    signal: 'cpu',
    periodSeconds: 3600,
    absence: 'unknown',
    samples: values.map((value, hour) => ({ at: new Date(from.getTime() + hour * 3_600_000), value })),
  });
  const judge = (...readings: readonly SignalReading[]) =>
    idleOverDays({ asOf: NOW, readings, missing: [] }, tellingRule.below, { from, to: NOW }).state;

  it('are idle below the limit, and busy at it', () => {
    expect(judge(hours(new Array<number>(168).fill(4.999)))).toBe('idle');
    expect(judge(hours(new Array<number>(168).fill(5)))).toBe('busy');
    expect(judge(hours(new Array<number>(168).fill(Number.NaN)))).toBe('busy');
  });

  it('go by the ceiling of a reading where that is lower', () => {
    expect(judge({ ...hours(new Array<number>(168).fill(1)), ceiling: 0.52 })).toBe('busy');
  });

  it('may lack one sample in twenty, and the last hours', () => {
    const idleHours = new Array<number>(168).fill(1);
    const without = (keep: (hour: number) => boolean): SignalReading => {
      const whole = hours(idleHours);
      return { ...whole, samples: whole.samples.filter((_, hour) => keep(hour)) };
    };
    // 160 of 168 are 95.2%, 159 are 94.6%.
    expect(judge(without((hour) => hour >= 8))).toBe('idle');
    expect(judge(without((hour) => hour >= 9))).toBe('unknown');
    expect(judge(without((hour) => hour < 165))).toBe('idle');
    expect(judge(without((hour) => hour < 164))).toBe('unknown');
  });

  it('of what is emitted on use alone count as none only beside a metric that is alive', () => {
    const invocations: SignalReading = { ...hours([]), signal: 'invocations', absence: 'zero-if-alive' };
    expect(judge(invocations, hours(new Array<number>(168).fill(1)))).toBe('idle');
    expect(judge(invocations)).toBe('unknown');
    expect(judge(invocations, hours([]))).toBe('unknown');
  });
});
