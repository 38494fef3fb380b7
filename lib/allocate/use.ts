import { IDLE_TENANT, type Split } from '../policy/allocation.ts';
import { type Decimal, decimalOf, inProportion, sumOf, toNumber, ZERO } from './exact.ts';
import type { Weights } from './shareable.ts';

export type UsageSplit = Extract<Split, { readonly by: 'usage' }>;

/** What was used in a day or period, and what each pays for it. */
export interface Use {
  readonly weights: Weights;
  /** Of all tenants, and what is idle: in the unit of the usage. */
  readonly used: number;
  readonly idle: number;
  /** True where more was used than could be. */
  readonly isOver: boolean;
}

/**
 * Weights by use. What is idle is what the usage calls so, or the capacity less what was used, whichever is more: measured
 * idleness is part of the capacity. What others used than those who share the cost is not idle, and they pay for it
 * as they pay for their own use.
 * @param amounts by tenant
 * @param capacity what could have been used; `undefined` = that is not known
 * @returns `undefined` where none of those who share it used anything
 */
export function useOf(
  amounts: ReadonlyMap<string, Decimal>,
  {
    idle: idleGoes,
    among,
  }: { readonly idle: UsageSplit['idle']; readonly among: readonly string[] | undefined },
  capacity: Decimal | undefined,
): Use | undefined {
  const tenants = [...amounts.keys()].filter((tenant) => tenant !== IDLE_TENANT);
  const [could = 0n, measured = 0n, ...used] = inProportion([
    capacity ?? ZERO,
    amounts.get(IDLE_TENANT) ?? ZERO,
    ...tenants.map((tenant) => amounts.get(tenant) ?? ZERO),
  ]);
  const all = used.reduce((sum, amount) => sum + amount, 0n);
  const idle = [measured, could - all, 0n].reduce((most, amount) => (amount > most ? amount : most));
  const sharers = new Set(among ?? tenants);
  const ours = tenants.flatMap((tenant, place) =>
    sharers.has(tenant) ? [[tenant, used[place] ?? 0n] as const] : [],
  );
  const oursAll = ours.reduce((sum, [, amount]) => sum + amount, 0n);
  if (oursAll === 0n) return undefined;
  // The used part is `all` of `all + idle`, and each of ours gets its part of `oursAll` of that.
  const projects = new Map(ours.map(([tenant, amount]) => [tenant, amount * all]));
  const idleWeight = idleGoes === 'spread' ? 0n : idle * oursAll;
  if (typeof idleGoes === 'object' && idleWeight > 0n) {
    projects.set(idleGoes.project, (projects.get(idleGoes.project) ?? 0n) + idleWeight);
  }
  const usedAmount = sumOf(tenants.map((tenant) => amounts.get(tenant) ?? ZERO));
  return {
    weights: { projects, idle: idleGoes === 'line' ? idleWeight : 0n },
    used: toNumber(usedAmount),
    idle: (toNumber(usedAmount) * Number((idle * 1_000_000_000n) / all)) / 1e9,
    isOver: capacity !== undefined && all > could,
  };
}

/** What could be used in so many hours. */
export const capacityOf = (perHour: number, hours: number): Decimal => {
  const { digits, exponent } = decimalOf(perHour);
  return { digits: digits * BigInt(hours), exponent };
};
