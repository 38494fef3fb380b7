import type { Ledger } from '../ledger/ledger.ts';
import { daysBefore } from '../meter/days.ts';
import type { Bill } from '../types/cost.ts';
import type { ByProject, SpendDay } from '../types/meter.ts';
import { sumUsd, type Usd } from '../types/money.ts';

/**
 * A ledger that takes the word of a bill for days that Cost Explorer was never asked about: those of before Bursar was
 * deployed, and all where it is not. What it knows itself stands.
 * @param asOf when the bill was read
 */
export function withBill(ledger: Ledger, bill: Bill, asOf: Date): Ledger {
  // It knows no more than the ledger does.
  if (bill.source === 'ledger') return ledger;
  const billed = billedOf(bill);
  return {
    ...ledger,
    spendDays: async (account, from, to) => {
      const known = new Map((await ledger.spendDays(account, from, to)).map((day) => [day.day, day]));
      const first = from > bill.from ? from : bill.from;
      const last = to < bill.to ? to : bill.to;
      for (let day = first; day <= last; day = daysBefore(day, -1)) {
        const one = known.get(day);
        if (one?.billedAsOf !== undefined) continue;
        const bought: ByProject = billed.get(day) ?? new Map();
        known.set(day, { day, metered: undefined, ...one, billedAsOf: asOf, billed: bought });
      }
      return [...known.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
    },
  };
}

function billedOf({ lines }: Bill): ReadonlyMap<SpendDay['day'], ByProject> {
  const days = new Map<string, Map<string, Map<string, Usd>>>();
  for (const { day, project, service, cost } of lines) {
    const projects = days.get(day) ?? new Map<string, Map<string, Usd>>();
    const services = projects.get(project) ?? new Map<string, Usd>();
    const before = services.get(service);
    services.set(service, before === undefined ? cost : sumUsd([before, cost]));
    days.set(day, projects.set(project, services));
  }
  return days;
}
