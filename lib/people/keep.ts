import { mayRetry } from '../enforce/carry-out.ts';
import type { Keep } from '../ledger/ledger.ts';
import { type Policy, projectOf } from '../policy/policy.ts';
import type { KeepDecision } from '../types/decision.ts';
import { costOver } from '../types/money.ts';
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

/** So many times in one running spell anybody of the project may say "not now"; the next needs an owner's word. */
const FREE_KEEPS = 3;

/** What a keep comes to before anything is done: an answer, or what to do. */
type Judged = Reply | KeepDecision;

/**
 * Keeps resources from being stopped for a while. Answers come in the order of `named`, each with what it costs.
 * @throws where AWS, or the ledger cannot be asked, or another worker is at the same wish: a repeat
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
  if (found.state === 'gone') return nothingToDo('It is gone.', arn);
  if (found.state === 'out-of-scope') return refused(found.why, arn);
  const { resource } = found;
  const project = projectOf(policy, resource.tags);
  const may = standing(project);
  if (may.role === 'none') return refused(may.why, arn);
  if (resource.state === 'stopped') return nothingToDo('It does not run, so there is nothing to keep.', arn);
  const before = keeps.get(arn);
  // What an earlier delivery of this very wish has written is no obstacle to it, and lengthens nothing.
  const ours =
    before !== undefined && before.until.getTime() === until.getTime() && before.by === whoAsked(wish);
  if (before !== undefined && !ours && before.until >= until) {
    return nothingToDo(
      `It is kept until ${localMinute(before.until, policy.timezone)} already, by ${before.by}.`,
      arn,
    );
  }
  const spent =
    before !== undefined && before.since.getTime() === resource.since.getTime() ? before.count : 0;
  if (!ours && spent >= FREE_KEEPS && !mayApprove(may)) {
    return wish.approvedBy === undefined
      ? {
          arn,
          status: 'needs-approval',
          text: `It was kept ${spent} times since it last started: an owner must agree to keep it until ${localMinute(until, policy.timezone)}.`,
          price: priceOf(resource, wish.at, until),
        }
      : refused('Only an owner of the project or an operator may agree to this.', arn);
  }
  return {
    action: 'keep',
    key: keepKey(arn, wish.id),
    project,
    reason: sentence('keeps it', wish),
    target: resource,
    until,
    by: whoAsked(wish),
  };
}

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
      const answer: Reply =
        outcome.status === 'taken'
          ? {
              arn: decision.target.arn,
              status: 'done',
              text: `Kept until ${localMinute(decision.until, deps.policy.timezone)}.`,
              price: priceOf(decision.target, wish.at, decision.until),
              key: decision.key,
            }
          : { ...nothingToDo(outcome.detail, decision.target.arn), key: decision.key };
      return [[decision.key, answer] as const];
    }),
  );
}

const elsewhere = ({ target, key }: KeepDecision): Reply => ({
  ...nothingToDo('It was answered before.', target.arn),
  key,
});

const priceOf = ({ hourly }: Resource, from: Date, until: Date): Price => ({
  hourly,
  cost: hourly === undefined ? undefined : costOver(hourly, until.getTime() - from.getTime()),
});
