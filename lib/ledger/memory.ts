import type { Ledger } from './ledger.ts';
import { actionsIn } from './memory/actions.ts';
import { alertsIn } from './memory/alerts.ts';
import { approvalsIn } from './memory/approvals.ts';
import type { Form } from './memory/copied.ts';
import { keepsIn } from './memory/keeps.ts';
import { marksIn } from './memory/marks.ts';
import { meterIn } from './memory/meter.ts';
import { idsIn } from './memory/once.ts';
import { pricesIn } from './memory/prices.ts';
import { reportsIn } from './memory/reports.ts';
import { reservationsIn } from './memory/reservations.ts';
import { restoresIn } from './memory/restores.ts';
import { slotsIn } from './memory/slots.ts';
import { spendIn } from './memory/spend.ts';
import { toldIn } from './memory/told.ts';
import { trail } from './memory/trail.ts';
import { watchesIn } from './memory/watches.ts';

/** Lines of a resource's trail that are enough to go on with its stops and restores. */
const NEWEST = 12;

/**
 * A ledger in this process's memory, with all that the interface promises; for tests and simulation.
 * @param form `objects` keeps what is written as it is, and of each resource's trail the newest lines alone: quick, and
 * for whoever never changes what they wrote
 */
export function createMemoryLedger(form: Form = 'text'): Ledger {
  const { audit, append } = trail(form === 'text' ? Number.POSITIVE_INFINITY : NEWEST);
  return {
    ...actionsIn(append, form),
    audit,
    ...watchesIn(form),
    ...marksIn(),
    ...restoresIn(form),
    ...keepsIn(),
    ...approvalsIn(),
    ...alertsIn(form),
    ...pricesIn(),
    ...meterIn(form),
    ...spendIn(),
    ...reservationsIn(),
    ...reportsIn(),
    ...idsIn(),
    ...toldIn(),
    ...slotsIn(),
  };
}
