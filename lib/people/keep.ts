import { KEPT_OFTEN, mayRetry } from '../enforce/carry-out.ts';
import type { Keep } from '../ledger/ledger.ts';
import { type Policy, projectOf } from '../policy/policy.ts';
import type { KeepDecision } from '../types/decision.ts';
import { costOver } from '../types/money.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Resource } from '../types/resource.ts';
import { type Found, findResources, type Named } from './find.ts';
import { keepKey, wishId } from './keys.ts';
import { mayApprove, type Standing } from './may.ts';
import type { KeepTerm } from './request.ts';
import { localMinute, untilOf } from './until.ts';
import {
  nothingToDo,
  type Price,
  type Reply,
  refused,
  sentence,
  standings,
  type Wish,
  type WishDeps,
  whoAsked,
} from './wish.ts';

/** So many times in one running spell anybody of the project may say "not now"; the next an owner must approve. */
const FREE_KEEPS = 3;

/**
 * A keep that would gain less than this is none, in milliseconds: the second press of somebody who saw nothing change
 * at once must not use up a snooze.
 */
const GAIN_MS = 60_000;

/** What a keep comes to before anything is done: an answer, or what to do. */
type Judged = Reply | KeepDecision;

/**
 * Keeps resources from being stopped for a while. Answers come in the order of `named`, each with what it costs.
 * @throws where AWS or the ledger cannot be asked, or another worker is at the same wish: a repeat
 * finishes it.
 */
export async function keep(
  named: readonly Named[],
  term: KeepTerm,
  wish: Wish,
  deps: WishDeps,
): Promise<readonly Reply[]> {
  const { policy, ledger, account } = deps;
  const ends = untilOf(term, wish.at, { timezone: policy.timezone, keepTag: policy.tags.keepUntil });
  if (!ends.ok) return named.map(({ arn }) => refused(ends.why, arn));
  const found = await findResources(named, deps.regions);
  const resources = [...found.values()].flatMap((one) => (one.state === 'found' ? [one.resource] : []));
  const standing = await standings(
    wish,
    resources.map(({ tags }) => projectOf(policy, tags)),
    deps,
  );
  const keeps = new Map<string, Keep>();
  for (const region of new Set(resources.map(({ region }) => region))) {
    for (const [arn, kept] of await ledger.keeps(account, region, wish.at)) keeps.set(arn, kept);
  }
  const judged = named.map(({ arn }) =>
    judge(arn, found.get(arn) ?? { state: 'gone' }, { until: ends.until, keeps, standing, wish, policy }),
  );
  const decisions = judged.flatMap((one) => ('action' in one ? [one] : []));
  const done = await carryOut(decisions, wish, deps);
  return judged.map((one) => ('action' in one ? (done.get(one.key) ?? elsewhere(one)) : one));
}

function judge(
  arn: string,
  found: Found,
  {
    until,
    keeps,
    standing,
    wish,
    policy,
  }: {
    readonly until: Date;
    readonly keeps: ReadonlyMap<string, Keep>;
    readonly standing: (project: string | undefined) => Standing;
    readonly wish: Wish;
    readonly policy: Policy;
  },
): Judged {
  if (found.state === 'gone') return nothingToDo('It does not exist (any more).', arn);
  if (found.state === 'out-of-scope') return refused(found.why, arn);
  const { resource } = found;
  const project = projectOf(policy, resource.tags);
  const may = standing(project);
  if (may.role === 'none') return refused(may.why, arn);
  if (wish.approvedBy !== undefined && !mayApprove(may)) {
    return refused('Only an owner of the project or an operator may approve this.', arn);
  }
  if (resource.state === 'stopped') return nothingToDo('It does not run, so there is nothing to keep.', arn);
  const before = keeps.get(arn);
  if (before !== undefined && !isOurs(before, until, wish) && lastsAsLong(before, until)) {
    return nothingToDo(
      `It is kept until ${localMinute(before.until, policy.timezone)} already, by ${before.by}.`,
      arn,
    );
  }
  const spent =
    before !== undefined && before.since.getTime() === resource.since.getTime() ? before.count : 0;
  const most = mayApprove(may) ? undefined : FREE_KEEPS;
  if (most !== undefined && spent >= most && !(before !== undefined && isOurs(before, until, wish))) {
    return needsApproval(resource, spent, { until, wish, policy });
  }
  return {
    action: 'keep',
    key: keepKey(arn, wish.id),
    project,
    reason: sentence('keeps it', wish),
    target: resource,
    until,
    by: whoAsked(wish),
    ...(most === undefined ? {} : { most }),
  };
}

/** True of what an earlier delivery of this very wish has written: no obstacle to it, and it lengthens nothing. */
const isOurs = (before: Keep, until: Date, wish: Wish): boolean =>
  before.until.getTime() === until.getTime() && before.by === whoAsked(wish) && before.at >= wish.at;

const lastsAsLong = (before: Keep, until: Date): boolean =>
  before.until.getTime() > until.getTime() - GAIN_MS;

const needsApproval = (
  resource: Resource,
  times: number,
  { until, wish, policy }: { readonly until: Date; readonly wish: Wish; readonly policy: Policy },
): Reply => ({
  arn: resource.arn,
  status: 'needs-approval',
  text: `${wish.by.name} asks to keep it until ${localMinute(until, policy.timezone)}. It was kept ${times} times since it last started, so an owner must approve.`,
  price: priceOf(resource, wish.at, until),
});

/** Answers by key; what another batch has settled is absent. */
async function carryOut(
  decisions: readonly KeepDecision[],
  wish: Wish,
  deps: WishDeps,
): Promise<ReadonlyMap<string, Reply>> {
  if (decisions.length === 0) return new Map();
  const batch = { id: `keep/${wishId(wish.id)}`, issuedAt: wish.at, decisions };
  const { results, again } = await deps.carryOut(batch);
  if (again) throw new Error(`Part of wish ${wish.id} must be tried again.`);
  return new Map(
    results.flatMap(({ decision, outcome }) => {
      if (decision.action !== 'keep' || mayRetry(outcome)) return [];
      return [[decision.key, answerOf(decision, outcome, wish, deps.policy)] as const];
    }),
  );
}

function answerOf(decision: KeepDecision, outcome: Outcome, wish: Wish, policy: Policy): Reply {
  const { target, until, key } = decision;
  if (outcome.status === 'taken') {
    return {
      arn: target.arn,
      status: 'done',
      text: `Kept until ${localMinute(until, policy.timezone)}.`,
      price: priceOf(target, wish.at, until),
      key,
    };
  }
  // Somebody else kept it meanwhile, for the last time that needs nobody.
  if (outcome.code === KEPT_OFTEN) return needsApproval(target, FREE_KEEPS, { until, wish, policy });
  return { ...nothingToDo(outcome.detail, target.arn), key };
}

const elsewhere = ({ target, key }: KeepDecision): Reply => ({
  ...nothingToDo('It was answered before.', target.arn),
  key,
});

const priceOf = ({ hourly }: Resource, from: Date, until: Date): Price => ({
  hourly,
  cost: hourly === undefined ? undefined : costOver(hourly, until.getTime() - from.getTime()),
});
