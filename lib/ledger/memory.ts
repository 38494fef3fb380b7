import type { Ledger } from './ledger.ts';
import { actionsIn } from './memory/actions.ts';
import { alertsIn } from './memory/alerts.ts';
import { approvalsIn } from './memory/approvals.ts';
import { keepsIn } from './memory/keeps.ts';
import { marksIn } from './memory/marks.ts';
import { meterIn } from './memory/meter.ts';
import { idsIn } from './memory/once.ts';
import { pricesIn } from './memory/prices.ts';
import { restoresIn } from './memory/restores.ts';
import { slotsIn } from './memory/slots.ts';
import { spendIn } from './memory/spend.ts';
import { toldIn } from './memory/told.ts';
import { trail } from './memory/trail.ts';
import { watchesIn } from './memory/watches.ts';

/** A ledger in this process's memory, with all that the interface promises; for tests and simulation. */
export function createMemoryLedger(): Ledger {
  const { audit, append } = trail();
  return {
    ...actionsIn(append),
    audit,
    ...watchesIn(),
    ...marksIn(),
    ...restoresIn(),
    ...keepsIn(),
    ...approvalsIn(),
    ...alertsIn(),
    ...pricesIn(),
    ...meterIn(),
    ...spendIn(),
    ...idsIn(),
    ...toldIn(),
    ...slotsIn(),
  };
}
