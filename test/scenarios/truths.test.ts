import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { discoverFleet } from '../../lib/fleet/discover.ts';
import type { Use } from '../../lib/simulate/account/state.ts';
import type { Decision } from '../../lib/types/decision.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { createSimulation, type Message, type Simulation } from '../support/simulation.ts';

/*
 * What must always be true, over generated fleets, policies and orders of events: the real handlers on an account in
 * memory, with people, budgets, metrics and deliveries that do as they like. The decisions alone are held to the same
 * truths in `test/decide/truths.test.ts`; crashes are in `test/enforce/crashes.test.ts`.
 */

/** As many as fit in about half a minute. */
const RUNS = 300;
const START = new Date('2026-11-10T10:00:00.000Z');
const MINUTE_MS = 60_000;

const policyText = ({ warn, grace, limit }: { warn: string; grace: string; limit: number }): string => `
version: 1
projects: { recsys: { budget: 1000 USD }, fraud: {} }
policies:
  - { name: production, match: { environment: prod }, idle: off, budget: [{ at: 100%, do: notify }] }
  - name: development
    match: { environment: dev }
    idle: { after: 30m, warn: ${warn}, do: stop }
    budget: [{ at: 100%, do: stop, grace: ${grace} }]
limits: { maxStopsPerSweep: ${limit}, maxFleetShare: 100% }
`;

type Event =
  | { readonly kind: 'pass'; readonly minutes: number }
  | { readonly kind: 'use'; readonly who: number; readonly use: 'busy' | 'idle' | 'silent' }
  | { readonly kind: 'tag'; readonly who: number; readonly tag: 'prod' | 'dev' | 'keep' | 'typo' | 'fraud' }
  | { readonly kind: 'keep'; readonly who: number; readonly minutes: number }
  | { readonly kind: 'spend'; readonly usd: string }
  | { readonly kind: 'restore'; readonly who: number }
  | { readonly kind: 'metrics'; readonly work: boolean }
  | { readonly kind: 'night' };

const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), minutes: fc.constantFrom(1, 5, 10, 30) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('use' as const),
      who: fc.nat(),
      use: fc.constantFrom('busy' as const, 'idle' as const, 'idle' as const, 'silent' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('tag' as const),
      who: fc.nat(),
      tag: fc.constantFrom(
        'prod' as const,
        'dev' as const,
        'keep' as const,
        'typo' as const,
        'fraud' as const,
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('keep' as const),
      who: fc.nat(),
      minutes: fc.constantFrom(5, 30, 120),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('spend' as const), usd: fc.constantFrom('500', '1040', '990') }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restore' as const), who: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('metrics' as const), work: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'night' as const }) },
);

const anyPlay = fc.record({
  fleet: fc.integer({ min: 2, max: 7 }),
  production: fc.nat({ max: 2 }),
  policy: fc.record({
    warn: fc.constantFrom('0s', '10m'),
    grace: fc.constantFrom('0s', '20m'),
    limit: fc.constantFrom(2, 4, 20),
  }),
  events: fc.array(anyEvent, { minLength: 6, maxLength: 18 }),
  /** How the queue delivers: each number a choice. */
  disorder: fc.array(fc.nat({ max: 5 }), { minLength: 5, maxLength: 5 }),
});

const USES: Readonly<Record<'busy' | 'idle' | 'silent', Use | undefined>> = {
  busy: { cpu: 80, network: 900_000 },
  idle: { cpu: 1, network: 100 },
  silent: undefined,
};

interface Played {
  readonly simulation: Simulation;
  /** What each did, from when on; the newest last. */
  readonly history: ReadonlyMap<string, readonly { readonly from: Date; readonly use: Use | undefined }[]>;
  /** What people said about stops, and what the tags were, from which effect on: an instant may hold both. */
  readonly said: ReadonlyMap<
    string,
    readonly {
      readonly from: number;
      readonly tagUntil: Date;
      readonly wordUntil: Date;
      readonly prod: boolean;
    }[]
  >;
  readonly outages: readonly { readonly from: Date; readonly work: boolean }[];
}

async function playOut({ fleet, production, policy, events, disorder }: PlayOf): Promise<Played> {
  let turn = 0;
  const choose = (): number => disorder[turn++ % disorder.length] ?? 0;
  const simulation = createSimulation({
    policy: policyText(policy),
    start: START,
    prices: { 'm5.xlarge': '0.192' },
    // Twice, late or out of order.
    deliver: (due) =>
      due
        .flatMap((message): Message[] => (choose() === 0 ? [message, message] : [message]))
        .map((message) => ({ message, place: choose() }))
        .sort((a, b) => a.place - b.place)
        .map(({ message }) => message),
  });
  const { account } = simulation;
  const history = new Map<string, { from: Date; use: Use | undefined }[]>();
  const said = new Map<string, { from: number; tagUntil: Date; wordUntil: Date; prod: boolean }[]>();
  const outages: { from: Date; work: boolean }[] = [];
  const longAgo = new Date('2026-11-01T00:00:00Z');
  for (let n = 0; n < fleet; n += 1) {
    const id = `i-${n}`;
    const prod = n < production;
    history.set(id, [{ from: longAgo, use: USES.busy }]);
    said.set(id, [{ from: 0, tagUntil: longAgo, wordUntil: longAgo, prod }]);
    account.instances.set(id, {
      id,
      type: 'm5.xlarge',
      tags: { project: 'recsys', environment: prod ? 'prod' : 'dev' },
      since: new Date('2026-11-09T00:00:00Z'),
      use: (minute) => history.get(id)?.findLast(({ from }) => from <= minute)?.use,
    });
  }
  const pick = (who: number): string => `i-${who % fleet}`;
  const latest = (id: string) =>
    said.get(id)?.at(-1) ?? { from: 0, tagUntil: longAgo, wordUntil: longAgo, prod: false };
  const resourceOf = async (id: string): Promise<Resource | undefined> =>
    (await discoverFleet(simulation.regions)).find((one) => one.id === id);
  const wish = async (decision: Decision): Promise<void> => {
    await simulation.send([decision], decision.key);
    await simulation.deliver();
  };

  for (const [index, event] of events.entries()) {
    const now = simulation.now();
    switch (event.kind) {
      case 'pass':
        await simulation.run(new Date(now.getTime() + event.minutes * MINUTE_MS));
        break;
      case 'use':
        history.get(pick(event.who))?.push({ from: now, use: USES[event.use] });
        break;
      case 'night':
        for (const used of history.values()) used.push({ from: now, use: USES.idle });
        break;
      case 'metrics':
        account.health.metrics = event.work;
        outages.push({ from: now, work: event.work });
        break;
      case 'tag': {
        const id = pick(event.who);
        const one = account.instances.get(id);
        if (one === undefined) break;
        const { 'bursar:keep-until': _, ...tags } = one.tags;
        const tagUntil = new Date(
          now.getTime() + { keep: 60, typo: 24 * 60, prod: 0, dev: 0, fraud: 0 }[event.tag] * MINUTE_MS,
        );
        const tagged = {
          prod: { ...tags, environment: 'prod' },
          dev: { ...tags, environment: 'dev' },
          fraud: { ...tags, project: 'fraud' },
          keep: { ...tags, 'bursar:keep-until': tagUntil.toISOString() },
          typo: { ...tags, 'bursar:keep-until': `some day ${index}` },
        }[event.tag];
        account.instances.set(id, { ...one, tags: tagged });
        said.get(id)?.push({
          from: account.effects.length,
          // The tag of before is gone.
          tagUntil,
          wordUntil: latest(id).wordUntil,
          prod: event.tag === 'prod' || (event.tag !== 'dev' && latest(id).prod),
        });
        break;
      }
      case 'keep': {
        const target = await resourceOf(pick(event.who));
        if (target?.state !== 'running') break;
        const until = new Date(now.getTime() + event.minutes * MINUTE_MS);
        await wish({
          action: 'keep',
          key: `keep/${index}`,
          project: 'recsys',
          reason: 'ana asked.',
          target,
          until,
          by: 'ana',
        });
        said.get(target.id)?.push({ ...latest(target.id), from: account.effects.length, wordUntil: until });
        break;
      }
      case 'restore': {
        const target = await resourceOf(pick(event.who));
        if (target === undefined) break;
        await wish({
          action: 'restore',
          key: `restore/${index}`,
          project: 'recsys',
          reason: 'ana asked.',
          target,
          by: 'ana',
        });
        break;
      }
      case 'spend':
        account.budgets.set(simulation.budgetName('recsys'), {
          project: 'recsys',
          limit: '1000',
          actual: event.usd,
          forecasted: '0',
        });
        break;
    }
  }
  await simulation.run(new Date(simulation.now().getTime() + 60 * MINUTE_MS));
  return { simulation, history, said, outages };
}

type PlayOf = typeof anyPlay extends fc.Arbitrary<infer T> ? T : never;

const stopsOf = async ({ simulation }: Played) => {
  const trail = (
    await Promise.all(['recsys', 'fraud'].map((project) => simulation.ledger.audit({ project })))
  ).flat();
  return {
    trail,
    stops: trail.filter(({ decision, event }) => decision.action === 'stop' && event === 'taken'),
  };
};

const check = (truth: (played: Played, play: PlayOf) => Promise<void>) =>
  fc.assert(
    fc.asyncProperty(anyPlay, async (play) => truth(await playOut(play), play)),
    // The same plays in every run, so that a failure is one that anybody can see again; another seed finds others.
    { numRuns: RUNS, seed: Number(process.env.BURSAR_SEED ?? 20_261_110) },
  );

describe('whatever happens, in whatever order', { timeout: 300_000 }, () => {
  it('the seven truths hold', async () => {
    const reached = new Set<string>();
    await check(async (played, { policy }) => {
      const { simulation, said, history, outages } = played;
      const { account, alerts, dead, ledger } = simulation;
      const { trail, stops } = await stopsOf(played);

      // 1. Nothing is touched that no policy names, or that is exempt; 2. not knowing is not idle.
      for (const [index, { at, id }] of account.effects.entries()) {
        const then = said.get(id)?.findLast(({ from }) => from <= index);
        expect(then?.prod, `${id} was production`).toBe(false);
        expect(then?.wordUntil.getTime(), `${id} was kept`).toBeLessThanOrEqual(at.getTime());
        expect(then?.tagUntil.getTime(), `${id} was kept by its tag`).toBeLessThanOrEqual(at.getTime());
        const why = stops.find(
          ({ decision, at: told }) =>
            'target' in decision && decision.target.id === id && told.getTime() === at.getTime(),
        );
        expect(why, `the stop of ${id} is in the trail`).toBeDefined();
        if (why?.decision.action !== 'stop') continue;
        reached.add(`stop ${why.decision.trigger}`);
        if (why.decision.trigger !== 'idle') continue;
        // Samples are five minutes long and up to ten late; what lies before that must have been idle. A sample of
        // which one minute was published is known, so up to nine minutes may lie between two that were.
        const minutes = Array.from({ length: 19 }, (_, n) => {
          const minute = new Date(at.getTime() - (29 - n) * MINUTE_MS);
          return history.get(id)?.findLast(({ from }) => from <= minute)?.use;
        });
        expect(minutes, `${id} was used`).not.toContain(USES.busy);
        for (let from = 0; from + 10 <= minutes.length; from += 1) {
          expect(minutes.slice(from, from + 10), `${id} was silent`).toContain(USES.idle);
        }
        const out = outages.findLast(({ from }) => from <= new Date(at.getTime() - 15 * MINUTE_MS));
        if (out !== undefined && outages.at(-1) === out) expect(out.work).toBe(true);
      }

      // 3. Intent before, outcome after, each effect once.
      expect(account.effects).toHaveLength(stops.length);
      for (const { decision } of stops) {
        const own = trail.filter((one) => one.decision.key === decision.key);
        expect(own[0]?.event).toBe('intended');
        expect(own.filter(({ event }) => event === 'intended')).toHaveLength(own.length / 2);
      }

      // 5. A sweep stops no more than the limits allow, nor do several close ones.
      for (const { at } of account.effects) {
        const near = account.effects.filter(
          (one) => Math.abs(one.at.getTime() - at.getTime()) < 2 * MINUTE_MS,
        );
        const budget = stops.filter(
          (one) => one.decision.action === 'stop' && one.decision.trigger === 'budget',
        ).length;
        expect(near.length - budget).toBeLessThanOrEqual(policy.limit);
      }

      // 6. Every stop is told, once; what was to be announced was.
      const told = alerts.flatMap((alert) =>
        alert.items.filter(({ requested, status }) => requested === 'stop' && status === 'taken'),
      );
      expect(dead).toEqual([]);
      expect(told).toHaveLength(stops.length);
      for (const { decision, at } of stops) {
        if (decision.action !== 'stop') continue;
        const needed = decision.trigger === 'idle' ? policy.warn !== '0s' : policy.grace !== '0s';
        if (!needed) continue;
        reached.add(`announced ${decision.trigger}`);
        const warned = alerts.some((alert) =>
          alert.items.some(
            ({ arn, requested, stopAt }) =>
              requested === 'warn' &&
              arn === decision.target.arn &&
              stopAt !== undefined &&
              new Date(stopAt) <= at,
          ),
        );
        expect(warned, `${decision.target.id} was announced`).toBe(true);
      }

      // 4. Every stop can be undone, from what the ledger saved.
      for (const one of [...account.instances.values()].filter(({ stoppedAt }) => stoppedAt !== undefined)) {
        const target = (await discoverFleet(simulation.regions)).find(({ id }) => id === one.id);
        if (target === undefined) throw new Error(`${one.id} is gone`);
        expect(await ledger.restoreRecord(target.arn)).toMatchObject({ state: 'stopped' });
        const decision: Decision = {
          action: 'restore',
          key: `undo/${one.id}`,
          project: 'recsys',
          reason: 'Undo.',
          target,
          by: 'ana',
        };
        await simulation.send([decision], decision.key);
        await simulation.deliver();
        expect(account.instances.get(one.id)?.stoppedAt).toBeUndefined();
        expect(account.instances.get(one.id)?.tags).toEqual(one.tags);
        reached.add('undone');
      }
    });
    expect([...reached].sort()).toEqual([
      'announced budget',
      'announced idle',
      'stop budget',
      'stop idle',
      'undone',
    ]);
  });
});
