import { describe, expect, it } from 'vitest';
import type { ChangeItem } from '../../lib/estimate/estimate.ts';
import type { CandidateOptions } from '../../lib/gate/alternatives.ts';
import { type Alternatives, chooseAlternatives } from '../../lib/gate/choose.ts';
import { type ComparedItem, compareItems } from '../../lib/gate/compare.ts';
import { judgeChange } from '../../lib/gate/judge.ts';
import { statedRemaining } from '../../lib/gate/remaining.ts';
import { machine, price, usd } from './items.ts';

/** What is found for a change of project nlp, of whose limit so much is committed. */
async function choose(
  change: readonly ChangeItem[],
  {
    limit = '5000',
    committed = '3900',
    base = [],
    ...options
  }: CandidateOptions & {
    readonly limit?: string;
    readonly committed?: string;
    readonly base?: readonly ChangeItem[];
  } = {},
): Promise<Alternatives> {
  const { items } = compareItems(await price(base), await price(change));
  const remaining = new Map([['nlp', [statedRemaining('nlp', usd(limit), usd(committed))]]]);
  const judge = (some: readonly ComparedItem[]) => judgeChange({ items: some, remaining });
  return chooseAlternatives({ items, judgement: judge(items), judge, price, ...options });
}

const NEEDS = { memoryGiB: 16, gpus: 1 };
const picks = ({ picks: found }: Alternatives) =>
  found.map(({ id, instanceType, spot, cost }) => [id, instanceType, spot, cost]);

describe('what could stand in for what is too dear', () => {
  const big = machine('api', { type: 'g5.12xlarge', needs: NEEDS });

  it('is nothing where the change passes', async () => {
    expect(await choose([big], { committed: '0' })).toEqual({ items: [], picks: [] });
  });

  it('is the cheapest that meets the needs, on demand', async () => {
    const found = await choose([big]);
    expect(picks(found)).toEqual([['api', 'g5.xlarge', false, usd('734.38')]]);
    expect(found.items[0]?.offers[0]).toMatchObject({
      instanceType: 'g5.xlarge',
      verdict: 'pass',
      projected: usd('4634.38'),
      meets: '16 GiB of memory, 1 GPU',
    });
  });

  it('is on Spot where its work may be broken off, the type that it has among them', async () => {
    const soft = machine('api', { type: 'g5.12xlarge', needs: NEEDS, interruptible: true });
    const found = await choose([soft]);
    expect(picks(found)).toEqual([['api', 'g5.xlarge', true, usd('328.5')]]);
    const offered = found.items[0]?.offers.flatMap(({ instanceType, spot, cost }) =>
      spot && cost !== undefined ? [instanceType] : [],
    );
    expect(offered).toEqual(['g5.xlarge', 'g5.12xlarge']);
  });

  it('is counted for each of several instances, with what else the item costs', async () => {
    const [one] = (
      await choose([machine('api', { type: 'g5.2xlarge', count: 3, needs: NEEDS })], { limit: '6200' })
    ).picks;
    expect(one).toMatchObject({ instanceType: 'g5.xlarge', cost: usd('2203.14') });
  });

  it('is looked for among those that were named, by their names in that service', async () => {
    const endpoint = machine('api', { service: 'sagemaker-hosting', type: 'ml.g5.12xlarge', needs: NEEDS });
    const found = await choose([endpoint], { or: ['g5.2xlarge', 'ml.g5.xlarge'] });
    expect(found.items[0]?.offers.map(({ instanceType, verdict }) => [instanceType, verdict])).toEqual([
      ['ml.g5.xlarge', 'pass'],
      ['ml.g5.2xlarge', 'over'],
    ]);
  });

  it('needs of the item come before those of the whole change', async () => {
    const found = await choose([machine('api', { type: 'g5.12xlarge', needs: { gpus: 4 } })], {
      needs: NEEDS,
    });
    expect(picks(found)).toEqual([]);
    expect(picks(await choose([machine('api', { type: 'g5.12xlarge' })], { needs: NEEDS }))).toHaveLength(1);
  });

  it('is never picked where no needs are stated', async () => {
    const found = await choose([machine('api', { type: 'g5.12xlarge', interruptible: true })], {
      or: ['g5.xlarge'],
    });
    expect(found.picks).toEqual([]);
    expect(found.items[0]?.offers.every(({ verdict }) => verdict === 'unfit' || verdict === 'unpriced')).toBe(
      true,
    );
    expect((await choose([machine('api', { type: 'g5.12xlarge', needs: {} })])).picks).toEqual([]);
  });

  it('is never picked where it has no price', async () => {
    const found = await choose([machine('api', { type: 'g5.12xlarge', needs: { memoryGiB: 8 } })], {
      or: ['m5.large', 'g6.xlarge'],
    });
    expect(found.picks).toEqual([]);
    expect(found.items[0]?.notes).toEqual(['Nothing that meets the needs has a price here.']);
  });

  it('is of the dearest item that suffices, or else of several together', async () => {
    const two = [
      machine('small', { type: 'g5.2xlarge', needs: NEEDS }),
      machine('large', { type: 'g5.12xlarge', needs: NEEDS }),
    ];
    expect(picks(await choose(two, { limit: '6000' }))).toEqual([
      ['large', 'g5.xlarge', false, usd('734.38')],
    ]);
    expect(picks(await choose(two, { limit: '5400' }))).toEqual([
      ['large', 'g5.xlarge', false, usd('734.38')],
      ['small', 'g5.xlarge', false, usd('734.38')],
    ]);
    expect(picks(await choose(two, { limit: '5300' }))).toEqual([]);
  });

  it('leaves alone what was there before', async () => {
    const old = machine('old', { type: 'g5.12xlarge', needs: NEEDS });
    const found = await choose([old, machine('new', { type: 'm5.4xlarge' })], {
      base: [old],
      committed: '4990',
    });
    expect(found.items.map(({ id }) => id)).toEqual(['new']);
  });

  it('of training that may be broken off tells of managed Spot, and counts nothing for it', async () => {
    const job = machine('train', {
      service: 'sagemaker-training',
      type: 'ml.g5.12xlarge',
      hours: 200,
      needs: NEEDS,
      interruptible: true,
    });
    const found = await choose([job]);
    expect(picks(found)).toEqual([['train', 'ml.g5.xlarge', false, usd('281.6')]]);
    expect(found.items[0]?.notes).toEqual([
      'It may be broken off: managed Spot training would cost less than $1,418.00. AWS tells what only after it has run, so that is not counted.',
    ]);
  });

  it('tells what else takes its type from the same place', async () => {
    const path = ['Parameters', 'Size', 'Default'];
    const small = machine('api', { type: 'g5.12xlarge', needs: NEEDS, path });
    const alone = (await choose([small, machine('other', { type: 'g5.12xlarge', path, hours: 1 })])).picks;
    expect(alone.map(({ id, alsoOf }) => [id, alsoOf])).toEqual([['api', ['other']]]);
    const twins = [small, machine('other', { type: 'g5.12xlarge', needs: NEEDS, path })];
    const both = (await choose(twins, { limit: '5500' })).picks;
    expect(both.map(({ id, alsoOf }) => [id, alsoOf])).toEqual([
      ['api', []],
      ['other', []],
    ]);
  });
});
