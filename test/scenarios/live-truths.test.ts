import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SpendRow } from '../../lib/enforce/spend-summary.ts';
import { discoverFleet } from '../../lib/fleet/discover.ts';
import type { AuditEntry } from '../../lib/ledger/ledger.ts';
import { measure } from '../../lib/meter/measure.ts';
import type { KeptInstance } from '../../lib/simulate/account/state.ts';
import type { InstanceChange } from '../../lib/simulate/account/truth.ts';
import type { Decision } from '../../lib/types/decision.ts';
import { costOver, parseUsd, sumUsd, type Usd, ZERO_USD } from '../../lib/types/money.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { trueBills } from '../support/bills.ts';
import { createSimulation, type Message, type Simulation } from '../support/simulation.ts';
import { costBetween, type Spell, spellsOf } from '../support/spells.ts';

/*
 * What must always be true of live spend and launches, over generated plays of the real handlers: fleets that people
 * launch, stop, tag and keep, events of these that are lost or come twice, late and in any order, bills that grow, stall
 * or are absurd, freezes and people who end them, a day or a month that turns. The simulation knows what all truly cost.
 */

/** As many as fit in about half a minute. */
const RUNS = 130;
const MINUTE_MS = 60_000;
const SWEEP_MS = 5 * MINUTE_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;
const PRICES: Readonly<Record<string, string>> = { 'm5.xlarge': '1', 'p3.8xlarge': '12.50' };
const MONTHLY = '150';
const DAILY = '70';
const PROJECTS = ['recsys', 'fraud'] as const;

const anyPolicy = fc.record({
  month: fc.constantFrom(
    'do: stop',
    'do: stop, grace: 20m',
    'do: freeze',
    'do: freeze',
    'do: freeze, grace: 20m',
  ),
  day: fc.constantFrom(undefined, 'do: stop', 'do: freeze', 'do: freeze, grace: 20m'),
  actual: fc.constantFrom(undefined, 'do: stop', 'do: freeze', 'do: freeze'),
  launch: fc.constantFrom('notify', 'stop'),
  untagged: fc.constantFrom('notify', 'stop, warn: 20m'),
});
type PolicyOf = typeof anyPolicy extends fc.Arbitrary<infer T> ? T : never;

const policyText = ({ month, day, actual, launch, untagged }: PolicyOf): string => `
version: 1
projects:
  recsys: { budget: { monthly: ${MONTHLY} USD, daily: ${DAILY} USD }, freezeRoles: [recsys-developers] }
  fraud: {}
policies:
  - { name: production, match: { environment: prod }, idle: off, budget: [{ at: 100%, of: estimated, do: notify }] }
  - name: development
    match: { environment: dev }
    launch: ${launch}
    allow: [terminate-spot]
    budget:
      - { at: 80%, of: estimated, do: notify }
      - { at: 100%, of: estimated, ${month} }
      ${day === undefined ? '' : `- { at: 100%, of: estimated, per: day, ${day} }`}
      ${actual === undefined ? '' : `- { at: 110%, of: actual, ${actual} }`}
untagged: { after: 1h, do: ${untagged} }
limits: { maxStopsPerSweep: 100, maxFleetShare: 100% }
`;

const kind = <K extends string>(name: K) => fc.constant(name);
const who = fc.nat();

const anyEvent = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: kind('pass'), minutes: fc.constantFrom(3, 5, 17, 60, 100, 180) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: kind('launch'),
      project: fc.constantFrom('recsys', 'recsys', 'recsys', 'fraud', undefined),
      environment: fc.constantFrom('dev', 'dev', 'dev', 'prod'),
      type: fc.constantFrom('m5.xlarge' as const, 'p3.8xlarge' as const, 'p3.8xlarge' as const),
      terms: fc.constantFrom('demand' as const, 'demand' as const, 'spot' as const, 'protected' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('halt'), who }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('start'), who }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind('tag'),
      who,
      tags: fc.constantFrom<Readonly<Record<string, string | undefined>>>(
        { environment: 'prod' },
        { environment: 'dev' },
        { project: 'fraud' },
        { project: 'recsys' },
        { project: undefined },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('keep'), who, minutes: fc.constantFrom(5, 30, 120) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('restore'), who }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('unfreeze') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind('bills'),
      are: fc.constantFrom(
        'true' as const,
        'true' as const,
        'stalled' as const,
        'absurd' as const,
        'down' as const,
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: kind('budgets'), usd: fc.constantFrom('100', '170', '170', '9000000') }),
  },
);

const anyPlay = fc.record({
  policy: anyPolicy,
  /** Some play within a day, over midnight, over the end of a month. */
  start: fc.constantFrom('2026-11-10T08:00:00Z', '2026-11-10T20:00:00Z', '2026-11-30T20:00:00Z'),
  events: fc.array(anyEvent, { minLength: 8, maxLength: 24 }),
  /** How the queue delivers, and what EventBridge does: each number a choice. */
  disorder: fc.array(fc.nat({ max: 7 }), { minLength: 7, maxLength: 7 }),
});
type PlayOf = typeof anyPlay extends fc.Arbitrary<infer T> ? T : never;

/** Minutes after which an event is delivered. */
const DELIVERIES: readonly (readonly number[])[] = [[0], [0], [], [0, 0], [4], [0, 7], [45], [100, 2]];

/** What was so of an instance from an effect on: an instant may hold both. */
interface Said {
  readonly from: number;
  readonly prod: boolean;
  readonly keptUntil: Date;
}

/** A launch of what a freeze is to stop. */
interface Launched {
  readonly id: string;
  readonly at: Date;
  readonly frozenUntil: Date;
  /** How many of `touched` were before it. */
  readonly after: number;
}

interface Played {
  readonly simulation: Simulation;
  readonly said: ReadonlyMap<string, readonly Said[]>;
  readonly launched: readonly Launched[];
  /** What people did that ends the duty to stop a launch, of one instance or of all. */
  readonly touched: readonly { readonly at: Date; readonly id: string | undefined }[];
  readonly wereAbsurd: boolean;
  readonly rows: readonly SpendRow[];
}

const NEVER = new Date(0);
/** Percent of what is true; no fleet explains it. */
const ABSURD = 2_000_000_000;
const hourlyOf = ({ type }: Pick<InstanceChange, 'type'>): Usd => parseUsd(PRICES[type] ?? '') ?? ZERO_USD;

async function playOut({ policy, start, events, disorder }: PlayOf): Promise<Played> {
  let turn = 0;
  const choose = (): number => disorder[turn++ % disorder.length] ?? 0;
  const simulation = createSimulation({
    policy: policyText(policy),
    start: new Date(start),
    prices: PRICES,
    tell: () => DELIVERIES[choose()] ?? [],
    // Twice, or in another order.
    deliver: (due) =>
      due
        .flatMap((message): Message[] => (choose() === 0 ? [message, message] : [message]))
        .map((message) => ({ message, place: choose() }))
        .sort((a, b) => a.place - b.place)
        .map(({ message }) => message),
  });
  const { account, now, run } = simulation;
  const said = new Map<string, Said[]>();
  const launched: Launched[] = [];
  const touched: { at: Date; id: string | undefined }[] = [];
  let billedThrough = new Date(start);
  let bills: 'true' | 'stalled' | 'absurd' = 'true';
  let wereAbsurd = false;
  account.billing.bills = () => {
    if (bills !== 'stalled') billedThrough = new Date(now().getTime() - 6 * 3_600_000);
    return trueBills(account.changes, {
      through: billedThrough,
      hourlyOf,
      paid: bills === 'absurd' ? ABSURD : 100,
    });
  };
  /** AWS tells times to the second: what begins does so before it is stopped. */
  const justNow = () => new Date(now().getTime() - 20_000);
  const ids = () => [...account.instances.keys()];
  const pick = (one: number): KeptInstance | undefined =>
    account.instances.get(ids()[one % ids().length] ?? '');
  const resourceOf = async (id: string): Promise<Resource | undefined> =>
    (await discoverFleet(simulation.regions)).find((one) => one.id === id);
  const wish = async (decision: Decision): Promise<void> => {
    await simulation.send([decision], decision.key);
    await simulation.deliver();
  };
  const say = (id: string, more: Partial<Said>) => {
    const last = said.get(id)?.at(-1) ?? { prod: false, keptUntil: NEVER };
    said.set(id, [...(said.get(id) ?? []), { ...last, ...more, from: account.effects.length }]);
    touched.push({ at: now(), id });
  };
  /** What has just begun to run, and is frozen. */
  const noteLaunch = async (id: string): Promise<void> => {
    const one = account.instances.get(id);
    const mark = (await simulation.ledger.projectMarks(now())).get(one?.tags.project ?? '');
    const { frozenUntil } = mark ?? {};
    // What ran when it was found has its grace period.
    const foundAt = Math.max(...[...(mark?.breaches.values() ?? [])].map(({ asOf }) => asOf.getTime()));
    const isBound =
      one !== undefined &&
      one.stoppedAt === undefined &&
      one.since.getTime() > foundAt &&
      one.tags.environment === 'dev' &&
      one.spot !== true &&
      one.isProtected !== true &&
      (said.get(id)?.at(-1)?.keptUntil ?? NEVER) <= now();
    if (isBound && frozenUntil !== undefined && frozenUntil > now()) {
      launched.push({ id, at: now(), frozenUntil, after: touched.length });
    }
  };

  for (const id of ['i-first', 'i-second']) {
    account.instances.set(id, {
      id,
      type: 'p3.8xlarge',
      tags: { project: 'recsys', environment: 'dev' },
      since: justNow(),
      use: () => ({ cpu: 90, network: 1_000_000 }),
    });
    say(id, { prod: false });
  }
  for (const [index, event] of events.entries()) {
    switch (event.kind) {
      case 'pass':
        await run(new Date(now().getTime() + event.minutes * MINUTE_MS));
        break;
      case 'launch': {
        const { project, environment, type, terms } = event;
        const id = `i-${index}`;
        account.instances.set(id, {
          id,
          type,
          tags: { environment, ...(project === undefined ? {} : { project }) },
          since: justNow(),
          use: () => ({ cpu: 90, network: 1_000_000 }),
          ...(terms === 'spot' ? { spot: true } : {}),
          ...(terms === 'protected' ? { isProtected: true } : {}),
        });
        say(id, { prod: environment === 'prod' });
        await noteLaunch(id);
        break;
      }
      case 'halt': {
        const one = pick(event.who);
        if (one === undefined || one.stoppedAt !== undefined || one.spot === true) break;
        account.instances.set(one.id, { ...one, stoppedAt: now() });
        touched.push({ at: now(), id: one.id });
        break;
      }
      case 'start': {
        const one = pick(event.who);
        if (one?.stoppedAt === undefined || one.ended === true) break;
        const { stoppedAt, ...running } = one;
        if (stoppedAt >= justNow()) break;
        account.instances.set(one.id, { ...running, since: justNow() });
        touched.push({ at: now(), id: one.id });
        await noteLaunch(one.id);
        break;
      }
      case 'tag': {
        const one = pick(event.who);
        if (one === undefined) break;
        const tags = Object.fromEntries(
          Object.entries({ ...one.tags, ...event.tags }).flatMap(([key, value]) =>
            value === undefined ? [] : [[key, value]],
          ),
        );
        account.instances.set(one.id, { ...one, tags });
        say(one.id, { prod: tags.environment === 'prod' });
        break;
      }
      case 'keep': {
        const target = await resourceOf(pick(event.who)?.id ?? '');
        const project = target?.tags.project;
        if (target?.state !== 'running' || project === undefined) break;
        const until = new Date(now().getTime() + event.minutes * MINUTE_MS);
        await wish({
          action: 'keep',
          key: `keep/${index}`,
          project,
          reason: 'ana asked.',
          target,
          until,
          by: 'ana',
        });
        say(target.id, { keptUntil: until });
        break;
      }
      case 'restore': {
        const target = await resourceOf(pick(event.who)?.id ?? '');
        const project = target?.tags.project;
        if (target === undefined || project === undefined) break;
        const wasRunning = target.state === 'running';
        await wish({
          action: 'restore',
          key: `restore/${index}`,
          project,
          reason: 'ana asked.',
          target,
          by: 'ana',
        });
        touched.push({ at: now(), id: target.id });
        if (!wasRunning) await noteLaunch(target.id);
        break;
      }
      case 'unfreeze':
        await wish({
          action: 'unfreeze',
          key: `unfreeze/${index}`,
          project: 'recsys',
          reason: 'ana asked.',
          by: 'ana',
        });
        touched.push({ at: now(), id: undefined });
        break;
      case 'bills':
        account.health.costExplorer = event.are !== 'down';
        if (event.are !== 'down') bills = event.are;
        wereAbsurd ||= event.are === 'absurd';
        break;
      case 'budgets':
        account.budgets.set(simulation.budgetName('recsys'), {
          project: 'recsys',
          limit: MONTHLY,
          actual: event.usd,
          forecasted: '0',
        });
        break;
    }
  }
  // On the minute of a sweep, so that nothing has run since the last one.
  const end = new Date((Math.floor(now().getTime() / SWEEP_MS) + 4) * SWEEP_MS);
  await run(end);
  const { spend } = await simulation.sweepOnce({ dryRun: true });
  return { simulation, said, launched, touched, wereAbsurd, rows: spend ?? [] };
}

const trailOf = async ({ ledger }: Simulation): Promise<readonly AuditEntry[]> =>
  (await Promise.all([...PROJECTS, undefined].map((project) => ledger.audit({ project })))).flat();

const check = (truth: (played: Played, play: PlayOf) => Promise<void>) =>
  fc.assert(
    fc.asyncProperty(anyPlay, async (play) => truth(await playOut(play), play)),
    { numRuns: RUNS, seed: Number(process.env.BURSAR_SEED ?? 20_261_126) },
  );

/** A change that no event tells of is noticed by the next sweep, and dated within its settling time. */
const GAP_MS = 7 * MINUTE_MS;

/** What the meter may be wrong by, for changes of which no event told. */
const gapsOf = (changes: readonly InstanceChange[]): Usd =>
  sumUsd(changes.map((change) => costOver(hourlyOf(change), GAP_MS)));

const within = (amount: Usd, truth: Usd, tolerance: Usd): boolean =>
  amount - truth <= tolerance + 1_000n && truth - amount <= tolerance + 1_000n;

describe('whatever people, bills and events do', { timeout: 300_000 }, () => {
  it('live spend and launches keep to what is promised', async () => {
    const reached = new Set<string>();
    await check(async ({ simulation, said, launched, touched, wereAbsurd, rows }, { start }) => {
      const { account, alerts, dead, errors, ledger, now } = simulation;
      const trail = await trailOf(simulation);
      const stops = trail.filter(({ decision, event }) => decision.action === 'stop' && event === 'taken');

      // Nothing of production, kept or protected is stopped, nor for good by an estimate.
      for (const [index, { at, id }] of account.effects.entries()) {
        const then = said.get(id)?.findLast(({ from }) => from <= index);
        expect(then?.prod, `${id} was production`).toBe(false);
        expect(then?.keptUntil.getTime(), `${id} was kept`).toBeLessThanOrEqual(at.getTime());
        const one = account.instances.get(id);
        expect(one?.isProtected, `${id} was protected`).toBeUndefined();
        const why = stops.find(
          ({ decision, at: told }) =>
            'target' in decision && decision.target.id === id && told.getTime() === at.getTime(),
        );
        expect(why, `the stop of ${id} is in the trail`).toBeDefined();
        if (why?.decision.action !== 'stop') continue;
        reached.add(`stop ${why.decision.trigger}`);
        const rule = why.decision.rule.rule;
        if (rule.includes('% of estimated')) {
          // Whatever is billed: it truly cost that, but for what no event told of.
          const isDay = rule.includes('per day');
          const from = `${at.toISOString().slice(0, isDay ? 10 : 7)}${isDay ? '' : '-01'}T00:00:00Z`;
          const own = spellsOf(account.changes, at, hourlyOf).filter((spell) => spell.project === 'recsys');
          const truth = costBetween(own, new Date(from), at);
          const limit = parseUsd(isDay ? DAILY : MONTHLY) ?? ZERO_USD;
          expect(truth + gapsOf(account.changes) >= limit, `${id}: ${rule}: ${truth}`).toBe(true);
        }
        if (one?.spot !== true) continue;
        reached.add('ended for good');
        expect(rule, `${id} was ended for good`).not.toContain('estimated');
      }

      // Intent before, outcome after, each effect once, each told once.
      expect(account.effects).toHaveLength(stops.length);
      for (const { decision } of stops) {
        const own = trail.filter((one) => one.decision.key === decision.key);
        expect(own[0]?.event).toBe('intended');
        expect(own.filter(({ event }) => event === 'intended')).toHaveLength(own.length / 2);
      }
      expect(dead).toEqual([]);
      const told = alerts.flatMap(({ items }) =>
        items.filter(({ requested, status }) => requested === 'stop' && status === 'taken'),
      );
      expect(told).toHaveLength(stops.length);

      // What is launched in a frozen project is stopped by its event, or by the second sweep after it.
      for (const { id, at, frozenUntil, after } of launched) {
        const due = new Date((Math.floor(at.getTime() / SWEEP_MS) + 2) * SWEEP_MS);
        const isFree =
          due > now() ||
          due >= frozenUntil ||
          touched.slice(after).some((one) => (one.id ?? id) === id && one.at <= due);
        if (isFree) continue;
        reached.add('frozen launch');
        const stop = account.changes.find((one) => one.id === id && one.at >= at && !one.on && one.moved);
        expect(stop?.at.getTime(), `${id} ran on`).toBeLessThanOrEqual(due.getTime());
      }

      // Who ends a freeze is not overruled by what froze the project before, in the same period.
      const freezes = trail.filter(
        ({ decision }) => decision.action === 'freeze' && decision.roles === undefined,
      );
      const unfreezes = trail.filter(
        ({ decision, event }) =>
          decision.action === 'unfreeze' && decision.roles === undefined && event === 'taken',
      );
      for (const { at } of unfreezes) {
        reached.add('unfrozen');
        const before = new Set(freezes.filter((one) => one.at < at).map(({ decision }) => decision.key));
        const again = freezes.filter(
          (one) => one.at > at && one.event === 'taken' && before.has(one.decision.key),
        );
        expect(again.map(({ decision }) => decision.key)).toEqual([]);
        const next = freezes.find((one) => one.at > at && one.event === 'taken')?.at ?? now();
        const undone = stops.filter(
          (one) =>
            one.decision.action === 'stop' &&
            one.decision.trigger === 'freeze' &&
            one.at > at &&
            one.at < next,
        );
        expect(undone.map(({ decision }) => decision.key)).toEqual([]);
      }

      // Roles are denied what the ledger says.
      const frozenUntil = (await ledger.projectMarks(now())).get('recsys')?.frozenUntil;
      const isFrozen = frozenUntil !== undefined && frozenUntil > now();
      expect([...simulation.deniedRoles]).toEqual(isFrozen ? ['recsys-developers'] : []);

      // One story is told once.
      expect(new Set(alerts.map(({ id }) => id)).size).toBe(alerts.length);
      for (const [key, own] of Map.groupBy(trail, ({ decision }) => decision.key)) {
        const [first] = own;
        if (first === undefined || first.decision.action === 'stop') continue;
        expect(own.filter(({ event }) => event === 'taken').length, key).toBeLessThanOrEqual(1);
      }
      const budgetAlerts = alerts.filter((one) => one.kind === 'budget' && one.items.length === 0);
      expect(budgetAlerts).toHaveLength(
        trail.filter(({ decision, event }) => decision.action === 'budget-notice' && event === 'taken')
          .length,
      );

      // Billed and estimated come to what it truly cost.
      const monthBegan = new Date(`${now().toISOString().slice(0, 7)}-01T00:00:00Z`);
      const spells = spellsOf(account.changes, now(), hourlyOf);
      const tolerance = gapsOf(account.changes);
      // Of what was brought back and stopped within one second nobody can tell which was last.
      const isMomentary = account.changes.some(({ id, at, moved }, index) =>
        account.changes
          .slice(index + 1)
          .some((one) => moved && one.moved && one.id === id && one.at.getTime() === at.getTime()),
      );
      for (const project of [...PROJECTS, '']) {
        const row = rows.find((one) => (one.project ?? '') === project);
        const spent = sumUsd([
          parseUsd(row?.billed ?? '0') ?? ZERO_USD,
          parseUsd(row?.estimated ?? '0') ?? ZERO_USD,
        ]);
        const own = spells.filter((spell: Spell) => spell.project === project);
        const truth = costBetween(own, monthBegan, now());
        const isRight = wereAbsurd ? truth - spent <= tolerance : within(spent, truth, tolerance);
        expect(isRight || isMomentary, `${project}: ${spent} for ${truth} ± ${tolerance}`).toBe(true);
      }
      // Each resource once.
      const records = await ledger.meterRecords('111122223333', 'us-east-1');
      for (const { record } of records.values()) {
        const own = account.changes.filter(({ id }) => id === record.id);
        const scope = { now: now(), from: '2026-11-01', billedAs: () => 'EC2' };
        const measured = sumUsd(
          [...measure([record], scope).days.values()].flatMap((day) =>
            [...day.values()].flatMap((services) => [...services.values()]),
          ),
        );
        const truth = costBetween(
          spells.filter(({ id }) => id === record.id),
          new Date('2026-11-01'),
          now(),
        );
        expect(
          within(measured, truth, gapsOf(own)) || isMomentary,
          `${record.id}: ${measured} for ${truth}`,
        ).toBe(true);
      }

      // Cost Explorer is asked four times a day at most, and nothing else goes wrong.
      const days = Math.floor(now().getTime() / DAY_MS) - Math.floor(Date.parse(start) / DAY_MS) + 1;
      expect(account.asked.costExplorer).toBeLessThanOrEqual(4 * days);
      expect(errors.filter((error) => error !== 'Cost Explorer could not be asked')).toEqual([]);
    });
    expect([...reached].sort()).toEqual([
      'ended for good',
      'frozen launch',
      'stop budget',
      'stop freeze',
      'stop launch',
      'stop untagged',
      'unfrozen',
    ]);
  });
});
