import { randomUUID } from 'node:crypto';
import {
  decodeBudgetReading,
  decodeDecision,
  decodeOutcome,
  encodeBudgetReading,
  encodeDecision,
  encodeOutcome,
} from '../types/wire.ts';
import { naming } from './errors.ts';
import type { ActionRecord, AuditEntry, Claim, Ledger, Watch } from './ledger.ts';
import { expiredBy, expiryOf } from './lifetimes.ts';
import { type Breach, type Freeze, mergeMarks } from './marks.ts';
import { readRestoreText, restoreText } from './restore-text.ts';
import { intentLine, lineOrder, outcomeLine, subjectArn, type TrailLine } from './trail.ts';

interface Action {
  readonly record: ActionRecord;
  /** The lease's end while intended, the time of a retry once settled; `undefined` = never again. */
  readonly claimableFrom: Date | undefined;
  readonly expiresAt: number;
}

interface Expiring<T> {
  readonly value: T;
  readonly expiresAt: number;
}

/** A copy through JSON text, as a table would keep it: what does not survive that fails here too. */
const copied = <T>(value: T, encode: (value: T) => unknown, decode: (json: unknown) => T): T =>
  decode(JSON.parse(JSON.stringify(encode(value))));

const isClaimable = ({ claimableFrom, expiresAt }: Action, now: Date): boolean =>
  (claimableFrom !== undefined && claimableFrom <= now) || expiresAt <= expiredBy(now);

function actionsIn(append: (line: TrailLine) => void): Pick<Ledger, 'claim' | 'settle'> {
  const actions = new Map<string, Action>();
  return {
    claim: (decisions, { batch, now, leaseSeconds }) =>
      naming('claiming', async () =>
        decisions.map((decision): Claim => {
          const held = actions.get(decision.key);
          if (held !== undefined && !isClaimable(held, now)) {
            return { state: held.record.status === 'intended' ? 'held' : 'done', record: held.record };
          }
          const record: ActionRecord = {
            key: decision.key,
            batch,
            token: randomUUID(),
            decision: copied(decision, encodeDecision, decodeDecision),
            status: 'intended',
            intendedAt: now,
            outcome: undefined,
          };
          actions.set(record.key, {
            record,
            claimableFrom: new Date(now.getTime() + leaseSeconds * 1_000),
            expiresAt: expiryOf('action', now),
          });
          append(intentLine(record));
          return { state: 'won', record };
        }),
      ),

    settle: (results, now) =>
      naming('settling', async () => {
        for (const { record, outcome, retryAt } of results) {
          append(outcomeLine(record, outcome));
          const held = actions.get(record.key);
          if (held?.record.token !== record.token) continue;
          actions.set(record.key, {
            record: {
              ...held.record,
              status: outcome.status,
              outcome: copied(outcome, encodeOutcome, decodeOutcome),
            },
            claimableFrom: retryAt,
            expiresAt: expiryOf('action', now),
          });
        }
      }),
  };
}

function trail(): Pick<Ledger, 'audit'> & { readonly append: (line: TrailLine) => void } {
  const lines = new Map<string, AuditEntry>();
  return {
    append: (line) => {
      lines.set(lineOrder(line), line.entry);
    },
    audit: async (of, since) =>
      [...lines]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, entry]) => entry)
        .filter(({ decision }) =>
          'arn' in of ? subjectArn(decision) === of.arn : decision.project === of.project,
        )
        .filter(({ at }) => since === undefined || at >= since),
  };
}

function watchesIn(): Pick<Ledger, 'watches' | 'saveWatches'> {
  const regions = new Map<string, Map<string, Expiring<Watch>>>();
  const regionOf = (account: string, region: string) =>
    regions.get(`${account}#${region}`) ?? new Map<string, Expiring<Watch>>();
  return {
    watches: async (account, region, now) =>
      new Map(
        [...regionOf(account, region)]
          .filter(([, { expiresAt }]) => expiresAt > expiredBy(now))
          .map(([arn, { value }]) => [arn, value]),
      ),
    saveWatches: async (account, region, watches, now) => {
      const kept = regionOf(account, region);
      for (const value of watches) kept.set(value.arn, { value, expiresAt: expiryOf('watch', now) });
      regions.set(`${account}#${region}`, kept);
    },
  };
}

function marksIn(): Pick<Ledger, 'projectMarks' | 'markBreach' | 'freeze'> {
  const breaches = new Map<string, Breach>();
  const freezes = new Map<string, Freeze>();
  return {
    projectMarks: async (now) =>
      mergeMarks(
        [...breaches.values()].filter(({ until }) => until > now),
        [...freezes.values()].filter(({ until }) => until > now),
      ),
    markBreach: (reading, until) =>
      naming('marking a breach', async () => {
        const { project, asOf } = reading;
        const known = breaches.get(project);
        if (known !== undefined && known.reading.asOf > asOf) return;
        breaches.set(project, {
          project,
          reading: copied(reading, encodeBudgetReading, decodeBudgetReading),
          until,
        });
      }),
    freeze: async (project, until) => {
      const known = freezes.get(project);
      if (known === undefined || known.until < until) freezes.set(project, { project, until });
    },
  };
}

function restoresIn(): Pick<Ledger, 'saveRestore' | 'restoreRecord'> {
  const texts = new Map<string, string>();
  return {
    saveRestore: (record) =>
      naming('saving a restore record', async () => {
        texts.set(record.arn, restoreText(record));
      }),
    restoreRecord: async (arn) => {
      const text = texts.get(arn);
      return text === undefined ? undefined : readRestoreText(arn, text);
    },
  };
}

function pricesIn(): Pick<Ledger, 'price' | 'savePrice'> {
  const prices = new Map<string, NonNullable<Awaited<ReturnType<Ledger['price']>>>>();
  return {
    price: async (key) => prices.get(key),
    savePrice: async (key, hourly, asOf) => {
      prices.set(key, { hourly, asOf });
    },
  };
}

function idsIn(): Pick<Ledger, 'once' | 'forget' | 'seen'> {
  const ids = new Map<string, number>();
  const isKnown = (id: string, now: Date) => (ids.get(id) ?? Number.NEGATIVE_INFINITY) > expiredBy(now);
  return {
    once: async (id, now) => {
      const isNew = !isKnown(id, now);
      if (isNew) ids.set(id, expiryOf('once', now));
      return isNew;
    },
    forget: async (id) => {
      ids.delete(id);
    },
    seen: async (id, now) => isKnown(id, now),
  };
}

function slotsIn(): Pick<Ledger, 'reserveSlot'> {
  const freeFrom = new Map<string, number>();
  return {
    reserveSlot: async (channel, spacingMs, now) => {
      const slot = Math.max(now.getTime(), freeFrom.get(channel) ?? 0);
      freeFrom.set(channel, slot + spacingMs);
      return new Date(slot);
    },
  };
}

/** A ledger in this process's memory, with all that the interface promises; for tests and simulation. */
export function createMemoryLedger(): Ledger {
  const { audit, append } = trail();
  return {
    ...actionsIn(append),
    audit,
    ...watchesIn(),
    ...marksIn(),
    ...restoresIn(),
    ...pricesIn(),
    ...idsIn(),
    ...slotsIn(),
  };
}
