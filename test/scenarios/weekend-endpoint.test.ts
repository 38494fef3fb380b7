import { describe, expect, it } from 'vitest';
import { costOver, formatUsd, parseUsd, ZERO_USD } from '../../lib/types/money.ts';
import { createSimulation } from '../support/simulation.ts';

/** A Friday. */
const LAST_USE = new Date('2026-11-13T18:00:00.000Z');
const MONDAY = new Date('2026-11-16T09:00:00.000Z');
const ARN = 'arn:aws:sagemaker:us-east-1:111122223333:endpoint/ranker';
const HOURLY = '37.688';

const POLICY = `
version: 1
projects: { recsys: { owner: team-beta, budget: 100000 USD } }
policies:
  - name: development
    match: { environment: dev }
    idle: { after: 45m, warn: 15m, do: stop }
`;

async function weekend() {
  const simulation = createSimulation({
    policy: POLICY,
    start: new Date('2026-11-13T16:00:00.000Z'),
    prices: { 'ml.p4d.24xlarge': HOURLY },
  });
  simulation.account.endpoints.set('ranker', {
    name: 'ranker',
    type: 'ml.p4d.24xlarge',
    cores: 96,
    gpus: 8,
    tags: { project: 'recsys', environment: 'dev', team: 'beta' },
    since: new Date('2026-11-02T08:00:00.000Z'),
    use: (minute) =>
      minute < LAST_USE ? { cpu: 20, gpu: 40, invocations: 12 } : { cpu: 0.2, gpu: 0, invocations: 0 },
  });
  await simulation.run(MONDAY);
  return simulation;
}

describe('an endpoint that nobody uses from Friday 18:00 to Monday 09:00', async () => {
  const { account, alerts, ledger, dead } = await weekend();
  const stoppedAt = account.endpoints.get('ranker')?.deletedAt ?? MONDAY;
  const hourly = parseUsd(HOURLY) ?? ZERO_USD;
  const cost = (from: Date, to: Date) => formatUsd(costOver(hourly, to.getTime() - from.getTime()));

  it('is shut down at 18:45', () => {
    expect(stoppedAt.toISOString()).toBe('2026-11-13T18:45:00.000Z');
    expect(account.effects).toHaveLength(1);
  });

  it('has cost $28.27 instead of $2,374.34: $2,346.08 are saved', () => {
    expect(cost(LAST_USE, MONDAY)).toBe('$2,374.34');
    expect(cost(LAST_USE, stoppedAt)).toBe('$28.27');
    expect(cost(stoppedAt, MONDAY)).toBe('$2,346.08');
  });

  it('is announced 15 minutes before, and told once', () => {
    expect(alerts.map(({ at, severity, title }) => [at.slice(11, 16), severity, title] as const)).toEqual([
      ['18:30', 'warning', '1 idle resource of recsys will be stopped at 2026-11-13 18:45 UTC'],
      ['18:45', 'info', '1 idle resource of recsys stopped'],
      // On Monday.
      ['08:00', 'info', 'The week in account 111122223333'],
    ]);
    expect(alerts[1]?.items).toMatchObject([
      { arn: ARN, requested: 'stop', status: 'taken', hourly: HOURLY },
    ]);
    expect(dead).toEqual([]);
  });

  it('can be made again: configuration, variants, tags and scaling were kept before', async () => {
    const restore = await ledger.restoreRecord(ARN);
    expect(restore?.record).toMatchObject({
      endpointConfigName: 'ranker-config',
      endpointConfig: {
        ProductionVariants: [{ ModelName: 'ranker-model', InstanceType: 'ml.p4d.24xlarge' }],
      },
      variants: [{ VariantName: 'main', CurrentInstanceCount: 1 }],
      tags: { project: 'recsys', environment: 'dev', team: 'beta' },
      scalableTargets: [{ ResourceId: 'endpoint/ranker/variant/main', MinCapacity: 1, MaxCapacity: 4 }],
    });
    expect(restore?.savedAt).toEqual(stoppedAt);
  });

  it('has its trail: intent before outcome, of the warning and of the stop', async () => {
    const trail = await ledger.audit({ arn: ARN });
    expect(trail.map(({ decision, event }) => `${decision.action} ${event}`)).toEqual([
      'warn intended',
      'warn taken',
      'stop intended',
      'stop taken',
    ]);
  });
});
