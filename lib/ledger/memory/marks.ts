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
        const { project, source, asOf } = reading;
        const key = keyOf(project, source);
        const known = breaches.get(key);
        if (known !== undefined && known.reading.asOf > asOf) return;
        breaches.set(key, {
          project,
          reading: copied(reading, encodeBudgetReading, decodeBudgetReading),
          until,
        });
      }),
    freeze: async (project, until) => {
      const known = freezes.get(project);
      if (known === undefined || known.until < until) freezes.set(project, { project, until });
    },
    unfreeze: async (project, now) => {
      const frozen = freezes.get(project);
      if (frozen === undefined || frozen.until <= now) return;
      unfrozen.set(project, {
        project,
        at: now,
        until: laterEnd(unfrozen.get(project)?.until, frozen.until),
      });
      freezes.delete(project);
    },
    reach: async (project, period, rule, at, until) => {
      const key = keyOf(project, period, rule);
      const reached = reaches.get(key) ?? { project, rule, at, until };
      reaches.set(key, reached);
      return reached.at;
    },
    unreach: async (project, period, rule) => {
      reaches.delete(keyOf(project, period, rule));
    },
  };
}
