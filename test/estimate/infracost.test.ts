import { describe, expect, it } from 'vitest';
import { isInfracost, readInfracost, readInfracostBaseline } from '../../lib/estimate/infracost.ts';
import { priceChange } from '../../lib/estimate/price-change.ts';
import { formatUsd, sumUsd } from '../../lib/types/money.ts';

const options = { projectTag: 'project' };

const instance = (type: string, cost: string) => ({
  name: 'aws_instance.web',
  resourceType: 'aws_instance',
  tags: { project: 'recsys', Name: 'web' },
  metadata: {
    filename: 'modules/web/main.tf',
    startLine: 3,
    calls: [{ blockName: 'aws_instance.web', filename: 'main.tf', startLine: 12, endLine: 20 }],
  },
  hourlyCost: '0.1',
  monthlyCost: cost,
  costComponents: [
    {
      name: `Instance usage (Linux/UNIX, on-demand, ${type})`,
      unit: 'hours',
      hourlyQuantity: '1',
      monthlyQuantity: '730',
      price: '0.192',
      hourlyCost: '0.192',
      monthlyCost: cost,
    },
  ],
  subresources: [
    {
      name: 'root_block_device',
      metadata: {},
      hourlyCost: null,
      monthlyCost: '4',
      costComponents: [
        {
          name: 'Storage (general purpose SSD, gp2)',
          unit: 'GB',
          hourlyQuantity: null,
          monthlyQuantity: '50',
          price: '0.1',
          hourlyCost: null,
          monthlyCost: '5.000000000000000004',
        },
      ],
    },
  ],
});

const FUNCTION = {
  name: 'module.api["eu"].module.fn.aws_lambda_function.hello[0]',
  metadata: {},
  hourlyCost: null,
  monthlyCost: null,
  costComponents: [
    { name: 'Requests', unit: '1M requests', price: '0.2', hourlyCost: null, monthlyCost: null },
    { name: 'Duration', unit: 'GB-seconds', price: '0.0000166667', hourlyCost: null, monthlyCost: null },
  ],
};

const SUMMARY = {
  totalDetectedResources: 7,
  totalUnsupportedResources: 2,
  totalNoPriceResources: 3,
  unsupportedResourceCounts: { aws_ecs_task_set: 2 },
};

const file = (more: object = {}) => ({
  version: '0.2',
  currency: 'USD',
  projects: [
    {
      name: 'acme/app',
      metadata: { path: '.', type: 'terraform_dir' },
      pastBreakdown: { resources: [instance('m5.large', '70.08')], totalMonthlyCost: '75.08' },
      breakdown: { resources: [instance('m5.xlarge', '140.16'), FUNCTION], totalMonthlyCost: '145.16' },
      summary: SUMMARY,
    },
  ],
  totalMonthlyCost: '145.16',
  summary: SUMMARY,
  ...more,
});

describe('an Infracost file', () => {
  it('is read as it was reckoned, with what each thing belongs to and where it stands', async () => {
    const change = readInfracost(file(), 'infracost.json', options);
    expect(change.items[0]).toMatchObject({
      id: 'aws_instance.web',
      type: 'aws_instance',
      project: 'recsys',
      place: { file: 'main.tf', line: 12 },
      frequency: 'month',
      unpriced: [],
    });
    expect(change.items[0]?.parts.map(({ what }) => what)).toEqual([
      'Instance usage (Linux/UNIX, on-demand, m5.xlarge)',
      'root_block_device: Storage (general purpose SSD, gp2)',
    ]);
    const none = async () => undefined;
    const { items } = await priceChange(change, { prices: { hourly: none, unit: none } });
    // 140.16 + 5.00, as the file's own total says.
    expect(formatUsd(sumUsd(items.map(({ cost }) => cost)))).toBe('$145.16');
    expect(change.free).toBe(3);
  });

  it('names what depends on use, and what Infracost does not know, with its count', () => {
    const { items } = readInfracost(file(), 'infracost.json', { ...options, defaultProject: 'shared' });
    expect(items[1]).toMatchObject({
      id: 'module.api["eu"].module.fn.aws_lambda_function.hello[0]',
      type: 'aws_lambda_function',
      project: 'shared',
      place: { file: 'infracost.json' },
      parts: [],
      unpriced: [
        "Requests depends on use ($0.2 per 1M requests): state it in Infracost's usage file.",
        "Duration depends on use ($0.0000166667 per GB-seconds): state it in Infracost's usage file.",
      ],
    });
    expect(items[2]).toMatchObject({
      id: 'unsupported/aws_ecs_task_set',
      unpriced: ['2 × aws_ecs_task_set: Infracost has no prices for them.'],
    });
    expect(items).toHaveLength(3);
  });

  it('tells what there was before, where it knows', () => {
    const before = readInfracostBaseline(file(), 'infracost.json', options);
    expect(before?.items.map(({ id, parts }) => [id, parts[0]])).toEqual([
      [
        'aws_instance.web',
        { per: 'stated', cost: 70_080_000n, what: 'Instance usage (Linux/UNIX, on-demand, m5.large)' },
      ],
    ]);
    const [project] = file().projects;
    const fresh = file({ projects: [{ ...project, pastBreakdown: null }] });
    expect(readInfracostBaseline(fresh, 'infracost.json', options)).toBeUndefined();
  });

  it('of several projects tells alike addresses apart, and which could not be read', () => {
    const [project] = file().projects;
    const two = file({
      projects: [
        { ...project, name: 'dev' },
        { ...project, name: 'prod' },
        {
          name: 'broken',
          metadata: { errors: [{ code: 1, message: 'no such module\n  at main.tf' }] },
          breakdown: null,
          pastBreakdown: null,
          summary: {},
        },
      ],
    });
    const { items } = readInfracost(two, 'infracost.json', options);
    expect(items.map(({ id }) => id)).toEqual([
      'dev/aws_instance.web',
      'dev/module.api["eu"].module.fn.aws_lambda_function.hello[0]',
      'prod/aws_instance.web',
      'prod/module.api["eu"].module.fn.aws_lambda_function.hello[0]',
      'broken/error-1',
      'dev/unsupported/aws_ecs_task_set',
      'prod/unsupported/aws_ecs_task_set',
    ]);
    expect(items[4]?.unpriced).toEqual(['Infracost could not read broken: no such module']);
  });

  it('is known by its form, and refused in one line where it cannot be taken', () => {
    expect(isInfracost(file())).toBe(true);
    expect(isInfracost({ version: 1, projects: {} })).toBe(false);
    expect(isInfracost({ Resources: {} })).toBe(false);
    const read = (value: unknown) => () => readInfracost(value, 'infracost.json', options);
    expect(read({})).toThrow(
      /^infracost\.json: it is no output of infracost breakdown --format json at version/,
    );
    expect(read(file({ version: '0.9' }))).toThrow(
      /^infracost\.json: Infracost's format 0\.9 is not known here/,
    );
    expect(read(file({ currency: 'EUR' }))).toThrow(/^infracost\.json: its amounts are in EUR/);
    const [project] = file().projects;
    const odd = { ...instance('m5.large', 'much') };
    expect(read(file({ projects: [{ ...project, breakdown: { resources: [odd] } }] }))).toThrow(
      'the cost of Instance usage (Linux/UNIX, on-demand, m5.large) is no amount: much',
    );
  });
});
