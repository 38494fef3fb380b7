import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type GateDeps, gate, handler } from '../../lambdas/gate.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { METRICS, METRICS_NAMESPACE } from '../../lib/types/metric.ts';
import { depsOf, later, ledgerWith, NOW } from '../gate/run-time-fixtures.ts';
import { context, quietConsole } from './fixtures.ts';

const ASK = {
  requestId: 'exec-1',
  project: 'recsys',
  job: { instanceType: 'ml.p3.2xlarge', count: '2', maxRuntimeSeconds: '36000' },
};

let quiet: ReturnType<typeof quietConsole>;
beforeEach(() => {
  quiet = quietConsole();
  vi.stubEnv('POWERTOOLS_DEV', 'true');
});
afterEach(() => {
  quiet.restore();
  vi.unstubAllEnvs();
});

async function setUp(billed: string, now = NOW, more: Partial<Ledger> = {}) {
  const ledger = { ...(await ledgerWith(billed)), ...more };
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName: 'gate' });
  const counted: string[] = [];
  vi.spyOn(metrics, 'addMetric').mockImplementation((name) => {
    counted.push(name);
    return metrics;
  });
  const deps: GateDeps = { ...depsOf(ledger, now), tools: { logger: new Logger(), metrics } };
  return { counted, ask: (event: unknown, withinMs = 5_000) => gate(event, withinMs, deps) };
}

describe('the gate', () => {
  it('answers flat: what pipelines take as outputs are texts and numbers', async () => {
    const { ask, counted } = await setUp('4000');
    const answer = await ask(ASK);
    expect(answer).toMatchObject({ verdict: 'pass', cost: 76.5, projected: 4_076.5, pick: 'ml.p3.2xlarge' });
    for (const value of Object.values(answer)) expect(['string', 'number']).toContain(typeof value);
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
    expect(counted).toEqual([METRICS.gatePassed]);
  });

  it('counts what it does not let through', async () => {
    const { ask, counted } = await setUp('4950');
    expect((await ask(ASK)).verdict).toBe('over');
    expect(counted).toEqual([METRICS.gateRefused]);
  });

  it('throws each answer that is an error, by the names that a state machine catches, and as no failure', async () => {
    const over = await setUp('4950');
    await expect(over.ask({ ...ASK, failOver: true })).rejects.toMatchObject({ name: 'OverBudget' });
    expect(over.counted).toEqual([METRICS.gateRefused]);
    const wrong = await setUp('0');
    await expect(wrong.ask({})).rejects.toMatchObject({ name: 'GateInputError' });
    expect(wrong.counted).toEqual([]);
    const silent = await setUp('0', later(45));
    await expect(silent.ask(ASK)).rejects.toMatchObject({ name: 'GateNotReady' });
    expect(silent.counted).toEqual([]);
  });

  it('counts as a failure what is none of its answers', async () => {
    const broken = async (): Promise<never> => {
      throw new Error('DynamoDB is out.');
    };
    const { ask, counted } = await setUp('0', NOW, { projectMarks: broken });
    await expect(ask(ASK)).rejects.toThrow('DynamoDB is out.');
    expect(counted).toEqual([METRICS.gateFailed]);
  });

  it('counts it as a failure where the ledger does not answer in time', async () => {
    const { ask, counted } = await setUp('0', NOW, { projectMarks: () => new Promise(() => {}) });
    await expect(ask(ASK, 20)).rejects.toThrow('There was no answer within 20 ms.');
    expect(counted).toEqual([METRICS.gateFailed]);
  });

  it('as deployed says what its environment lacks', async () => {
    await expect(handler(ASK, context)).rejects.toThrow(/^gate: the environment is wrong/);
  });
});
