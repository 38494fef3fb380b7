import type { Alert, AlertItem } from '../types/alert.ts';
import type { Trigger } from '../types/decision.ts';
import { formatCost } from './figures.ts';
import { type UndoCommand, undoLines } from './undo.ts';

/** What an alert says, apart from whose it is. */
export type Story = Pick<Alert, 'severity' | 'title' | 'reason' | 'next'>;

/** `1 idle resource`, `20 idle resources`. */
export function count(items: readonly unknown[], adjective: string): string {
  return `${items.length} ${adjective === '' ? '' : `${adjective} `}${items.length === 1 ? 'resource' : 'resources'}`;
}

const adjective: Readonly<Record<Trigger, string>> = {
  idle: 'idle',
  budget: '',
  freeze: '',
  untagged: 'untagged',
};

const because: Readonly<Record<Trigger, string>> = {
  idle: '',
  budget: ': over budget',
  freeze: ': the project is frozen',
  untagged: '',
};

/**
 * Tells stops of one project that were asked for the same cause. `said`: the sentences that are true of all.
 * `retried`: every failure may pass by itself (throttling, a state that changes).
 */
export function stopStory(
  items: readonly AlertItem[],
  said: string,
  options: {
    readonly trigger: Trigger;
    readonly of: string;
    readonly retried: boolean;
    readonly undo: UndoCommand;
  },
): Story {
  const taken = items.filter(({ status }) => status === 'taken');
  const failed = items.filter(({ status }) => status === 'failed');
  const skipped = items.filter(({ status }) => status === 'skipped');
  return {
    severity: severityOf(options, taken.length, failed.length),
    title: titleOf(items, { taken, failed, skipped }, options),
    reason: [
      said,
      taken.length === 0 ? '' : `What was stopped cost ${formatCost(taken)}.`,
      failed.length === 0 ? '' : `What failed still runs and costs ${formatCost(failed)}.`,
    ]
      .filter((sentence) => sentence !== '')
      .join(' '),
    next: nextOf(taken, failed, skipped, options),
  };
}

function severityOf(
  { trigger, retried }: { readonly trigger: Trigger; readonly retried: boolean },
  taken: number,
  failed: number,
): Alert['severity'] {
  if (failed > 0) return retried ? 'warning' : 'critical';
  return trigger === 'idle' || taken === 0 ? 'info' : 'warning';
}

function titleOf(
  items: readonly AlertItem[],
  { taken, failed, skipped }: Readonly<Record<'taken' | 'failed' | 'skipped', readonly AlertItem[]>>,
  { trigger, of }: { readonly trigger: Trigger; readonly of: string },
): string {
  const subject = `${count(items, adjective[trigger])} of ${of}`;
  const also = [
    failed.length === 0 ? '' : `${failed.length} failed`,
    skipped.length === 0 ? '' : `${skipped.length} left alone`,
  ].filter((part) => part !== '');
  if (taken.length === items.length) return `${subject} stopped${because[trigger]}`;
  if (taken.length === 0) return `${subject} not stopped: ${also.join(', ')}`;
  return `${taken.length} of ${subject} stopped, ${also.join(', ')}${because[trigger]}`;
}

function nextOf(
  taken: readonly AlertItem[],
  failed: readonly AlertItem[],
  skipped: readonly AlertItem[],
  { retried, undo }: { readonly retried: boolean; readonly undo: UndoCommand },
): string {
  const lines = [...undoLines(taken, undo)];
  if (failed.length > 0) {
    lines.push(
      retried
        ? 'What failed may succeed later: the next sweep tries again. Stop it by hand if this alert comes again.'
        : 'What failed needs a person: stop it by hand, or mend the cause that stands with it.',
    );
  }
  if (skipped.length > 0) lines.push('What was left alone was not touched; the cause stands with it.');
  return lines.join('\n');
}
