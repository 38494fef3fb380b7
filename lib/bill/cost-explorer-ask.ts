import {
  type CostExplorerClient,
  type DateInterval,
  GetDimensionValuesCommand,
  GetTagsCommand,
} from '@aws-sdk/client-cost-explorer';
import { waitFor } from '../backtest/pace.ts';
import { errorCode, errorMessage, isTransient } from '../fleet/aws-errors.ts';
import { MONTHS_KNOWN } from '../fleet/billing.ts';
import { type CostQuestion, type CostRow, readCostPage } from '../fleet/cost-pages.ts';
import { BillError } from './bill-error.ts';
import type { Place } from './cost-explorer-filters.ts';

/** Asks Cost Explorer, page by page, and counts: each request costs $0.01. */
export interface Asker {
  readonly rows: (question: Omit<CostQuestion, 'TimePeriod'>) => Promise<readonly CostRow[]>;
  /** All values of a dimension or tag in the span; none of them is empty. */
  readonly values: (place: Place) => Promise<readonly string[]>;
  readonly requests: () => number;
}

/** Cost Explorer refuses many requests at once, and the client does not ask again; in milliseconds. */
const PAUSES_MS = [1_000, 3_000, 9_000] as const;

/** @param period `End` is exclusive */
export function createAsker(
  client: CostExplorerClient,
  period: { readonly Start: string; readonly End: string },
  pauses: readonly number[] = PAUSES_MS,
): Asker {
  const TimePeriod: DateInterval = period;
  let requests = 0;
  const send = async <T>(request: () => Promise<T>): Promise<T> => {
    for (const pause of [...pauses, undefined]) {
      requests += 1;
      try {
        return await request();
      } catch (error) {
        if (pause === undefined || !mayPass(error)) throw explained(error, period.Start);
        await waitFor(pause, undefined);
      }
    }
    throw new Error('unreachable');
  };
  const pages = async <T>(
    read: (
      token: string | undefined,
    ) => Promise<{ readonly items: readonly T[]; readonly next: string | undefined }>,
  ): Promise<readonly T[]> => {
    const all: T[] = [];
    let token: string | undefined;
    do {
      const page = await send(() => read(token));
      for (const item of page.items) all.push(item);
      token = page.next === '' ? undefined : page.next;
    } while (token !== undefined);
    return all;
  };
  return {
    rows: (question) =>
      pages(async (token) => {
        const { rows, next } = await readCostPage(client, { ...question, TimePeriod }, token);
        return { items: rows, next };
      }),
    values: async (place) => {
      const values = await pages(async (token) => {
        const next = token === undefined ? {} : { NextPageToken: token };
        if (place.of === 'tag') {
          const page = await client.send(new GetTagsCommand({ TimePeriod, TagKey: place.key, ...next }));
          return { items: page.Tags ?? [], next: page.NextPageToken };
        }
        const page = await client.send(
          new GetDimensionValuesCommand({
            TimePeriod,
            Dimension: place.key,
            Context: 'COST_AND_USAGE',
            ...next,
          }),
        );
        const items = (page.DimensionValues ?? []).map(({ Value = '' }) => Value);
        return { items, next: page.NextPageToken };
      });
      return values.filter((value) => value !== '');
    },
    requests: () => requests,
  };
}

/** `LimitExceededException` is how Cost Explorer says that it is asked too often (its API reference). */
const mayPass = (error: unknown): boolean =>
  isTransient(error) || errorCode(error) === 'LimitExceededException';

const ACTIONS = 'ce:GetCostAndUsage, ce:GetDimensionValues and ce:GetTags';

/** What Cost Explorer refused, as one line that says how to mend it; what it did not refuse stays as it is. */
function explained(error: unknown, from: string): unknown {
  const told = errorMessage(error).replace(/[.!]$/, '');
  const fail = (message: string) => new BillError(message, { cause: error });
  switch (errorCode(error)) {
    case 'AccessDeniedException':
      return /not enabled/i.test(told)
        ? fail(
            `Cost Explorer answers: ${told}. Open Cost Explorer once in the Billing console of this account; of a member account, the management account allows it in its preferences. Costs are known a day later.`,
          )
        : fail(`Cost Explorer may not be read: ${told}. Allow ${ACTIONS}.`);
    case 'DataUnavailableException':
      return fail(
        `Cost Explorer has no data yet: ${told}. It is ready about a day after it is first opened.`,
      );
    case 'LimitExceededException':
      return fail(`Cost Explorer is asked too often: ${told}. Wait a minute, then try again.`);
    case 'ValidationException':
      return /historical|14 months|13 months|start date/i.test(told)
        ? fail(
            `Cost Explorer does not know the bill from ${from} on: ${told}. Ask for the last ${MONTHS_KNOWN} months, or read line items (\`allocation.bill\`).`,
          )
        : fail(`Cost Explorer does not take the question: ${told}.`);
    case 'BillExpirationException':
    case 'InvalidNextTokenException':
      return fail(`The bill changed while it was read: ${told}. Try again.`);
    default:
      return error;
  }
}
