import { expect, it } from 'vitest';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { runWorld } from '../../lib/simulate/run-world.ts';
import type { RunOptions, World } from '../../lib/simulate/world.ts';
import { microUsd } from '../../lib/types/money.ts';

/*
 * What only costs money, such as a volume, is metered and never judged, whether a run looks at all or at what has changed.
 */
const FROM = new Date('2026-11-10T10:00:00.000Z');
const BEFORE = new Date('2026-11-09T10:00:00.000Z');
const policy = parsePolicy(
  `
version: 1
projects: { recsys: {} }
policies: [{ name: all, match: {}, idle: { after: 30m, do: stop } }]
untagged: { after: 1h, do: notify }
`,
  'bursar.yaml',
);

const world: World = {
  title: '',
  description: '',
  policy,
  policyFile: 'bursar.yaml',
  from: FROM,
  to: new Date(FROM.getTime() + 3 * 3_600_000),
  prices: {
    hourly: async () => microUsd(192_000n),
    unit: async () => microUsd(80_000n),
    spot: async () => undefined,
  },
  place: ({ instances, volumes }) => {
    const region = 'us-east-1';
    instances.set('i-1', {
      id: 'i-1',
      type: 'm5.xlarge',
      tags: {},
      since: BEFORE,
      use: () => ({ cpu: 90, network: 1 }),
    });
    volumes.set('vol-1', {
      id: 'vol-1',
      region,
      type: 'gp3',
      gib: 100,
      state: 'in-use',
      tags: {},
      since: BEFORE,
      use: () => ({}),
    });
  },
  steps: [],
  inUse: () => [],
  isSeenInUse: () => [],
  isRestarted: () => false,
  lagHours: 12,
  isTold: true,
  assumptions: [],
};

it.each<[string, RunOptions]>([
  ['looks at what has changed', {}],
  ['looks at everything', { isExact: true }],
])('a volume without a project costs, and nobody is told of it, where a run %s', async (_, options) => {
  const { events, resources } = await runWorld(world, options);
  expect(
    events.flatMap((one) => ('arn' in one ? [`${one.event} ${one.arn.split('/').at(-1)}`] : [])),
  ).toEqual(['notified i-1']);
  expect(resources.map(({ id, spent }) => [id, spent > 0n])).toEqual([
    ['i-1', true],
    ['vol-1', true],
  ]);
});
