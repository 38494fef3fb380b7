import { decodeBudgetReading, encodeBudgetReading } from '../../types/wire.ts';
import { naming } from '../errors.ts';
import type { Ledger } from '../ledger.ts';
import { type Breach, type Freeze, laterEnd, mergeMarks, type Reached, type Unfrozen } from '../marks.ts';
import { copied } from './copied.ts';

/** Breaches, freezes and rules that were reached. */
export function marksIn(): Pick<
  Ledger,
  'projectMarks' | 'markBreach' | 'freeze' | 'unfreeze' | 'reach' | 'unreach'
> {
  const breaches = new Map<string, Breach>();
  const freezes = new Map<string, Freeze>();
  const unfrozen = new Map<string, Unfrozen>();
  const reaches = new Map<string, Reached>();
  const keyOf = (...parts: readonly string[]) => JSON.stringify(parts);
  return {
    projectMarks: async (now) =>
      mergeMarks(
        [...breaches.values()].filter(({ until }) => until > now),
        [...freezes.values()].filter(({ until }) => until > now),
        [...unfrozen.values()].filter(({ until }) => until > now),
        [...reaches.values()].filter(({ until }) => until > now),
      ),
    markBreach: (reading, until) =>
      naming('marking a breach', async () => {
        const { holder, source, asOf } = reading;
        const key = keyOf(holder, source);
        const known = breaches.get(key);
        if (known !== undefined && known.reading.asOf > asOf) return;
        breaches.set(key, {
          holder,
          reading: copied(reading, encodeBudgetReading, decodeBudgetReading),
          until,
        });
      }),
    freeze: async (holder, until) => {
      const known = freezes.get(holder);
      if (known === undefined || known.until < until) freezes.set(holder, { holder, until });
    },
    unfreeze: async (holder, now) => {
      const frozen = freezes.get(holder);
      if (frozen === undefined || frozen.until <= now) return;
      unfrozen.set(holder, {
        holder,
        at: now,
        until: laterEnd(unfrozen.get(holder)?.until, frozen.until),
      });
      freezes.delete(holder);
    },
    reach: async (holder, period, rule, at, until) => {
      const key = keyOf(holder, period, rule);
      const reached = reaches.get(key) ?? { holder, rule, at, until };
      reaches.set(key, reached);
      return reached.at;
    },
    unreach: async (holder, period, rule) => {
      reaches.delete(keyOf(holder, period, rule));
    },
  };
}
