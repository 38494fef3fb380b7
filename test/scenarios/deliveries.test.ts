import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LedgerError } from '../../lib/ledger/errors.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { createSimulation, type Message, type SimulationOptions } from '../support/simulation.ts';

const START = new Date('2026-11-10T10:00:00.000Z');
const HOUR = new Date('2026-11-10T11:00:00.000Z');
const PROJECTS = ['recsys', 'fraud', 'llm'];

const POLICY = `
version: 1
projects: { recsys: {}, fraud: {}, llm: {} }
policies:
  - name: development
    match: { environment: dev }
    idle: { after: 30m, warn: 10m, do: stop }
limits: { maxStopsPerSweep: 100, maxFleetShare: 100% }
`;

/** Twelve instances of three projects, idle from `START` on, and an idle endpoint; an hour of sweeps. */
async function hour(options: Partial<SimulationOptions> = {}) {
  const simulation = createSimulation({
    policy: POLICY,
    start: START,
    prices: { 'm5.xlarge': '0.192', 'ml.m5.xlarge': '0.23' },
    ...options,
  });
  for (let index = 0; index < 12; index += 1) {
    simulation.account.instances.set(`i-${index}`, {
      id: `i-${index}`,
      type: 'm5.xlarge',
      tags: { project: PROJECTS[index % 3] ?? '', environment: 'dev' },
      since: new Date('2026-11-09T00:00:00.000Z'),
      use: (minute) => ({ cpu: minute < START ? 60 : 1, network: 100 }),
    });
  }
  simulation.account.endpoints.set('ranker', {
    name: 'ranker',
    type: 'ml.m5.xlarge',
    cores: 4,
    gpus: 0,
    tags: { project: 'recsys', environment: 'dev' },
    since: new Date('2026-11-09T00:00:00.000Z'),
    use: (minute) => ({ cpu: 1, invocations: minute < START ? 5 : 0 }),
  });
  await simulation.run(HOUR);
  return simulation;
}

type Hour = Awaited<ReturnType<typeof hour>>;

const effectsOf = ({ account }: Hour) => account.effects.map(({ id }) => id).sort();
const alertsOf = ({ alerts }: Hour) =>
  alerts.map(({ at, project, title }) => `${at.slice(11, 16)} ${project} ${title}`).sort();

describe('an hour of quiet deliveries', () => {
  it('warns each project once and stops each resource once', async () => {
    const quiet = await hour();
    expect(effectsOf(quiet)).toHaveLength(13);
    expect(alertsOf(quiet)).toEqual([
      '10:20 fraud 4 idle resources of fraud will be stopped at 2026-11-10 10:30 UTC',
      '10:20 llm 4 idle resources of llm will be stopped at 2026-11-10 10:30 UTC',
      '10:20 recsys 5 idle resources of recsys will be stopped at 2026-11-10 10:30 UTC',
      '10:30 fraud 4 idle resources of fraud stopped',
      '10:30 llm 4 idle resources of llm stopped',
      '10:30 recsys 5 idle resources of recsys stopped',
    ]);
  });
});

describe('messages that come twice, late or out of order', () => {
  it('have one effect and one alert', async () => {
    const quiet = await hour();
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat()), async (random) => {
        const next = () => random.next().value ?? 0;
        const mixed = await hour({
          deliver: (due) =>
            due
              .flatMap((message) => new Array<Message>(1 + (next() % 3)).fill(message))
              .map((message) => ({ message, place: next() }))
              .sort((a, b) => a.place - b.place)
              .map(({ message }) => message),
        });
        expect(effectsOf(mixed)).toEqual(effectsOf(quiet));
        expect(alertsOf(mixed)).toEqual(alertsOf(quiet));
        expect(mixed.dead).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('all of them once more, in reverse, an hour and a day later: nothing', async () => {
    const again = await hour();
    const before = [effectsOf(again), alertsOf(again)];
    for (const later of [3_600_000, 86_400_000]) {
      again.skipTo(new Date(HOUR.getTime() + later));
      for (const message of [...again.sent].reverse()) await again.repeat(message);
    }
    expect([effectsOf(again), alertsOf(again)]).toEqual(before);
  });

  it('a stop that comes after people started the instance again is not carried out', async () => {
    const again = await hour();
    const restarted = new Date('2026-11-10T10:31:00.000Z');
    for (const [id, { stoppedAt, ...one }] of again.account.instances) {
      again.account.instances.set(id, { ...one, since: restarted });
    }
    again.skipTo(new Date('2026-11-10T11:45:00.000Z'));
    for (const message of again.sent) await again.repeat(message);
    expect(again.account.effects).toHaveLength(13);
  });
});

/** A ledger whose first write of an outcome of a stop fails: the worker ends between the act and the record. */
const crashing = (): ((ledger: Ledger) => Ledger) => {
  let crashes = 1;
  return (ledger) => ({
    ...ledger,
    settle: async (results, now) => {
      const isStop = results.some(({ record }) => record.decision.action === 'stop');
      if (isStop && crashes > 0) {
        crashes -= 1;
        throw new LedgerError('ledger: settling: the table cannot be reached');
      }
      return ledger.settle(results, now);
    },
  });
};

describe('a crash between the act and its record', async () => {
  const crashed = await hour({ ledger: crashing() });

  it('is finished by the next delivery, without a second effect', async () => {
    expect(effectsOf(crashed)).toEqual(effectsOf(await hour()));
    expect(crashed.dead).toEqual([]);
    const arns = [...crashed.account.instances.keys()].map(
      (id) => `arn:aws:ec2:us-east-1:111122223333:instance/${id}`,
    );
    for (const arn of arns) {
      const trail = await crashed.ledger.audit({ arn });
      const stops = trail.filter(({ decision }) => decision.action === 'stop');
      expect(stops[0]?.event).toBe('intended');
      expect(stops.at(-1)?.event).not.toBe('intended');
    }
  });

  it('keeps what a restore needs', async () => {
    const arn = 'arn:aws:sagemaker:us-east-1:111122223333:endpoint/ranker';
    expect(await crashed.ledger.restoreRecord(arn)).toBeDefined();
  });

  it('is told as what it was: each stop once, as done', () => {
    const told = crashed.alerts.flatMap(({ items }) => items.filter(({ requested }) => requested === 'stop'));
    expect(told.map(({ id }) => id).sort()).toEqual(effectsOf(crashed));
    expect(new Set(told.map(({ status }) => status))).toEqual(new Set(['taken']));
  });
});
