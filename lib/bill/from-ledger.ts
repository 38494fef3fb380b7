import { dayRanges } from '../allocate/words.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { daysBefore } from '../meter/days.ts';
import type { Charge, CostMatch, SharedRule } from '../policy/allocation.ts';
import { type Bill, type CostLine, dimensionText } from '../types/cost.ts';
import { BillError } from './bill-error.ts';
import { lineCharge } from './line-charge.ts';
import { firstMatch } from './match.ts';
import type { BillQuestion } from './question.ts';
import { serviceName } from './services.ts';

/** Of a bill by service, nobody knows which kinds of charges are in it. */
const UNKNOWN: ReadonlySet<Charge> = new Set(['usage', 'tax']);

/**
 * The bill as Bursar's sweeps were told of it by Cost Explorer: by project and service, free, and as old as the last
 * sweep that asked. Rules that go by anything else cannot be applied; notes say so, and of which days nothing is known.
 * @throws BillError where the span is none, and of dimensions, which it does not know; LedgerError
 */
export async function readBillFromLedger(
  ledger: Pick<Ledger, 'spendDays'>,
  { account, from, to, rules, dimensions }: BillQuestion & { readonly account: string },
): Promise<Bill> {
  if (from > to) throw new BillError(`The span of the bill ends on ${to}, before it begins on ${from}.`);
  if (dimensions.length > 0) {
    throw new BillError(
      `The ledger knows the project and the service alone, and nothing by ${dimensions.map(dimensionText).join(', ')}. Leave out --by, or read another bill.`,
    );
  }
  const days = (await ledger.spendDays(account, from, to)).filter(
    ({ day, billedAsOf }) => billedAsOf !== undefined && day >= from && day <= to,
  );
  const applied = rules.filter(({ match }) => canApply(match));
  const lines = days.flatMap(({ day, billed }) =>
    [...billed].flatMap(([project, services]) =>
      [...services].flatMap(([called, cost]): CostLine[] => {
        if (cost === 0n) return [];
        const service = serviceName(called);
        const rule = firstMatch(applied, { ...NOTHING, project, service });
        return [
          {
            day,
            project,
            rule: rule?.name,
            service,
            charge: lineCharge(service, undefined, UNKNOWN),
            cost,
          },
        ];
      }),
    ),
  );
  return {
    source: 'ledger',
    from,
    to,
    lines,
    dimensions: new Map(),
    charges: [],
    notes: [
      ...ruleNotes(rules),
      ...dayNotes(
        days.map(({ day }) => day),
        from,
        to,
      ),
    ],
  };
}

/** What the ledger does not tell of a cost. */
const NOTHING = { charge: 'usage', account: '', region: '', usageType: '', resource: '', tags: {} } as const;

/** True of rules that go by project and service alone. */
const canApply = ({ project: _project, service: _service, ...rest }: CostMatch): boolean =>
  Object.values(rest).every((value) => value === undefined);

function ruleNotes(rules: readonly SharedRule[]): readonly string[] {
  const left = rules.filter(({ match }) => !canApply(match)).map(({ name }) => `"${name}"`);
  if (left.length === 0) return [];
  const [are, they] = left.length === 1 ? ['The rule', 'it means'] : ['The rules', 'they mean'];
  return [
    `${are} ${left.join(', ')} cannot be applied to what the ledger knows, which is the project and the service alone. What ${they} stays where it is, or goes by a later rule.`,
  ];
}

function dayNotes(known: readonly string[], from: string, to: string): readonly string[] {
  const days = new Set(known);
  const unknown: string[] = [];
  for (let day = from; day <= to; day = daysBefore(day, -1)) if (!days.has(day)) unknown.push(day);
  return unknown.length === 0
    ? []
    : [`The ledger knows no bill of ${dayRanges(unknown)}: what was spent then is missing here.`];
}
