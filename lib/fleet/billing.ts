import type { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { serviceName } from '../bill/services.ts';
import { daysBefore } from '../meter/days.ts';
import type { ByProject } from '../types/meter.ts';
import { microUsd, type Usd } from '../types/money.ts';
import { SPEND_METRIC } from '../types/spend-basis.ts';
import { amountOf, byTag, type CostQuestion, gross, readCostPage, valueOfGroup } from './cost-pages.ts';

/** How a question to Cost Explorer may be asked. */
export interface BillingQuestion {
  /** The tag that names the project; it must be activated as a cost allocation tag. */
  readonly tagKey: string;
  /** First and last, both included. */
  readonly from: string;
  readonly to: string;
  /** Asked before each request, of which every page is one; false = no more may be made. */
  readonly request: () => Promise<boolean>;
}

/** `out-of-requests`: there was more to read than requests were allowed; `pages` were read, and none of them counts. */
export type BillingAnswer<T> =
  | { readonly state: 'read'; readonly billed: T }
  | { readonly state: 'out-of-requests'; readonly pages: number };

/** Cost Explorer knows so many months before the current one. */
export const MONTHS_KNOWN = 13;

/**
 * What was billed for each day from `from` to `to` (`YYYY-MM-DD`, UTC) by project and service; days without any cost
 * have an entry too. In the management account of an organisation it is that of all its accounts, as of AWS Budgets.
 * @throws what Cost Explorer answers, and an Error where the answer cannot be read.
 */
export async function readBilledDays(
  client: CostExplorerClient,
  { tagKey, from, to, request }: BillingQuestion,
): Promise<BillingAnswer<ReadonlyMap<string, ByProject>>> {
  const answer = await readSpend(
    client,
    {
      TimePeriod: { Start: from, End: dayAfter(to) },
      Granularity: 'DAILY',
      GroupBy: [byTag(tagKey), { Type: 'DIMENSION', Key: 'SERVICE' }],
    },
    request,
  );
  if (answer.state === 'out-of-requests') return answer;
  const days = new Map<string, Map<string, Map<string, Usd>>>();
  for (let day = from; day <= to; day = dayAfter(day)) days.set(day, new Map());
  for (const { start, keys, amount } of answer.billed) {
    const [tag = '', service = ''] = keys;
    const day = days.get(start);
    if (day === undefined) continue;
    const project = valueOfGroup(tag, tagKey);
    const services = day.get(project) ?? new Map<string, Usd>();
    add(services, serviceName(service), amount);
    day.set(project, services);
  }
  return { state: 'read', billed: days };
}

/**
 * What was billed for each month from `from` to `to` (`YYYY-MM`, UTC) by project; months without any cost have an
 * entry too. Cost Explorer knows thirteen months before the current one (its user guide).
 * @throws what Cost Explorer answers, and an Error where the answer cannot be read.
 */
export async function readBilledMonths(
  client: CostExplorerClient,
  { tagKey, from, to, request }: BillingQuestion,
): Promise<BillingAnswer<ReadonlyMap<string, ReadonlyMap<string, Usd>>>> {
  const answer = await readSpend(
    client,
    {
      TimePeriod: { Start: `${from}-01`, End: `${monthAfter(to)}-01` },
      Granularity: 'MONTHLY',
      GroupBy: [byTag(tagKey)],
    },
    request,
  );
  if (answer.state === 'out-of-requests') return answer;
  const months = new Map<string, Map<string, Usd>>();
  for (let month = from; month <= to; month = monthAfter(month)) months.set(month, new Map());
  for (const { start, keys, amount } of answer.billed) {
    const [tag = ''] = keys;
    const month = months.get(start.slice(0, 7));
    if (month !== undefined) add(month, valueOfGroup(tag, tagKey), amount);
  }
  return { state: 'read', billed: months };
}

/** One group of one period. */
interface Row {
  /** `YYYY-MM-DD`. */
  readonly start: string;
  /** In the order of `GroupBy`. */
  readonly keys: readonly string[];
  readonly amount: Usd;
}

async function readSpend(
  client: CostExplorerClient,
  question: Pick<CostQuestion, 'TimePeriod' | 'Granularity' | 'GroupBy'>,
  request: () => Promise<boolean>,
): Promise<BillingAnswer<readonly Row[]>> {
  const rows: Row[] = [];
  let pages = 0;
  let token: string | undefined;
  do {
    if (!(await request())) return { state: 'out-of-requests', pages };
    const page = await readCostPage(client, { ...question, Metrics: [SPEND_METRIC], Filter: gross() }, token);
    for (const { start, keys, amounts } of page.rows)
      rows.push({ start, keys, amount: amountOf(amounts, SPEND_METRIC) });
    pages += 1;
    token = page.next;
  } while (token !== undefined);
  return { state: 'read', billed: rows };
}

function add(sums: Map<string, Usd>, name: string, amount: Usd): void {
  if (amount !== 0n) sums.set(name, microUsd((sums.get(name) ?? 0n) + amount));
}

const dayAfter = (day: string): string => daysBefore(day, -1);

function monthAfter(month: string): string {
  const first = new Date(`${month}-01`);
  first.setUTCMonth(first.getUTCMonth() + 1);
  return first.toISOString().slice(0, 7);
}
