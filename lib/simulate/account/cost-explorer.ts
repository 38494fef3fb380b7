import {
  CostExplorerClient,
  CostExplorerServiceException,
  GetCostAndUsageCommand,
  type GetCostAndUsageCommandInput,
  type GetCostAndUsageCommandOutput,
  type Group,
} from '@aws-sdk/client-cost-explorer';
import { answering } from './answering.ts';
import type { AccountState, MemoryBill } from './state.ts';

const DAY_MS = 86_400_000;

/**
 * Answers by day or month, by the tag and, where that is asked, the service; all in one page. moto's Cost Explorer
 * answers only what is queued in it, whatever is asked.
 */
export function costExplorerIn({ billing, asked, health }: AccountState): CostExplorerClient {
  return answering(new CostExplorerClient({ region: 'us-east-1' })).on(
    GetCostAndUsageCommand,
    (input): Partial<GetCostAndUsageCommandOutput> => {
      asked.costExplorer += 1;
      if (!health.costExplorer) throw DOWN;
      const bills = billing.bills();
      return {
        ResultsByTime: periodsOf(input).map(([Start, End]) => ({
          TimePeriod: { Start, End },
          Groups: groupsOf(
            bills.filter(({ day }) => day >= Start && day < End),
            input,
          ),
          Estimated: true,
        })),
      };
    },
  ).client;
}

const DOWN = new CostExplorerServiceException({
  name: 'InternalServerException',
  message: 'Cost Explorer is down.',
  $fault: 'server',
  $metadata: { httpStatusCode: 500 },
});

/** First day and the day after the last one of each period. */
function periodsOf({ TimePeriod, Granularity }: GetCostAndUsageCommandInput): [string, string][] {
  const { Start = '', End = '' } = TimePeriod ?? {};
  const periods: [string, string][] = [];
  for (let start = new Date(Start); dayOf(start) < End; ) {
    const end =
      Granularity === 'MONTHLY'
        ? new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1))
        : new Date(start.getTime() + DAY_MS);
    periods.push([dayOf(start), dayOf(end)]);
    start = end;
  }
  return periods;
}

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

function groupsOf(
  bills: readonly MemoryBill[],
  { GroupBy = [], Metrics = [] }: GetCostAndUsageCommandInput,
): Group[] {
  const keysOf = ({ project, service }: MemoryBill) =>
    GroupBy.map(({ Type, Key = '' }) => (Type === 'TAG' ? `${Key}$${project}` : service));
  return [...Map.groupBy(bills, (bill) => JSON.stringify(keysOf(bill))).values()].flatMap((some): Group[] => {
    const [first] = some;
    if (first === undefined) return [];
    const Amount = String(some.reduce((sum, { usd }) => sum + usd, 0));
    return [
      {
        Keys: keysOf(first),
        Metrics: Object.fromEntries(Metrics.map((name) => [name, { Amount, Unit: 'USD' }])),
      },
    ];
  });
}
