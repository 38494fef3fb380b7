import type { TagProposalAnswer } from '../people/tags-answer.ts';
import { chunks } from '../types/lists.ts';
import type { Outcome } from '../types/outcome.ts';
import { group } from './group.ts';
import type { Io } from './io.ts';
import { withProgress } from './progress.ts';
import type { RemoteOptions } from './remote-options.ts';
import { credentialsFailed, tagMend } from './tag-mend.ts';

/** The tags that one resource is given. */
export interface TagOrder {
  readonly arn: string;
  readonly region: string;
  readonly set: Readonly<Record<string, string>>;
}

/** What became of an order. */
export type Tagged =
  | { readonly status: 'tagged' }
  /** `text`: what AWS said, and how to mend it. */
  | { readonly status: 'failed'; readonly code: string; readonly text: string }
  /** `text`: what kept it from being tried. */
  | { readonly status: 'not-tried'; readonly text: string };

/** The tagging API takes so many ARNs a call. */
const PER_CALL = 20;
/** Fewer calls than this are over before anybody wonders. */
const LONG = 4;
/** Between a refusal that passes and the second try. */
const PAUSE_MS = 2_000;

/** All that is to be written on each resource, in one order. */
export function ordersOf(proposals: readonly TagProposalAnswer[]): readonly TagOrder[] {
  return [...group(proposals, ({ arn }) => arn)].flatMap(([arn, some]) => {
    const [first] = some;
    return first === undefined
      ? []
      : [{ arn, region: first.region, set: Object.assign({}, ...some.map(({ set }) => set)) }];
  });
}

/**
 * Writes tags by the Resource Groups Tagging API, in the region of each resource and by the caller's own credentials.
 * Never throws: each order has its outcome, by ARN. Where the credentials fail, nothing more is tried.
 */
export async function applyTags(
  orders: readonly TagOrder[],
  io: Pick<Io, 'lively' | 'now' | 'sleep'>,
  { profile }: Pick<RemoteOptions, 'profile'>,
): Promise<ReadonlyMap<string, Tagged>> {
  const { ResourceGroupsTaggingAPIClient } = await import('@aws-sdk/client-resource-groups-tagging-api');
  const [{ tagResources }, { PATIENCE }] = await Promise.all([
    import('../fleet/tag.ts'),
    import('../fleet/patience.ts'),
  ]);
  const calls = callsFor(orders);
  const done = new Map<string, Tagged>();
  const clients = new Map<string, InstanceType<typeof ResourceGroupsTaggingAPIClient>>();
  const clientOf = (region: string) => {
    const client =
      clients.get(region) ??
      new ResourceGroupsTaggingAPIClient({
        region,
        ...PATIENCE,
        ...(profile === undefined ? {} : { profile }),
      });
    clients.set(region, client);
    return client;
  };

  const write = async ({ region, set, arns }: Call): Promise<ReadonlyMap<string, Outcome>> => {
    const deps = { tagging: clientOf(region), now: io.now };
    const outcomes = new Map(await tagResources(arns, set, deps));
    const again = arns.filter((arn) => passes(outcomes.get(arn)));
    if (again.length === 0) return outcomes;
    await io.sleep(PAUSE_MS);
    return new Map([...outcomes, ...(await tagResources(again, set, deps))]);
  };

  const work = async (tell: (count: number) => void): Promise<void> => {
    let refusal: string | undefined;
    for (const call of calls) {
      if (refusal !== undefined) {
        for (const arn of call.arns) done.set(arn, { status: 'not-tried', text: refusal });
        continue;
      }
      for (const [arn, outcome] of await write(call)) {
        done.set(arn, taggedOf(arn, outcome));
        if (outcome.status === 'failed' && credentialsFailed(outcome.code)) {
          refusal = 'Not tried: the credentials failed before.';
        }
      }
      tell(done.size);
    }
  };
  const title = (count: number): string => `Tagging: ${count} of ${orders.length} done`;
  if (calls.length < LONG) await work(() => {});
  else await withProgress(io, title, work);
  return done;
}

interface Call {
  readonly region: string;
  readonly set: TagOrder['set'];
  readonly arns: readonly string[];
}

/** Resources of one region that are given the same tags go together. */
const callsFor = (orders: readonly TagOrder[]): readonly Call[] =>
  [
    ...group(orders, ({ region, set }) => JSON.stringify([region, Object.entries(set).sort(byKey)])).values(),
  ].flatMap((some) =>
    chunks([...some], PER_CALL).flatMap((few) => {
      const [first] = few;
      return first === undefined
        ? []
        : [{ region: first.region, set: first.set, arns: few.map(({ arn }) => arn) }];
    }),
  );

const byKey = ([a]: readonly [string, string], [b]: readonly [string, string]): number =>
  a < b ? -1 : Number(a > b);

const passes = (outcome: Outcome | undefined): boolean => outcome?.status === 'failed' && outcome.retry;

function taggedOf(arn: string, outcome: Outcome): Tagged {
  switch (outcome.status) {
    case 'taken':
      return { status: 'tagged' };
    case 'skipped':
    case 'failed':
      return { status: 'failed', code: outcome.code, text: tagMend(arn, outcome) };
  }
}
