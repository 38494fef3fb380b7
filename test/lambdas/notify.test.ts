import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { describe, expect, it, vi } from 'vitest';
import { type NotifyDeps, notify } from '../../lambdas/notify.ts';
import { SlackSendError } from '../../lib/alerts/slack-error.ts';
import type { Alert } from '../../lib/types/alert.ts';
import { MAX_DELIVERIES } from '../../lib/types/queues.ts';
import { ACCOUNT, AT, alert } from '../alerts/fixtures.ts';

function setUp(send: () => Promise<'sent' | 'repeat'>, fields: Partial<NotifyDeps> = {}) {
  const metrics = new Metrics({ namespace: 'Test' });
  const counted: string[] = [];
  vi.spyOn(metrics, 'addMetric').mockImplementation((name) => {
    counted.push(name);
    return metrics;
  });
  const told: { subject: string; text: string }[] = [];
  const deps: NotifyDeps = {
    sender: { send },
    account: ACCOUNT,
    now: () => AT,
    fallback: async (message) => {
      told.push(message);
    },
    tools: { logger: new Logger({ logLevel: 'SILENT' }), metrics },
    ...fields,
  };
  const deliver = (deliveries: number, one: Alert = alert()) =>
    notify({ id: 'm', body: JSON.stringify(one), deliveries }, 10_000, deps);
  return { counted, told, deliver };
}

const gone = new SlackSendError('refused', 'Slack refused the message with HTTP 404: no_service.');
const refuse = async (): Promise<never> => {
  throw gone;
};

describe('what Slack does not take', () => {
  it('comes back until the last delivery, and nobody is told otherwise before', async () => {
    const { told, deliver } = setUp(refuse);
    for (let n = 1; n < MAX_DELIVERIES; n += 1) await expect(deliver(n)).rejects.toBe(gone);
    expect(told).toEqual([]);
  });

  it('is told otherwise at the last, with why, and still becomes a dead letter', async () => {
    const { told, deliver } = setUp(refuse);
    await expect(deliver(MAX_DELIVERIES)).rejects.toBe(gone);
    expect(told).toHaveLength(1);
    expect(told[0]?.subject).toBe('[Bursar] 1 idle resource of recsys stopped');
    expect(told[0]?.text.split('\n')[0]).toBe(
      'Slack did not take this alert: Slack refused the message with HTTP 404: no_service.',
    );
    expect(told[0]?.text).toContain('It stays stopped.');
  });

  it('fails with its own reason where the other way fails too, or there is none', async () => {
    const fallback = async (): Promise<never> => {
      throw new Error('SNS is out');
    };
    await expect(setUp(refuse, { fallback }).deliver(MAX_DELIVERIES)).rejects.toBe(gone);
    await expect(setUp(refuse, { fallback: undefined }).deliver(MAX_DELIVERIES)).rejects.toBe(gone);
  });
});

it('what Slack takes is told nowhere else', async () => {
  const { told, deliver } = setUp(async () => 'sent');
  await deliver(MAX_DELIVERIES);
  expect(told).toEqual([]);
});

describe('the canary', () => {
  const canary = alert({ kind: 'canary' });

  it.each(['sent', 'repeat'] as const)('that is %s is counted as arrived', async (sent) => {
    const { counted, deliver } = setUp(async () => sent);
    await deliver(1, canary);
    expect(counted).toEqual(['CanaryArrived']);
  });

  it('that Slack does not take is not', async () => {
    const { counted, deliver } = setUp(refuse);
    await expect(deliver(1, canary)).rejects.toBe(gone);
    expect(counted).toEqual([]);
  });

  it('is no other alert', async () => {
    const { counted, deliver } = setUp(async () => 'sent');
    await deliver(1);
    expect(counted).toEqual([]);
  });
});
