import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdBack, metricsOutages } from '../../lib/decide/limits.ts';
import type { Watch } from '../../lib/ledger/ledger.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { StopDecision } from '../../lib/types/decision.ts';
import type { Evidence } from '../../lib/types/evidence.ts';
import { microUsd } from '../../lib/types/money.ts';
import type { Resource } from '../../lib/types/resource.ts';
import {
  development,
  evidenceOf,
  idleEvidence,
  instance,
  minutes,
  NOW,
  policyOf,
  readingOf,
  watchOf,
} from './fixtures.ts';

const stopOf = (target: Resource): StopDecision => ({
  action: 'stop',
  trigger: 'idle',
  key: `idle/${target.arn}`,
  project: 'recsys',
  target,
  rule: { policy: 'development', rule: 'idle for 30 min: stop' },
  reason: 'It was idle.',
});

/** `count` instances; the first is the cheapest. */
const fleetOf = (count: number): readonly Resource[] =>
  Array.from({ length: count }, (_, index) =>
    instance(`i-${String(index).padStart(4, '0')}`, { hourly: microUsd(BigInt(index) * 10_000n) }),
  );

const hold = (
  due: readonly Resource[],
  {
    fleet = due,
    limits = { maxStopsPerSweep: 25, maxFleetShare: 30 },
    watches = [],
    released = [],
    now = NOW,
  }: {
    readonly fleet?: readonly Resource[];
    readonly limits?: Policy['limits'];
    readonly watches?: readonly Watch[];
    readonly released?: readonly Date[];
    readonly now?: Date;
  } = {},
) =>
  holdBack(due.map(stopOf), {
    policy: policyOf([development()], { limits }),
    resources: fleet,
    watches: new Map(watches.map((one) => [one.arn, one])),
    released: new Set(released.map((one) => one.toISOString())),
    now,
  });

const heldOf = (watches: readonly Watch[]): readonly Watch[] =>
  watches.filter(({ heldAt }) => heldAt !== undefined);

describe('the blast radius', () => {
  it.each([
    { due: 3, fleet: 3, stops: 3, name: 'a handful is never held by its share' },
    { due: 4, fleet: 4, stops: 3, name: 'four of four' },
    { due: 30, fleet: 100, stops: 25, name: 'more than maxStopsPerSweep' },
    { due: 25, fleet: 100, stops: 25, name: 'exactly maxStopsPerSweep' },
    { due: 15, fleet: 50, stops: 15, name: 'exactly 30 % of the fleet' },
    { due: 16, fleet: 50, stops: 15, name: 'one more than 30 % of the fleet' },
    { due: 16, fleet: 51, stops: 16, name: '30 % rounded up' },
  ])('$name: $stops of $due stop', ({ due, fleet, stops }) => {
    const all = fleetOf(fleet);
    const { allowed, holds, watches } = hold(all.slice(0, due), { fleet: all });
    expect(allowed).toHaveLength(stops);
    expect(holds).toHaveLength(stops < due ? 1 : 0);
    expect(heldOf(watches)).toHaveLength(due - stops);
    expect(watches.filter(({ orderedAt }) => orderedAt?.getTime() === NOW.getTime())).toHaveLength(stops);
  });

  it('the share is of what runs', () => {
    const off = fleetOf(100)
      .slice(10)
      .map((one): Resource => ({ ...one, state: 'stopped' }));
    const running = fleetOf(10);
    expect(hold(running.slice(0, 4), { fleet: [...running, ...off] }).allowed).toHaveLength(3);
  });

  it('the most expensive go first, those without a price last', () => {
    const unpriced = instance('i-unpriced', { hourly: undefined });
    const due = [unpriced, ...fleetOf(6).slice(1)];
    const { allowed, holds } = hold(due);
    expect(allowed.map(({ target }) => target.id)).toEqual(['i-0005', 'i-0004', 'i-0003']);
    expect(holds[0]?.targets.map(({ id }) => id)).toEqual(['i-0002', 'i-0001', 'i-unpriced']);
  });

  it('says the figures', () => {
    expect(hold(fleetOf(10)).holds).toMatchObject([
      {
        key: `hold/blast-radius/${NOW.toISOString()}`,
        project: undefined,
        reason:
          '10 of 10 running resources are due to be stopped; the limits allow 3 a sweep ' +
          '(maxStopsPerSweep 25, maxFleetShare 30%). 7 are held back, together $0.21 an hour.',
      },
    ]);
  });

  it('a hold shows at most 25, the dearest', () => {
    const [one] = hold(fleetOf(100)).holds;
    expect(one?.targets).toHaveLength(25);
    expect(one?.targets[0]?.id).toBe('i-0074');
  });
});

describe('stops by hours', () => {
  const limits = { maxStopsPerSweep: 6, maxFleetShare: 10 };
  const sweep = (
    scheduled: readonly Resource[],
    others: readonly Resource[],
    { watches = [], now = NOW }: { readonly watches?: readonly Watch[]; readonly now?: Date } = {},
  ) =>
    holdBack(
      [
        ...others.map(stopOf),
        ...scheduled.map(
          (one): StopDecision => ({ ...stopOf(one), trigger: 'schedule', key: `schedule/${one.id}` }),
        ),
      ],
      {
        policy: policyOf([development()], { limits }),
        resources: [...scheduled, ...others],
        watches: new Map(watches.map((one) => [one.arn, one])),
        released: new Set(),
        now,
      },
    );
  const fleet = fleetOf(20);
  const others = ['a', 'b'].map((id) => instance(`i-${id}`));
  const count = (held: ReturnType<typeof sweep>) => [
    held.allowed.length,
    held.deferred.length,
    held.holds.length,
  ];

  it('are held by no share of the fleet, and paced by how many a sweep may order', () => {
    const first = sweep(fleet, []);
    expect(count(first)).toEqual([6, 14, 0]);
    // The dearest first, each remembered as what the hours ordered.
    expect(first.allowed[0]?.target.id).toBe('i-0019');
    expect(first.watches.map(({ orderedAt, paced, heldAt }) => [orderedAt, paced, heldAt])).toEqual(
      new Array(6).fill([NOW, true, undefined]),
    );
  });

  it('come after the others, and both in all are no more than a sweep may order', () => {
    const both = sweep(fleet, others);
    expect(both.allowed.map(({ trigger }) => trigger)).toEqual([
      'idle',
      'idle',
      ...new Array(4).fill('schedule'),
    ]);
    expect(count(both)).toEqual([6, 16, 0]);
    const many = sweep(fleet.slice(0, 5), fleet.slice(5));
    // Three of the others at least, by the floor; the rest of them is held, and asked about.
    expect(many.allowed.map(({ trigger }) => trigger)).toEqual([
      ...new Array(3).fill('idle'),
      ...new Array(3).fill('schedule'),
    ]);
    expect(count(many)).toEqual([6, 2, 1]);
  });

  it('leave nothing to sweeps in the same minute, and make nobody release what is due besides', () => {
    const { watches, allowed } = sweep(fleet, []);
    const gone = new Set(allowed.map(({ target }) => target.arn));
    const left = fleet.filter(({ arn }) => !gone.has(arn));
    expect(count(sweep(left, others, { watches, now: minutes(0.5) }))).toEqual([0, 16, 0]);
    const next = sweep(left, others, { watches, now: minutes(1) });
    expect(count(next)).toEqual([6, 10, 0]);
  });

  it('that are at work still are ordered again, and no others in their place', () => {
    const { watches } = sweep(fleet, []);
    expect(count(sweep(fleet, [], { watches, now: minutes(2) }))).toEqual([6, 14, 0]);
  });

  it('take what was held before for another reason along', () => {
    const [one] = fleet;
    if (one === undefined) throw new Error('there is none');
    const held = watchOf(one, { heldAt: minutes(-30), heldDue: 50 });
    const { allowed, watches } = sweep([one], [], { watches: [held] });
    expect(allowed).toHaveLength(1);
    expect(watches).toMatchObject([{ heldAt: undefined, heldDue: undefined, orderedAt: NOW }]);
  });
});

describe('what was held', () => {
  const fleet = fleetOf(20);

  it('stays held, although what is left would fit the limits', () => {
    const limits = { maxStopsPerSweep: 12, maxFleetShare: 100 };
    const first = hold(fleet, { limits });
    const stopped = new Set(first.allowed.map(({ target }) => target.arn));
    const left = fleet.filter(({ arn }) => !stopped.has(arn));
    expect([first.allowed.length, left.length]).toEqual([12, 8]);
    const next = hold(left, { limits, watches: first.watches, now: minutes(5) });
    expect(next).toEqual({ allowed: [], deferred: [], holds: [], watches: [] });
  });

  it('lets others go on within the limits', () => {
    const first = hold(fleet);
    const left = fleet.filter(({ arn }) => heldOf(first.watches).some((watch) => watch.arn === arn));
    const other = instance('i-other');
    const next = hold([...left, other], { watches: first.watches, now: minutes(5) });
    expect(next.allowed.map(({ target }) => target.id)).toEqual(['i-other']);
  });

  it('goes on once the limits allow as many as were due', () => {
    const first = hold(fleet);
    const left = fleet.filter(({ arn }) => heldOf(first.watches).some((watch) => watch.arn === arn));
    const under = (maxStopsPerSweep: number) =>
      hold(left, {
        limits: { maxStopsPerSweep, maxFleetShare: 100 },
        fleet,
        watches: first.watches,
        now: minutes(5),
      });
    expect(under(19).allowed).toEqual([]);
    expect(under(20).allowed).toHaveLength(14);
  });

  it('of an earlier running spell says nothing', () => {
    const old = fleet.map((one) =>
      watchOf(one, { since: minutes(-9999), heldAt: minutes(-60), heldDue: 20 }),
    );
    expect(hold(fleet, { watches: old }).allowed).toHaveLength(6);
  });

  it('is remembered and told anew once a day, so that it is never forgotten', () => {
    const watches = fleet.map((one) =>
      watchOf(one, { stopAt: minutes(-1500), heldAt: minutes(-1440), heldDue: 20 }),
    );
    const renewed = hold(fleet, { watches });
    expect(renewed.allowed).toEqual([]);
    expect(renewed.holds).toMatchObject([
      {
        key: `hold/blast-radius/${minutes(-1440).toISOString()}/2026-11-10`,
        heldAt: minutes(-1440),
        targets: { length: 20 },
      },
    ]);
    expect(renewed.watches).toHaveLength(20);
    expect(renewed.watches[0]).toMatchObject({
      stopAt: minutes(-1500),
      heldAt: minutes(-1440),
      toldAt: NOW,
    });
    const told = fleet.map((one) =>
      watchOf(one, { heldAt: minutes(-2880), toldAt: minutes(-1439), heldDue: 20 }),
    );
    expect(hold(fleet, { watches: told }).watches).toEqual([]);
    const fresh = fleet.map((one) => watchOf(one, { heldAt: minutes(-1439), heldDue: 20 }));
    expect(hold(fleet, { watches: fresh }).watches).toEqual([]);
  });

  it('goes ahead when a person releases it, beyond the limits, and nothing else does', () => {
    const first = hold(fleet);
    const left = fleet.filter(({ arn }) => heldOf(first.watches).some((watch) => watch.arn === arn));
    const at = (released: readonly Date[]) =>
      hold(left, { fleet, watches: first.watches, released, now: minutes(5) });
    expect(at([]).allowed).toEqual([]);
    expect(at([minutes(-5)]).allowed).toEqual([]);
    const { allowed, holds, watches } = at([NOW]);
    expect(allowed).toHaveLength(left.length);
    expect(holds).toEqual([]);
    // What the enforcer has not come to by the next sweep is not held anew.
    for (const now of [minutes(6), minutes(10)]) {
      const next = hold(left.slice(0, 10), { fleet, watches, released: [NOW], now });
      expect(next.allowed).toHaveLength(10);
      expect(next.holds).toEqual([]);
    }
  });
});

describe('sweeps at announced minutes', () => {
  const fleet = fleetOf(60);
  const limits = { maxStopsPerSweep: 25, maxFleetShare: 100 };

  it('together stop no more than one may, and hold the rest', () => {
    const first = hold(fleet.slice(0, 20), { fleet, limits });
    expect(first.allowed).toHaveLength(20);
    const second = hold(fleet.slice(20, 40), { fleet, limits, watches: first.watches, now: minutes(1) });
    expect(second.allowed).toHaveLength(5);
    expect(second.holds[0]?.reason).toContain(
      '20 of 60 running resources are due to be stopped; 20 more were stopped in the last minutes; the limits allow 25',
    );
    // 40 at once are more than 25: the next sweep does not go on by itself.
    const left = second.watches.filter(({ heldAt }) => heldAt !== undefined);
    const rest = fleet.filter(({ arn }) => left.some((one) => one.arn === arn));
    const third = hold(rest, { fleet, limits, watches: [...first.watches, ...left], now: minutes(6) });
    expect(third.allowed).toEqual([]);
  });

  it('let none go in the place of those that were let go a minute ago, and are at work still', () => {
    const ordered = fleet.slice(0, 25).map((one) => watchOf(one, { orderedAt: minutes(-1) }));
    const [atWork, dearer] = [fleet.slice(0, 10), fleet.slice(25, 45)];
    const { allowed, holds } = hold([...atWork, ...dearer], { fleet, limits, watches: ordered });
    expect(allowed.map(({ target }) => target.arn).sort()).toEqual(atWork.map(({ arn }) => arn));
    expect(holds[0]?.targets).toHaveLength(20);
    expect(holds[0]?.targets.every((one) => dearer.includes(one))).toBe(true);
  });

  it('count also what another sweep has ordered since this one began', () => {
    const ordered = fleet.slice(0, 25).map((one) => watchOf(one, { orderedAt: minutes(0.1) }));
    expect(hold(fleet.slice(25, 40), { fleet, limits, watches: ordered }).allowed).toEqual([]);
  });

  it('count a stop that is due again once, and one of five minutes ago not at all', () => {
    const ordered = fleet.slice(0, 20).map((one) => watchOf(one, { orderedAt: minutes(-3) }));
    expect(hold(fleet.slice(0, 25), { fleet, limits, watches: ordered }).allowed).toHaveLength(25);
    const earlier = fleet.slice(0, 20).map((one) => watchOf(one, { orderedAt: minutes(-5) }));
    expect(hold(fleet.slice(20, 45), { fleet, limits, watches: earlier }).allowed).toHaveLength(25);
  });
});

it('never allows more than the limits, nor loses or invents a stop', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 80 }),
      fc.integer({ min: 0, max: 40 }),
      fc.record({
        maxStopsPerSweep: fc.integer({ min: 1, max: 60 }),
        maxFleetShare: fc.integer({ min: 1, max: 100 }),
      }),
      fc.func(fc.boolean()),
      (due, others, limits, wasHeld) => {
        const fleet = fleetOf(due + others);
        const stops = fleet.slice(0, due);
        const watches = stops
          .filter(({ id }) => wasHeld(id))
          .map((one) => watchOf(one, { heldAt: NOW, heldDue: 1000 }));
        const { allowed, holds } = hold(stops, { fleet, limits, watches });
        const most = Math.min(
          limits.maxStopsPerSweep,
          Math.max(3, Math.ceil((fleet.length * limits.maxFleetShare) / 100)),
        );
        expect(allowed.length).toBeLessThanOrEqual(most);
        const fresh = due - watches.length;
        expect(allowed.length).toBe(Math.min(fresh, most));
        expect(holds.length).toBe(fresh > most ? 1 : 0);
        expect(allowed.filter(({ target }) => wasHeld(target.id))).toEqual([]);
        expect(new Set(allowed.map(({ key }) => key)).size).toBe(allowed.length);
      },
    ),
  );
});

describe('metrics that are out', () => {
  const silent = evidenceOf([readingOf('cpu', [])]);
  const outages = (judged: readonly Resource[], evidence: (resource: Resource) => Evidence | undefined) =>
    metricsOutages(
      judged,
      new Map(
        judged.flatMap((one) => {
          const found = evidence(one);
          return found === undefined ? [] : [[one.arn, found] as const];
        }),
      ),
      NOW,
    );

  it.each([
    { name: 'no samples', evidence: silent },
    { name: 'no readings', evidence: evidenceOf([]) },
    { name: 'no evidence', evidence: undefined },
  ])('three resources, $name: one hold', ({ evidence }) => {
    expect(outages(fleetOf(3), () => evidence)).toMatchObject([
      {
        action: 'hold',
        cause: 'metrics-outage',
        key: 'hold/metrics-outage/us-east-1/2026-11-10T12',
        reason:
          'CloudWatch returned no data for any of the 3 resources judged in us-east-1. ' +
          'Nothing there was stopped for idleness.',
      },
    ]);
  });

  it('two silent resources are no outage, nor is one that speaks among many', () => {
    expect(outages(fleetOf(2), () => silent)).toEqual([]);
    expect(outages(fleetOf(50), ({ id }) => (id === 'i-0031' ? idleEvidence : silent))).toEqual([]);
    expect(outages([], () => silent)).toEqual([]);
  });

  it('each region for itself', () => {
    const west = fleetOf(4).map((one) => ({ ...one, arn: `${one.arn}-west`, region: 'us-west-2' }));
    const found = outages([...fleetOf(4), ...west], ({ region }) =>
      region === 'us-west-2' ? silent : idleEvidence,
    );
    expect(found.map(({ key }) => key)).toEqual(['hold/metrics-outage/us-west-2/2026-11-10T12']);
    expect(found[0]?.targets).toEqual(west);
  });
});
