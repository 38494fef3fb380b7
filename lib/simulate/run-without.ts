import { createAccount } from './account/account.ts';
import { CostRecord } from './cost-record.ts';
import { FleetView } from './fleet-view.ts';
import { contextsOf } from './handlers.ts';
import type { World, WorldStep } from './world.ts';

/**
 * What a world costs where nobody stops anything but what stops by itself or by somebody's hand.
 * @param vanished what vanishes, with or without Bursar, in the order of time
 */
export async function runWithout(world: World, vanished: readonly WorldStep[]): Promise<CostRecord> {
  const { policy, account: accountId, from, to, steps, prices } = world;
  let now = from;
  const clock = () => now;
  const account = createAccount(clock, policy.scope.regions, accountId);
  world.place(account);
  const costs = new CostRecord(policy, from);
  const regions = contextsOf({
    policy,
    account,
    clock,
    prices,
    ...(accountId === undefined ? {} : { accountId }),
  });
  const view = new FleetView(regions, account.takeTouched);
  const own = [...steps, ...vanished]
    .filter((step) => step.of === 'world')
    .sort((a, b) => a.at.getTime() - b.at.getTime());
  let next = 0;
  for (;;) {
    for (let step = own[next]; step !== undefined && step.at <= now; step = own[next]) {
      await step.act(account);
      next += 1;
    }
    for (const change of await view.refresh()) costs.note(change, now);
    if (now >= to) break;
    now = new Date(
      Math.min(own[next]?.at.getTime() ?? Number.POSITIVE_INFINITY, account.nextTouch(), to.getTime()),
    );
  }
  costs.finish(to);
  return costs;
}
