import type { Decision } from '../types/decision.ts';
import type { Outcome } from '../types/outcome.ts';
import type { ActionRecord, AuditEntry } from './ledger.ts';

/** The resource whose trail a decision belongs to; `undefined` where it is about a project or many resources. */
export const subjectArn = (decision: Decision): string | undefined =>
  'target' in decision ? decision.target.arn : undefined;

/** An entry with what makes it unique: writing the same one twice leaves one. */
export interface TrailLine {
  readonly entry: AuditEntry;
  /** Sorts an intent before an outcome of the same millisecond. */
  readonly turn: '0' | '1';
  readonly token: string;
}

/** The line that a claim appends. */
export const intentLine = (record: ActionRecord): TrailLine => ({
  entry: {
    at: record.intendedAt,
    batch: record.batch,
    decision: record.decision,
    event: 'intended',
    code: undefined,
    detail: record.decision.reason,
  },
  turn: '0',
  token: record.token,
});

/** The line that a settlement appends, dated by the outcome. */
export const outcomeLine = (record: ActionRecord, outcome: Outcome): TrailLine => ({
  entry: {
    at: outcome.at,
    batch: record.batch,
    decision: record.decision,
    event: outcome.status,
    code: outcome.status === 'taken' ? undefined : outcome.code,
    detail: outcome.detail,
  },
  turn: '1',
  token: record.token,
});

/** Where a line sorts within its trail; ISO text sorts as time does. */
export const lineOrder = ({ entry, turn, token }: TrailLine): string =>
  `${entry.at.toISOString()}#${turn}#${entry.decision.key}#${token}`;
