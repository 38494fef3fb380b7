import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { discoverFleet } from '../../lib/fleet/discover.ts';
import type { AuditEntry, Ledger } from '../../lib/ledger/ledger.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { readOnlyLedger } from '../../lib/ledger/read-only.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { readSavings } from '../../lib/savings/read-savings.ts';
import type { MemoryAccount } from '../../lib/simulate/account/account.ts';
import { ACCOUNT } from '../../lib/simulate/account/state.ts';
import { worldOf } from '../../lib/simulate/engine.ts';
import { contextsOf } from '../../lib/simulate/handlers.ts';
import type { RunResult } from '../../lib/simulate/result.ts';
import { runWorld } from '../../lib/simulate/run-world.ts';
import { parseScenario } from '../../lib/simulate/scenario-file/parse.ts';
import { formatUsd, microUsd } from '../../lib/types/money.ts';
import type { Savings } from '../../lib/types/savings.ts';
import { createSimulation } from '../support/simulation.ts';
import { after, FRIDAY, off, on, record, resource, stop, usd } from './fixtures.ts';

/** Plays a scenario, and asks its ledger and its account at the end what was saved. */
async function played(text: string): Promise<{ readonly run: RunResult; readonly savings: Savings }> {
  const scenario = parseScenario(text, 'a.yaml', () => '');
  const world = worldOf(scenario);
  const ledger = createMemoryLedger();
  let account: MemoryAccount | undefined;
  const run = await runWorld({
    ...world,
    ledger,
    place: (made) => {
      // That of the run with Bursar is made first.
      account ??= made;
      world.place(made);
    },
  });
  if (account === undefined) throw new Error('nothing was placed');
  const { policy, prices, from, to } = world;
  const fleet = await discoverFleet(contextsOf({ policy, account, clock: () => to, prices }));
  const deps = { policy, ledger: readOnlyLedger(ledger), account: ACCOUNT, now: to, fleet };
  return { run, savings: await readSavings(deps, { from, to }) };
}

const truth = ({ without, spent }: RunResult) => microUsd(without - spent);

const scenario = (resources: string, rest = ''): string => `version: 1
name: any
policy:
  version: 1
  projects: { recsys: { owner: team-beta, budget: 100000 USD } }
  policies: [{ name: development, match: { environment: dev }, idle: { after: 30m, do: stop } }]
  limits: { maxStopsPerSweep: 100, maxFleetShare: 100% }
from: 2026-11-10T10:00Z
for: 48h
events: prompt
prices: { m5.large: 1 USD }
resources:
${resources}
${rest}`;

const machine = (more: string): string =>
  `  - { id: one, kind: ec2-instance, type: m5.large, tags: { project: recsys, environment: dev }, ${more} }`;

describe('against what is true, in a simulation', () => {
  it('is exact of an endpoint that nobody uses over a weekend', async () => {
    const { run, savings } = await played(readFileSync('scenarios/01-weekend-endpoint.yaml', 'utf8'));
    expect(formatUsd(savings.total)).toBe('$2,346.08');
    expect(savings.total).toBe(truth(run));
    expect(savings.stops).toMatchObject([
      { id: 'ranker', by: 'now', trigger: 'idle', policy: 'development' },
    ]);
  });

  it('is exact of what hours stop and start, and of what is idle within them', async () => {
    const text = scenario(machine('use: [{ to: +29h, use: busy }]')).replace(
      'idle: {',
      'hours: { daily: "06:00-19:00", startAhead: 5m }, idle: {',
    );
    const { run, savings } = await played(text);
    // From 19:00 to 5:55. Idle from 15:00 on the next day, it is stopped at 15:30, three and a half hours before it closes.
    expect(
      savings.stops.map(({ trigger, by, stoppedAt, until }) => [
        trigger,
        by,
        (until.getTime() - stoppedAt.getTime()) / 60_000,
      ]),
    ).toEqual([
      ['schedule', 'restored', 655],
      ['idle', 'schedule', 210],
    ]);
    expect(formatUsd(savings.total)).toBe('$14.42');
    // What it did not cost after that is nobody's: hours would have had it off, and nobody started it.
    expect(formatUsd(truth(run))).toBe('$29.42');
  });

  it('is exact of what is brought back when it is needed, and stopped again', async () => {
    const { run, savings } = await played(
      scenario(
        machine(
          'use: [{ to: +0h, use: busy }, { from: +20h, to: +22h, use: busy }, { from: +40h, use: busy }]',
        ),
      ),
    );
    expect(savings.stops.map(({ by }) => by)).toEqual(['restored', 'restored']);
    expect(savings.total).toBe(truth(run));
  });

  it('is exact of what somebody starts again by hand', async () => {
    const { run, savings } = await played(
      scenario(
        machine('use: [{ to: +0h, use: busy }, { from: +10h, use: busy }], restart: never'),
        'steps: [{ at: +10h, start: one }]',
      ),
    );
    expect(savings.stops).toMatchObject([{ by: 'restored' }]);
    expect(formatUsd(savings.total)).toBe('$9.50');
    expect(savings.total).toBe(truth(run));
  });

  it('is no more than the truth of what somebody deletes while it is stopped, though nobody told when', async () => {
    const { run, savings } = await played(
      scenario(machine('use: { to: +0h, use: busy }'), 'steps: [{ at: +12h, terminate: one }]'),
    );
    expect(savings.stops).toMatchObject([{ by: 'gone' }]);
    expect(formatUsd(savings.total)).toBe('$3.50');
    expect(formatUsd(truth(run))).toBe('$11.50');
  });

  it('is more than the truth by the time after which somebody would have stopped it anyway: nobody can know', async () => {
    const { run, savings } = await played(
      scenario(machine('use: { to: +0h, use: busy }'), 'steps: [{ at: +12h, stop: one }]'),
    );
    expect(formatUsd(truth(run))).toBe('$11.50');
    expect(formatUsd(microUsd(savings.total - truth(run)))).toBe('$36.00');
    expect(savings.assumptions.join()).toContain('That nobody else would have stopped it before is assumed.');
  });

  it('is nothing of a job, which the truth counts to its end', async () => {
    const { run, savings } = await played(
      scenario(
        '  - { id: train, kind: sagemaker-training-job, type: ml.m5.large, tags: { project: recsys, environment: dev }, use: busy }',
      )
        .replace('m5.large: 1 USD', 'ml.m5.large: 1 USD')
        .replace(
          'idle: { after: 30m, do: stop }',
          "idle: 'off', allow: [stop-jobs], budget: [{ at: 100%, of: actual, do: stop }]",
        )
        .replace('100000 USD', '10 USD'),
    );
    expect(savings.stops).toMatchObject([{ id: 'train', trigger: 'budget', by: 'gone', saved: 0n }]);
    expect(truth(run) > 0n).toBe(true);
  });
});

const POLICY = parsePolicy(
  'version: 1\nprojects: { recsys: { budget: 12000 USD }, vision: { budget: 1 USD, discount: 25% } }\npolicies: [{ name: all, match: {}, idle: off }]\nscope: { regions: [us-east-1, eu-west-1] }\n',
  'bursar.yaml',
);

/** A ledger that tells these trails, and otherwise what it has. */
function ledgerOf(trail: readonly AuditEntry[]): {
  readonly ledger: Ledger;
  readonly asked: Map<string | undefined, Date | undefined>;
} {
  const asked = new Map<string | undefined, Date | undefined>();
  const ledger: Ledger = {
    ...createMemoryLedger(),
    audit: async (of, since) => {
      if ('arn' in of) return [];
      asked.set(of.project, since);
      return trail.filter(
        ({ decision, at }) => decision.project === of.project && (since === undefined || at >= since),
      );
    },
  };
  return { ledger, asked };
}

const SPAN = { from: new Date('2026-11-01T00:00:00.000Z'), to: new Date('2026-12-01T00:00:00.000Z') };
const NOW = new Date('2026-11-20T00:00:00.000Z');

describe('what is read', () => {
  it('is the trail of every project: of the policy, seen by the meter, billed, restorable, or none', async () => {
    const { ledger, asked } = ledgerOf([]);
    await ledger.saveMeterRecords(
      [
        {
          record: record(resource('i-1'), [{ ...on(after(-5)), project: 'metered' }, off(FRIDAY)]),
          version: undefined,
        },
      ],
      NOW,
    );
    await ledger.saveBilledDays(ACCOUNT, [
      {
        day: '2026-11-12',
        billedAsOf: NOW,
        billed: new Map([
          ['billed', new Map()],
          ['', new Map()],
        ]),
      },
    ]);
    await ledger.saveRestore({
      arn: 'arn:x',
      resource: resource('i-2'),
      project: 'restorable',
      trigger: 'idle',
      savedAt: FRIDAY,
      state: 'stopped',
      record: {},
    });
    const fleet = [resource('i-3', { tags: { project: 'tagged' } })];
    await readSavings({ policy: POLICY, ledger, account: ACCOUNT, now: NOW, fleet }, SPAN);
    expect([...asked.keys()].map(String).sort()).toEqual([
      'billed',
      'metered',
      'recsys',
      'restorable',
      'tagged',
      'undefined',
      'vision',
    ]);
    // What was stopped as long before as one stop is believed counts still.
    expect(asked.get('recsys')).toEqual(new Date('2026-10-02T00:00:00.000Z'));
  });

  it('takes the discount of the policy, and no stop for longer than is asked for', async () => {
    const { ledger } = ledgerOf([
      stop(resource('i-1'), FRIDAY, { project: 'vision' }),
      stop(resource('i-2'), FRIDAY, { project: 'recsys' }),
    ]);
    const found = await readSavings(
      { policy: POLICY, ledger, account: ACCOUNT, now: NOW, fleet: undefined },
      { ...SPAN, atMostSeconds: 10 * 3_600 },
    );
    expect(found.byProject).toEqual([
      { project: 'recsys', saved: usd('10'), stops: 1 },
      { project: 'vision', saved: usd('7.5'), stops: 1 },
    ]);
    const { total } = await readSavings(
      { policy: POLICY, ledger, account: ACCOUNT, now: NOW, fleet: undefined },
      { ...SPAN, atMostSeconds: 10 * 3_600, project: 'vision' },
    );
    expect(total).toBe(usd('7.5'));
  });

  it('takes what is not in the fleet for gone, but not where nobody looked', async () => {
    const { ledger } = ledgerOf([
      stop(resource('i-1'), FRIDAY),
      stop(resource('i-2', { region: 'ap-south-1' }), FRIDAY),
      stop(resource('i-3', { consent: 'terminate-spot' }), FRIDAY),
      stop(resource('ranker', { kind: 'sagemaker-endpoint' }), FRIDAY),
    ]);
    const { stops } = await readSavings(
      { policy: POLICY, ledger, account: ACCOUNT, now: NOW, fleet: [] },
      SPAN,
    );
    expect(new Map(stops.map(({ id, by }) => [id, by]))).toEqual(
      new Map([
        ['i-1', 'gone'],
        ['i-2', 'now'],
        ['i-3', 'now'],
        ['ranker', 'now'],
      ]),
    );
  });
});

it('is the same by the handlers as they are deployed', async () => {
  const simulation = createSimulation({
    policy:
      'version: 1\nprojects: { recsys: { budget: 100000 USD } }\npolicies: [{ name: development, match: { environment: dev }, idle: { after: 30m, do: stop } }]\nlimits: { maxStopsPerSweep: 100, maxFleetShare: 100% }\n',
    start: new Date('2026-11-13T16:00:00.000Z'),
    prices: { 'ml.p4d.24xlarge': '37.688' },
  });
  simulation.account.endpoints.set('ranker', {
    name: 'ranker',
    type: 'ml.p4d.24xlarge',
    cores: 96,
    gpus: 8,
    tags: { project: 'recsys', environment: 'dev' },
    since: new Date('2026-11-02T08:00:00.000Z'),
    use: () => ({ cpu: 0.2, gpu: 0, invocations: 0 }),
  });
  const now = new Date('2026-11-13T18:00:00.000Z');
  await simulation.run(now);
  const stoppedAt = simulation.account.endpoints.get('ranker')?.deletedAt;
  const { policy, ledger } = simulation;
  const found = await readSavings(
    { policy, ledger, account: ACCOUNT, now, fleet: await discoverFleet(simulation.regions) },
    SPAN,
  );
  expect(found.stops).toMatchObject([{ id: 'ranker', by: 'now', stoppedAt, until: now }]);
  expect(found.total > 0n).toBe(true);
});
