import { CostExplorerClient, GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { readBilledDays, readBilledMonths } from '../../lib/fleet/billing.ts';
import { usdToDecimal } from '../../lib/types/money.ts';
import { anyUsd } from '../types/arbitraries.ts';
import { awsError, usd } from './fixtures.ts';

// moto gives back what it was told, on one page.
const api = mockClient(CostExplorerClient);
beforeEach(() => api.reset());

const client = new CostExplorerClient({ region: 'us-east-1' });
const EC2 = 'Amazon Elastic Compute Cloud - Compute';

const group = (keys: readonly string[], Amount: string, Unit = 'USD') => ({
  Keys: [...keys],
  Metrics: { AmortizedCost: { Amount, Unit } },
});
const period = (Start: string, ...Groups: readonly ReturnType<typeof group>[]) => ({
  TimePeriod: { Start, End: 'not read' },
  Total: {},
  Groups: [...Groups],
  Estimated: true,
});

/** As many requests as that, and how many were made. */
function allowing(most: number) {
  let made = 0;
  return {
    request: async () => {
      if (made === most) return false;
      made += 1;
      return true;
    },
    made: () => made,
  };
}

const days = (from: string, to: string, { request } = allowing(100), tagKey = 'project') =>
  readBilledDays(client, { tagKey, from, to, request });

async function billed(from: string, to: string, tagKey = 'project') {
  const answer = await days(from, to, undefined, tagKey);
  if (answer.state !== 'read') throw new Error('out of requests');
  return Object.fromEntries(
    [...answer.billed].map(([day, projects]) => [
      day,
      Object.fromEntries(
        [...projects].map(([project, services]) => [
          project,
          Object.fromEntries([...services].map(([service, amount]) => [service, usdToDecimal(amount)])),
        ]),
      ),
    ]),
  );
}

const inputs = () => api.commandCalls(GetCostAndUsageCommand).map(({ args }) => args[0].input);

describe('what was billed for days', () => {
  it('is asked by project and service, gross of credits and refunds, with the last day in it', async () => {
    api.on(GetCostAndUsageCommand).resolves({ ResultsByTime: [] });
    await days('2026-11-28', '2026-11-30');
    expect(inputs()).toEqual([
      {
        TimePeriod: { Start: '2026-11-28', End: '2026-12-01' },
        Granularity: 'DAILY',
        GroupBy: [
          { Type: 'TAG', Key: 'project' },
          { Type: 'DIMENSION', Key: 'SERVICE' },
        ],
        Metrics: ['AmortizedCost'],
        Filter: { Not: { Dimensions: { Key: 'RECORD_TYPE', Values: ['Credit', 'Refund'] } } },
      },
    ]);
  });

  it('comes by day, project and service; what has no project is a project of no name', async () => {
    api.on(GetCostAndUsageCommand).resolves({
      ResultsByTime: [
        period(
          '2026-11-24',
          group(['project$fraud', EC2], '12.3456789'),
          group(['project$fraud', 'Amazon SageMaker'], '0.5'),
          group(['project$', 'AWS Support (Business)'], '100'),
        ),
        period('2026-11-25', group(['project$recsys', EC2], '1')),
      ],
    });
    expect(await billed('2026-11-24', '2026-11-25')).toEqual({
      '2026-11-24': {
        fraud: { [EC2]: '12.345679', 'Amazon SageMaker': '0.5' },
        '': { 'AWS Support (Business)': '100' },
      },
      '2026-11-25': { recsys: { [EC2]: '1' } },
    });
  });

  it('has an entry for every day, and none for a day that was not asked for', async () => {
    api.on(GetCostAndUsageCommand).resolves({
      ResultsByTime: [
        period('2026-11-01', group(['project$fraud', EC2], '1')),
        period('2026-11-30', group(['project$fraud', EC2], '2')),
      ],
    });
    expect(await billed('2026-11-29', '2026-12-01')).toEqual({
      '2026-11-29': {},
      '2026-11-30': { fraud: { [EC2]: '2' } },
      '2026-12-01': {},
    });
  });

  it.each([
    { tagKey: 'project', key: 'project$a$b', project: 'a$b' },
    { tagKey: 'cost$centre', key: 'cost$centre$fraud', project: 'fraud' },
    { tagKey: 'team', key: 'team$', project: '' },
  ])('of the group $key is that of "$project"', async ({ tagKey, key, project }) => {
    api
      .on(GetCostAndUsageCommand)
      .resolves({ ResultsByTime: [period('2026-11-25', group([key, EC2], '3'))] });
    expect(await billed('2026-11-25', '2026-11-25', tagKey)).toEqual({
      '2026-11-25': { [project]: { [EC2]: '3' } },
    });
  });

  it.each([
    ['1.2E-7', undefined],
    ['5E-7', '0.000001'],
    ['1.25E2', '125'],
    ['2e+3', '2000'],
    ['12.5E-1', '1.25'],
    ['-4.5', '-4.5'],
    ['-3.1E-2', '-0.031'],
    ['.5', '0.5'],
    ['0', undefined],
    ['0E-10', undefined],
    ['183965812157.54', '183965812157.54'],
    ['0.0101516483', '0.010152'],
  ])('%s is %s', async (Amount, amount) => {
    api
      .on(GetCostAndUsageCommand)
      .resolves({ ResultsByTime: [period('2026-11-25', group(['project$fraud', EC2], Amount))] });
    expect(await billed('2026-11-25', '2026-11-25')).toEqual({
      '2026-11-25': { fraud: amount === undefined ? {} : { [EC2]: amount } },
    });
  });

  it('is the same amount however it is written', async () => {
    await fc.assert(
      fc.asyncProperty(anyUsd, fc.integer({ min: -20, max: 20 }), async (amount, exponent) => {
        const [whole = '', fraction = ''] = usdToDecimal(amount).replace('-', '').split('.');
        // The digits with the point moved, and an exponent that moves it back.
        const digits = `${'0'.repeat(25)}${whole}${fraction}${'0'.repeat(25)}`;
        const point = 25 + whole.length - exponent;
        const Amount = `${amount < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}E${exponent}`;
        api
          .on(GetCostAndUsageCommand)
          .resolves({ ResultsByTime: [period('2026-11-25', group(['project$fraud', EC2], Amount))] });
        const answer = await days('2026-11-25', '2026-11-25');
        const read = answer.state === 'read' && answer.billed.get('2026-11-25')?.get('fraud')?.get(EC2);
        expect(read ?? 0n).toBe(amount);
      }),
    );
  });

  it.each([
    { what: 'an amount that is none', rows: [group(['project$a', EC2], 'NaN')], says: /amount of "NaN"/ },
    { what: 'another currency', rows: [group(['project$a', EC2], '7', 'CNY')], says: /in CNY, not in USD/ },
    { what: 'no amount', rows: [{ Keys: ['project$a', EC2], Metrics: {} }], says: /AmortizedCost/ },
  ])('is not made up of $what', async ({ rows, says }) => {
    api
      .on(GetCostAndUsageCommand)
      .resolves({ ResultsByTime: [{ ...period('2026-11-25'), Groups: [...rows] }] });
    await expect(days('2026-11-25', '2026-11-25')).rejects.toThrow(says);
  });

  it('is summed over all pages, of one day too', async () => {
    api
      .on(GetCostAndUsageCommand)
      .resolvesOnce({
        ResultsByTime: [period('2026-11-25', group(['project$fraud', EC2], '1.5'))],
        NextPageToken: 'two',
      })
      .resolvesOnce({
        ResultsByTime: [
          period(
            '2026-11-25',
            group(['project$fraud', EC2], '-0.25'),
            group(['project$fraud', 'AWS Lambda'], '2'),
          ),
        ],
        NextPageToken: '',
      });
    expect(await billed('2026-11-25', '2026-11-25')).toEqual({
      '2026-11-25': { fraud: { [EC2]: '1.25', 'AWS Lambda': '2' } },
    });
    expect(inputs().map(({ NextPageToken }) => NextPageToken)).toEqual([undefined, 'two']);
  });

  it('is nothing at all where there are more pages than requests', async () => {
    api.on(GetCostAndUsageCommand).resolves({
      ResultsByTime: [period('2026-11-25', group(['project$fraud', EC2], '1.5'))],
      NextPageToken: 'more',
    });
    const requests = allowing(3);
    expect(await days('2026-11-25', '2026-11-25', requests)).toEqual({
      state: 'out-of-requests',
      pages: 3,
    });
    expect(inputs()).toHaveLength(3);
  });

  it('is not asked for where no request is left', async () => {
    expect(await days('2026-11-25', '2026-11-25', allowing(0))).toEqual({
      state: 'out-of-requests',
      pages: 0,
    });
    expect(inputs()).toEqual([]);
  });

  it('of SageMaker is one service by either of its names', async () => {
    api.on(GetCostAndUsageCommand).resolves({
      ResultsByTime: [
        period(
          '2026-11-25',
          group(['project$fraud', 'Amazon SageMaker'], '1'),
          group(['project$fraud', 'Amazon SageMaker AI'], '2'),
        ),
      ],
    });
    expect(await billed('2026-11-25', '2026-11-25')).toEqual({
      '2026-11-25': { fraud: { 'Amazon SageMaker': '3' } },
    });
  });

  it.each(['AccessDeniedException', 'DataUnavailableException', 'LimitExceededException'])(
    'is not known where Cost Explorer answers %s',
    async (name) => {
      api.on(GetCostAndUsageCommand).rejects(awsError(name, 'no answer'));
      const requests = allowing(4);
      await expect(days('2026-11-25', '2026-11-25', requests)).rejects.toThrow('no answer');
      expect(requests.made()).toBe(1);
    },
  );
});

describe('what was billed for months', () => {
  it('is asked by project alone, and comes by month', async () => {
    api.on(GetCostAndUsageCommand).resolves({
      ResultsByTime: [
        period('2025-12-01', group(['project$fraud'], '10.5'), group(['project$'], '3')),
        period('2026-01-01'),
        period('2026-02-01', group(['project$fraud'], '-1')),
      ],
    });
    const { request } = allowing(1);
    const answer = await readBilledMonths(client, {
      tagKey: 'project',
      from: '2025-12',
      to: '2026-03',
      request,
    });
    expect(answer).toEqual({
      state: 'read',
      billed: new Map([
        [
          '2025-12',
          new Map([
            ['fraud', usd('10.5')],
            ['', usd('3')],
          ]),
        ],
        ['2026-01', new Map()],
        ['2026-02', new Map([['fraud', usd('-1')]])],
        ['2026-03', new Map()],
      ]),
    });
    expect(inputs()).toEqual([
      {
        TimePeriod: { Start: '2025-12-01', End: '2026-04-01' },
        Granularity: 'MONTHLY',
        GroupBy: [{ Type: 'TAG', Key: 'project' }],
        Metrics: ['AmortizedCost'],
        Filter: { Not: { Dimensions: { Key: 'RECORD_TYPE', Values: ['Credit', 'Refund'] } } },
      },
    ]);
  });
});
