import { describe, expect, it } from 'vitest';
import { alertsFromBatch } from '../../lib/alerts/from-outcomes.ts';
import { toSlack } from '../../lib/alerts/slack.ts';
import { toText } from '../../lib/alerts/text.ts';
import { anomaliesDecision, anomalyDecision } from '../../lib/decide/spend-anomaly-decision.ts';
import type { SpendAnomaly } from '../../lib/types/anomaly.ts';
import type { Decision } from '../../lib/types/decision.ts';
import { decodeDecision, encodeDecision } from '../../lib/types/wire.ts';
import { ACCOUNT, AT, policy, taken, undo, usd } from './fixtures.ts';

const anomaly = (change: Partial<SpendAnomaly> = {}): SpendAnomaly => ({
  project: 'recsys',
  day: '2026-11-21',
  by: 'bill',
  spent: usd('1240'),
  expected: usd('310'),
  low: usd('242.5'),
  high: usd('398.2'),
  services: [
    { service: 'Amazon SageMaker', spent: usd('930'), expected: usd('45') },
    { service: 'Amazon Elastic Compute Cloud - Compute', spent: usd('300'), expected: usd('260') },
  ],
  ...change,
});

/** The alert of a decision that has travelled as JSON. */
function alertOf(decision: Decision) {
  const travelled = decodeDecision(JSON.parse(JSON.stringify(encodeDecision(decision))));
  expect(travelled).toEqual(decision);
  const [alert, ...others] = alertsFromBatch({
    batch: 'b1',
    at: AT,
    account: ACCOUNT,
    policy,
    undo,
    results: [{ decision: travelled, outcome: taken('People are told.') }],
  });
  if (alert === undefined) throw new Error('no alert');
  expect(others).toEqual([]);
  return alert;
}

describe('the alert of an unusual day', () => {
  it('tells the project’s people the day, what was expected, what is usual, the services and what to do', () => {
    const alert = alertOf(anomalyDecision(anomaly()));
    expect(alert).toMatchObject({
      kind: 'anomaly',
      severity: 'warning',
      project: 'recsys',
      owner: policy.projects.recsys?.owner,
      slack: policy.projects.recsys?.slack,
      title: 'recsys cost $1,240.00 on Saturday 2026-11-21 instead of about $310.00',
    });
    expect(alert.reason).toBe(
      'Project recsys spent $1,240.00 on Saturday 2026-11-21 (UTC), as AWS has billed it. By its last weeks, $310.00 was expected of this Saturday, and $242.50 to $398.20 would be usual. It comes from Amazon SageMaker ($930.00 instead of $45.00) and Amazon Elastic Compute Cloud - Compute ($300.00 instead of $260.00).',
    );
    expect(alert.next).toContain('`bursar status --project recsys`');
    expect(toText(alert).replace(/\s+/g, ' ')).toContain('$242.50 to $398.20 would be usual');
    expect(JSON.stringify(toSlack(alert))).toContain('$242.50 to $398.20 would be usual');
  });

  it('of what has no project says how it gets one', () => {
    const alert = alertOf(
      anomalyDecision(anomaly({ project: undefined, by: 'meter', services: [], expected: usd('0.2') })),
    );
    expect(alert.title).toBe(
      'What has no project cost $1,240.00 on Saturday 2026-11-21 instead of next to nothing',
    );
    expect(alert).not.toHaveProperty('project');
    expect(alert.reason).toMatch(
      /^What has no project spent .*, as the meter estimates it by price × running time\. By its last weeks,.* would be usual\.$/,
    );
    expect(alert.next).toContain('`bursar tag --fix`');
  });

  it('of a project whose name is a command of a shell has it nowhere as a command', () => {
    const alert = alertOf(anomalyDecision(anomaly({ project: 'a; rm -rf\n/' })));
    expect(alert.next).toContain('`bursar status`');
    expect(alert.title).not.toContain('\n');
  });
});

it('many on one day are one alert, a sentence each', () => {
  const alert = alertOf(
    anomaliesDecision([anomaly(), anomaly({ project: undefined, spent: usd('400') })], '2026-11-22'),
  );
  expect(alert).toMatchObject({
    kind: 'anomaly',
    title: '2 more days of projects cost far more than usual',
    lines: [
      'Project recsys spent $1,240.00 on Saturday 2026-11-21 (UTC), where $310.00 was expected.',
      'What has no project spent $400.00 on Saturday 2026-11-21 (UTC), where $310.00 was expected.',
    ],
  });
  expect(alert).not.toHaveProperty('project');
  expect(toText(alert)).toContain('What has no project spent $400.00');
});
