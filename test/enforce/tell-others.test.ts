import { expect, it } from 'vitest';
import { carryOutAndTell } from '../../lib/enforce/tell-others.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import type { Alert } from '../../lib/types/alert.ts';
import type { Decision } from '../../lib/types/decision.ts';
import { ACCOUNT, AT } from '../alerts/fixtures.ts';
import { batchOf, enforceDeps, target } from './fixtures.ts';

it('what is asked for at the command line is told to the others, once', async () => {
  const alerts: Alert[] = [];
  const ledger = createMemoryLedger();
  const deps = {
    ...enforceDeps({ now: () => AT }, { ledger }),
    account: ACCOUNT,
    publish: async (alert: Alert) => void alerts.push(alert),
  };
  const keep: Decision = {
    action: 'keep',
    key: 'keep/1',
    project: 'recsys',
    reason: 'ana (command line) keeps it.',
    target: target(),
    until: new Date(AT.getTime() + 7_200_000),
    by: 'ana (command line)',
  };
  for (let call = 0; call < 2; call += 1) await carryOutAndTell(batchOf([keep], 'keep/1'), deps);
  expect(alerts).toMatchObject([{ kind: 'keep', project: 'recsys', items: [{ id: target().id }] }]);
  expect(alerts[0]?.title).toContain('ana (command line)');
});
