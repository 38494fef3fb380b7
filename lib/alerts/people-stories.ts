import { atMinute } from '../decide/sentences.ts';
import type { AlertItem } from '../types/alert.ts';
import type { KeepDecision, ReleaseDecision } from '../types/decision.ts';
import { costOver, formatUsd } from '../types/money.ts';
import type { Outcome } from '../types/outcome.ts';
import { oneLine } from './characters.ts';
import { costOf, formatCost } from './figures.ts';
import { asAsked, count, fatesOf, fatesTitle, type Story } from './stop-alert.ts';

const sentences = (...some: readonly string[]): string =>
  some.filter((sentence) => sentence !== '').join(' ');

/** Tells what became of resources that somebody, or a policy, wants back. `retried`: every failure may pass by itself. */
export function restoreStory(
  items: readonly AlertItem[],
  said: string,
  { by, of, retried }: { readonly by: string; readonly of: string; readonly retried: boolean },
): Story {
  const fates = fatesOf(items);
  const { taken, failed, skipped } = fates;
  const next: string[] = [];
  if (taken.length > 0) {
    next.push(
      taken.length === 1
        ? 'It is back, or on its way; how far it is stands with it. It is judged as before: if it turns idle, people are warned and it is stopped again.'
        : 'They are back, or on their way; how far each is stands with it. They are judged as before: if one turns idle, people are warned and it is stopped again.',
    );
  }
  if (failed.length > 0) {
    next.push(
      retried
        ? 'What failed may succeed later: ask again in a few minutes.'
        : 'What failed needs a person: mend the cause that stands with it and ask again. What a restore needs is still kept.',
    );
  }
  if (skipped.length > 0) next.push('What was left alone was not touched; what was found stands with it.');
  return {
    severity: failed.length === 0 ? 'info' : retried ? 'warning' : 'critical',
    title: fatesTitle(`${count(items, '')} of ${of}`, fates, { done: 'restored', why: asAsked(by) }),
    reason: sentences(said, taken.length === 0 ? '' : `What is back costs ${formatCost(taken)}.`),
    next: next.join('\n'),
    offers: failed.length === 0 ? ['details'] : ['restore', 'details'],
  };
}

/** Tells that somebody said "not now", until when, and what that costs from `at` on. */
export function keepStory(
  items: readonly AlertItem[],
  said: string,
  { until, by }: Pick<KeepDecision, 'until' | 'by'>,
  { of, at }: { readonly of: string; readonly at: Date },
): Story {
  const fates = fatesOf(items);
  const { taken } = fates;
  const one = taken.length === 1;
  return {
    severity: fates.failed.length === 0 ? 'info' : 'warning',
    title: fatesTitle(`${count(items, '')} of ${of}`, fates, {
      done: `kept until ${atMinute(until)}`,
      why: asAsked(by),
    }),
    reason: sentences(said, keepCost(taken, until.getTime() - at.getTime())),
    next: sentences(
      taken.length === 0
        ? ''
        : `After that ${one ? 'it is' : 'they are'} judged as before: if ${one ? 'it is' : 'they are'} still idle or over budget, people are warned and ${one ? 'it is' : 'they are'} stopped.`,
      taken.length === items.length
        ? ''
        : 'What was not kept can still be stopped; the cause stands with it.',
    ),
    offers: ['details'],
  };
}

function keepCost(items: readonly AlertItem[], ms: number): string {
  if (items.length === 0 || ms <= 0) return '';
  const whose = items.length === 1 ? 'It costs' : 'Together they cost';
  const { hourly, unpriced } = costOf(items);
  if (unpriced === items.length) {
    return `What ${items.length === 1 ? 'it costs' : 'they cost'} until then is not known.`;
  }
  const more = unpriced === 0 ? '' : `, and what ${unpriced} unpriced cost`;
  return `${whose} ${formatUsd(costOver(hourly, ms))} until then${more}.`;
}

/** Tells that somebody lets those go ahead that the limits had held back. */
export function releaseStory({ heldAt, by, reason }: ReleaseDecision, outcome: Outcome): Story {
  const who = oneLine(by);
  const when = atMinute(heldAt);
  if (outcome.status === 'taken') {
    return {
      severity: 'warning',
      title: `${who} let go ahead what was held at ${when}`,
      reason,
      next: 'What was held is stopped at the next sweep, within five minutes, if it is still due by then. Each stop is told as usual.',
    };
  }
  const cause = outcome.status === 'failed' ? `${outcome.code}: ${outcome.detail}` : outcome.detail;
  return {
    severity: outcome.status === 'failed' ? 'critical' : 'info',
    title: `What was held at ${when} did not go ahead, though ${who} asked`,
    reason: sentences(reason, cause),
    next: 'What was held keeps running. If it is still due, the next sweep holds it again and asks anew.',
  };
}

/** The daily proof that alerts arrive: one line, to be seen and forgotten. */
export const canaryStory = (reason: string, account: string): Story => ({
  severity: 'info',
  title: `Bursar is watching account ${account}: this alert proves that alerts arrive`,
  reason,
  next: 'Nothing needs to be done. An alarm goes off on the day that it does not arrive.',
});
