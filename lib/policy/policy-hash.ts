import { createHash } from 'node:crypto';
import type { Policy } from './policy.ts';

/** Changes where the canonical form does, so that no hash of one form is taken for one of another. */
const FORM = 1;

const known = new WeakMap<Policy, string>();

/**
 * `sha256:` and the hex digest of a policy as it is meant: of its values, whatever the order of keys and of lists of
 * names, the comments and the layout of its file. `approval` is not part of it: it changes nothing of what would be
 * done, and so a plan can be approved before a stack is set to require that, with no gap between the two. Nor are
 * `allocation` and `dismissed`, by which reports and recommendations alone go.
 * Reckoned once for each object.
 */
export function policyHash(policy: Policy): string {
  const before = known.get(policy);
  if (before !== undefined) return before;
  const { approval: _, allocation: __, dismissed: ___, ...meant } = policy;
  const hash = sha256(canonicalJson({ form: FORM, policy: meant }));
  known.set(policy, hash);
  return hash;
}

export const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/**
 * JSON that is the same for values that mean the same: keys in order, what is `undefined` left out, lists of texts
 * (which are sets, all of them) in order, amounts of money as decimal text. Other lists keep their order.
 */
export const canonicalJson = (value: unknown): string => JSON.stringify(canonical(value));

function canonical(value: unknown): unknown {
  if (typeof value === 'bigint') return microText(value);
  if (Array.isArray(value)) {
    const items = value.map(canonical);
    return items.every((item) => typeof item === 'string') ? items.toSorted() : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  // A list of pairs: keys that look like numbers would change places in an object, and `__proto__` would be lost.
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => ({ key, value: canonical(item) }));
}

/** Micro-dollars as text that no other value of a policy has. */
const microText = (amount: bigint): string => `${amount} micro-USD`;
