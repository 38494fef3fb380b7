import { graceEnd, hasGrace } from '../decide/budget.ts';
import { sweepMinutes } from '../decide/sweep-minutes.ts';
import type { Keep, Ledger, ProjectMark, Watch } from '../ledger/ledger.ts';
import { policiesOf } from '../policy/levels.ts';
import { matchPolicy, type Policy, ruleId, sourceOf } from '../policy/policy.ts';
import type { Resource } from '../types/resource.ts';

/**
 * The times to come at which a deployed Bursar has had a sweep set: the minutes of stops that were announced, those at
 * which what people keep ends, or is told of once more, and the next ones of hours and longest runtimes. Of a keep that
 * another has taken the place of nothing is known.
 */
export async function wakesOf(
  ledger: Ledger,
  {
    policy,
    account,
    regions,
    resources,
    marks,
    now,
  }: {
    readonly policy: Policy;
    readonly account: string;
    readonly regions: Iterable<string>;
    readonly resources: readonly Resource[];
    readonly marks: ReadonlyMap<string, ProjectMark>;
    readonly now: Date;
  },
): Promise<readonly Date[]> {
  const known = await Promise.all(
    [...regions].map((region) =>
      Promise.all([ledger.watches(account, region, now), ledger.keeps(account, region, now)]),
    ),
  );
  const tags = new Map(resources.map((resource) => [resource.arn, resource.tags]));
  return [
    ...known.flatMap(([watches]) => [...watches.values()].flatMap(announced)),
    ...known.flatMap(([, keeps]) =>
      [...keeps.values()].flatMap((keep) =>
        endsOf(keep, matchPolicy(policy, tags.get(keep.arn) ?? {})?.idle),
      ),
    ),
    ...[...marks.values()].flatMap((mark) => gracesOf(mark, policy)),
    ...sweepMinutes(resources, policy, now),
  ].filter((at) => at > now);
}

const announced = ({ stopAt, closingAt, endsAt }: Watch): readonly Date[] =>
  [stopAt, closingAt, endsAt].flatMap((at) => at ?? []);

/** As `keep` has them set. */
function endsOf({ until }: Keep, idle: Policy['policies'][number]['idle'] | undefined): readonly Date[] {
  const warnMs = idle === undefined || idle === 'off' ? 0 : idle.warnSeconds * 1000;
  return warnMs === 0 ? [until] : [new Date(until.getTime() - warnMs), until];
}

const gracesOf = ({ holder, breaches, reached }: ProjectMark, policy: Policy): readonly Date[] =>
  policiesOf(policy, holder)
    .flatMap(({ budget }) => budget.filter(hasGrace))
    .flatMap((rule) => {
      const breach = breaches.get(sourceOf(rule));
      return breach === undefined || !reached.has(ruleId(rule)) ? [] : [graceEnd(rule, breach, reached)];
    });
