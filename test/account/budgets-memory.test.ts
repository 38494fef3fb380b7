import { DescribeBudgetsCommand } from '@aws-sdk/client-budgets';
import { type Event, LookupEventsCommand, type LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail';
import { GetCostAndUsageCommand, type GetCostAndUsageCommandInput } from '@aws-sdk/client-cost-explorer';
import { ListEntitiesForPolicyCommand } from '@aws-sdk/client-iam';
import { GetProductsCommand } from '@aws-sdk/client-pricing';
import { describe, expect, it } from 'vitest';
import { trailEvents } from '../../lib/backtest/trail-events.ts';
import { lookUpCreators } from '../../lib/fleet/creator.ts';
import { createLaunchDenial } from '../../lib/fleet/launch-denial.ts';
import { createAccount } from '../../lib/simulate/account/account.ts';
import {
  cloudtrailIn,
  instancesRecord,
  namedRecord,
  type TrailRecord,
} from '../../lib/simulate/account/cloudtrail.ts';
import { costExplorerIn } from '../../lib/simulate/account/cost-explorer.ts';
import { createIam, DENY_POLICY } from '../../lib/simulate/account/iam.ts';
import { pricingIn } from '../../lib/simulate/account/pricing.ts';
import { ELSEWHERE, REGION } from '../../lib/simulate/account/state.ts';
import { instance, usd } from '../fleet/fixtures.ts';

const NOW = new Date('2026-11-25T10:30:00.000Z');
const at = (time: string): Date => new Date(`2026-11-${time}Z`);

it('budgets in memory come on pages', async () => {
  const account = createAccount(() => NOW);
  const spend = { limit: '1', actual: '0', forecasted: '0' };
  for (let n = 0; n < 120; n += 1) account.budgets.set(`budget-${n}`, { ...spend, project: `p-${n}` });
  const ask = (more: object) =>
    account.budgetsClient.send(new DescribeBudgetsCommand({ AccountId: '111122223333', ...more }));
  const first = await ask({});
  expect(first.Budgets).toHaveLength(100);
  expect((await ask({ NextToken: first.NextToken })).Budgets).toHaveLength(20);
  expect((await ask({ MaxResults: 1000 })).NextToken).toBeUndefined();
  await expect(ask({ MaxResults: 1001 })).rejects.toMatchObject({ name: 'InvalidParameterException' });
  await expect(ask({ NextToken: 'x' })).rejects.toMatchObject({ name: 'InvalidNextTokenException' });
});

describe('Cost Explorer in memory', () => {
  const play = (groupsPerPage?: number) => {
    const account = createAccount(() => NOW);
    const bill = (day: string, project: string, service: string, amount: number) =>
      account.bills.push({ day: `2026-${day}`, project, service, usd: amount });
    bill('10-31', 'recsys', 'A', 0.1);
    bill('10-31', 'recsys', 'A', 0.2);
    bill('11-01', 'recsys', 'A', 1.5);
    bill('11-01', 'recsys', 'B', -0.25);
    bill('11-02', '', 'B', 1e-7);
    const client = costExplorerIn(account, groupsPerPage);
    const ask = (more: Partial<GetCostAndUsageCommandInput> = {}) =>
      client.send(
        new GetCostAndUsageCommand({
          TimePeriod: { Start: '2026-10-31', End: '2026-11-04' },
          Granularity: 'DAILY',
          Metrics: ['AmortizedCost'],
          ...more,
        }),
      );
    const rows = async (more?: Partial<GetCostAndUsageCommandInput>) =>
      ((await ask(more)).ResultsByTime ?? []).map(({ TimePeriod, Total, Groups, Estimated }) => [
        TimePeriod?.Start,
        Estimated,
        Total?.AmortizedCost?.Amount,
        (Groups ?? []).map(({ Keys, Metrics }) => `${Keys?.join(' ')} ${Metrics?.AmortizedCost?.Amount}`),
      ]);
    return { account, ask, rows };
  };
  const byProject = [{ Type: 'TAG' as const, Key: 'team' }];
  const byBoth = [...byProject, { Type: 'DIMENSION' as const, Key: 'SERVICE' }];

  it('tells the whole of each period, exactly', async () => {
    expect(await play().rows()).toEqual([
      ['2026-10-31', false, '0.3', []],
      ['2026-11-01', true, '1.25', []],
      ['2026-11-02', true, '0.0000001', []],
      ['2026-11-03', true, '0', []],
    ]);
  });

  it('tells it by tag, or by tag and service, of days and of months', async () => {
    const { rows } = play();
    expect(await rows({ GroupBy: byBoth })).toEqual([
      ['2026-10-31', false, undefined, ['team$recsys A 0.3']],
      ['2026-11-01', true, undefined, ['team$recsys A 1.5', 'team$recsys B -0.25']],
      ['2026-11-02', true, undefined, ['team$ B 0.0000001']],
      ['2026-11-03', true, undefined, []],
    ]);
    const months = {
      Granularity: 'MONTHLY' as const,
      TimePeriod: { Start: '2026-10-01', End: '2026-12-01' },
    };
    expect(await rows({ ...months, GroupBy: byProject })).toEqual([
      ['2026-10-01', false, undefined, ['team$recsys 0.3']],
      ['2026-11-01', true, undefined, ['team$recsys 1.25', 'team$ 0.0000001']],
    ]);
  });

  it('leaves out what the filter leaves out', async () => {
    const { rows } = play();
    const day = { TimePeriod: { Start: '2026-11-01', End: '2026-11-02' } };
    const total = async (Filter: GetCostAndUsageCommandInput['Filter']) =>
      (await rows({ ...day, Filter }))[0]?.[2];
    const service = (Values: string[]) => ({ Dimensions: { Key: 'SERVICE' as const, Values } });
    expect(await total({ Not: { Dimensions: { Key: 'RECORD_TYPE', Values: ['Credit', 'Refund'] } } })).toBe(
      '1.25',
    );
    expect(await total(service(['A']))).toBe('1.5');
    expect(await total({ Not: service(['A']) })).toBe('-0.25');
    expect(await total({ And: [service(['A', 'B']), { Tags: { Key: 'team', Values: ['fraud'] } }] })).toBe(
      '0',
    );
    expect(await total({ Or: [service(['C']), { Tags: { Key: 'team', Values: ['recsys'] } }] })).toBe('1.25');
  });

  it('comes on pages, each of which is a request', async () => {
    const { account, ask } = play(2);
    const pages: string[][] = [];
    let NextPageToken: string | undefined;
    do {
      const page = await ask({ GroupBy: byBoth, ...(NextPageToken === undefined ? {} : { NextPageToken }) });
      pages.push(
        (page.ResultsByTime ?? []).map(({ TimePeriod, Groups }) => `${TimePeriod?.Start} ${Groups?.length}`),
      );
      ({ NextPageToken } = page);
    } while (NextPageToken !== undefined);
    expect(pages).toEqual([
      ['2026-10-31 1', '2026-11-01 1'],
      ['2026-11-01 1', '2026-11-02 1'],
      ['2026-11-03 0'],
    ]);
    expect(account.asked.costExplorer).toBe(3);
  });

  it.each<readonly [string, Partial<GetCostAndUsageCommandInput>, string]>([
    ['three groups', { GroupBy: [...byBoth, ...byProject] }, 'ValidationException'],
    ['no metric', { Metrics: [] }, 'ValidationException'],
    ['hours', { Granularity: 'HOURLY' }, 'ValidationException'],
    [
      'a month that it does not know any more',
      { TimePeriod: { Start: '2025-09-30', End: '2026-11-04' } },
      'ValidationException',
    ],
    ['a token that it did not give', { NextPageToken: 'x' }, 'InvalidNextTokenException'],
  ])('refuses %s', async (_, asked, name) => {
    await expect(play().ask(asked)).rejects.toMatchObject({ name });
  });

  it('may be down, which is a request as well', async () => {
    const { account, ask } = play();
    account.health.costExplorer = false;
    await expect(ask()).rejects.toMatchObject({ $fault: 'server' });
    expect(account.asked.costExplorer).toBe(1);
  });
});

it('IAM in memory tells on pages whom the policy denies', async () => {
  const roles = Array.from({ length: 130 }, (_, n) => `role-${n}`);
  const { iam, sts, denied } = createIam(roles);
  for (const role of roles) denied.add(role);
  const denial = createLaunchDenial({ iam, sts, policyArn: DENY_POLICY, now: () => NOW });
  expect((await denial.deniedRoles()).size).toBe(130);
  const page = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn: DENY_POLICY, MaxItems: 100 }));
  expect([page.PolicyRoles?.length, page.IsTruncated]).toEqual([100, true]);
});

describe('CloudTrail in memory', () => {
  const ana = { user: 'ana' };
  const trail = [
    instancesRecord('RunInstances', ['i-1', 'i-2'], { at: at('01T08:00:00'), who: ana }),
    namedRecord('CreateEndpoint', 'ranker', {
      at: at('02T08:00:00'),
      who: { role: 'ml-ci', session: 'build-42' },
    }),
    instancesRecord('StopInstances', ['i-1'], { at: at('03T08:00:00.900'), who: { user: 'bob' } }),
    instancesRecord('StartInstances', ['i-1'], { at: at('04T08:00:00'), who: ana }),
    instancesRecord('StopInstances', ['i-2'], {
      at: at('04T09:00:00'),
      who: ana,
      errorCode: 'Client.UnauthorizedOperation',
    }),
    instancesRecord('RunInstances', ['i-3'], { at: at('05T08:00:00'), who: ana, region: ELSEWHERE }),
    instancesRecord('TerminateInstances', ['i-2'], {
      at: at('06T08:00:00'),
      who: { service: 'autoscaling.amazonaws.com' },
    }),
    namedRecord('StopDBInstance', 'features', { at: at('07T08:00:00'), who: ana }),
  ];
  const client = cloudtrailIn(trail, REGION, () => NOW);
  const ask = (asked: LookupEventsCommandInput, from = client) => from.send(new LookupEventsCommand(asked));
  const names = (events: readonly Event[] | undefined) => (events ?? []).map(({ EventName }) => EventName);

  it('says who made a resource', async () => {
    const resources = [
      instance('i-1'),
      instance('i-9'),
      instance('ranker', { kind: 'sagemaker-endpoint', arn: 'arn:ranker' }),
    ];
    expect(await lookUpCreators(client, resources)).toEqual(
      new Map([
        [instance('i-1').arn, 'ana'],
        ['arn:ranker', 'ml-ci/build-42'],
      ]),
    );
  });

  it('says when things began and ended to run', async () => {
    const { Events = [] } = await ask({});
    const told = Events.flatMap(({ CloudTrailEvent = '' }) => trailEvents(CloudTrailEvent));
    expect(told.map(({ at: time, kind, id, runs }) => [time.getUTCDate(), kind, id, runs])).toEqual([
      [7, 'rds-instance', 'features', false],
      [6, 'ec2-instance', 'i-2', false],
      [4, 'ec2-instance', 'i-1', true],
      [3, 'ec2-instance', 'i-1', false],
      [2, 'sagemaker-endpoint', 'ranker', true],
      [1, 'ec2-instance', 'i-1', true],
      [1, 'ec2-instance', 'i-2', true],
    ]);
  });

  it.each([
    ['EventName', 'StopInstances', ['StopInstances', 'StopInstances']],
    ['ResourceName', 'i-2', ['TerminateInstances', 'StopInstances', 'RunInstances']],
    ['ResourceType', 'AWS::SageMaker::Endpoint', ['CreateEndpoint']],
    ['Username', 'build-42', ['CreateEndpoint']],
    ['EventSource', 'rds.amazonaws.com', ['StopDBInstance']],
    ['ReadOnly', 'true', []],
    ['ResourceName', 'i-3', []],
  ] as const)('finds events by %s %s', async (AttributeKey, AttributeValue, found) => {
    const { Events } = await ask({ LookupAttributes: [{ AttributeKey, AttributeValue }] });
    expect(names(Events)).toEqual(found);
  });

  it('keeps events of a region in the region, and to the second', async () => {
    const there = cloudtrailIn(trail, ELSEWHERE);
    expect(names((await ask({}, there)).Events)).toEqual(['RunInstances']);
    const { Events } = await ask({ StartTime: at('03T08:00:00'), EndTime: at('03T23:00:00') });
    expect(Events?.map(({ EventTime }) => EventTime)).toEqual([at('03T08:00:00')]);
  });

  it('goes on where the last page ended, whatever has come since', async () => {
    const growing: TrailRecord[] = Array.from({ length: 120 }, (_, n) =>
      instancesRecord('StartInstances', [`i-${n}`], {
        at: new Date(NOW.getTime() - (120 - n) * 1000),
        who: ana,
      }),
    );
    const own = cloudtrailIn(growing, REGION, () => NOW);
    const first = await ask({}, own);
    growing.push(instancesRecord('StopInstances', ['i-0'], { at: NOW, who: ana }));
    const second = await ask({ NextToken: first.NextToken }, own);
    const third = await ask({ NextToken: second.NextToken }, own);
    expect([first, second, third].map(({ Events }) => Events?.length)).toEqual([50, 50, 20]);
    expect(third.NextToken).toBeUndefined();
    const all = [first, second, third].flatMap(({ Events = [] }) => Events.map(({ EventId }) => EventId));
    expect(new Set(all).size).toBe(120);
    expect(names((await ask({ MaxResults: 1 }, own)).Events)).toEqual(['StopInstances']);
  });

  it('forgets after 90 days', async () => {
    const old = cloudtrailIn(trail, REGION, () => new Date('2027-02-01T12:00:00Z'));
    expect(names((await ask({}, old)).Events)).toHaveLength(4);
  });

  it.each<readonly [LookupEventsCommandInput, string]>([
    [{ MaxResults: 51 }, 'InvalidMaxResultsException'],
    [{ NextToken: 'x' }, 'InvalidNextTokenException'],
    [{ StartTime: NOW, EndTime: at('01T00:00:00') }, 'InvalidTimeRangeException'],
    [
      {
        LookupAttributes: [
          { AttributeKey: 'EventName', AttributeValue: 'a' },
          { AttributeKey: 'Username', AttributeValue: 'b' },
        ],
      },
      'InvalidLookupAttributesException',
    ],
  ])('refuses %o', async (asked, name) => {
    await expect(ask(asked)).rejects.toMatchObject({ name });
  });
});

it('prices in memory come on pages, those alone that fit all filters', async () => {
  const prices = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`m${n}.large`, usd('1')]));
  const client = pricingIn({ ...prices, 'p3.2xlarge': usd('3.06') });
  const ask = (more: object) => client.send(new GetProductsCommand({ ServiceCode: 'AmazonEC2', ...more }));
  const linux = { Type: 'TERM_MATCH', Field: 'operatingSystem', Value: 'Linux' };
  const first = await ask({ Filters: [linux], MaxResults: 50 });
  expect(first.PriceList).toHaveLength(50);
  expect((await ask({ Filters: [linux], NextToken: first.NextToken })).PriceList).toHaveLength(11);
  const dedicated = { Type: 'TERM_MATCH', Field: 'tenancy', Value: 'Dedicated' };
  expect((await ask({ Filters: [linux, dedicated] })).PriceList).toEqual([]);
  await expect(ask({ ServiceCode: 'AmazonMoon' })).rejects.toMatchObject({ name: 'NotFoundException' });
  await expect(ask({ MaxResults: 101 })).rejects.toMatchObject({ name: 'InvalidParameterException' });
});
