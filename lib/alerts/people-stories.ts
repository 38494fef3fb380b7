import { FINISHER } from '../decide/restores.ts';
import { atMinute } from '../decide/sentences.ts';
import type { AlertItem } from '../types/alert.ts';
import type { ApproveDecision, KeepDecision, ReleaseDecision } from '../types/decision.ts';
import { costOver, formatUsd } from '../types/money.ts';
import type { Outcome } from '../types/outcome.ts';
import { oneLine } from './characters.ts';
import { costOf, formatCost } from './figures.ts';
import { sentences } from './sentences.ts';
import { asAsked, count, fatesOf, fatesTitle, type Story } from './stop-alert.ts';

/** The rest of a restore is nobody's wish of its own. */
const titleOf = (by: string) =>
  by === FINISHER ? { done: 'restored in full', why: '' } : { done: 'restored', why: asAsked(by) };

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
        ? 'It is back, or on its way: how far is shown with it. It is judged as before: if it turns idle, people are warned and it is stopped again.'
        : 'They are back, or on their way: how far is shown with each. They are judged as before: if one turns idle, people are warned and it is stopped again.',
    );
  }
  if (failed.length > 0) {
    next.push(
      retried
        ? 'What failed may succeed later: it is tried again every five minutes for a day.'
        : 'What failed needs a person: fix the cause that is shown with it and ask again. Nothing that a restore needs is lost.',
    );
  }
  if (skipped.length > 0) next.push('What was left alone was not touched; what was found is shown with it.');
  return {
    severity: failed.length === 0 ? 'info' : retried ? 'warning' : 'critical',
    title: fatesTitle(`${count(items, '')} of ${of}`, fates, titleOf(by)),
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
        : 'What was not kept can still be stopped; the cause is shown with it.',
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

/** Tells that somebody releases what the limits had held back. */
export function releaseStory({ heldAt, by, reason }: ReleaseDecision, outcome: Outcome): Story {
  const who = oneLine(by);
  const when = atMinute(heldAt);
  if (outcome.status === 'taken') {
    return {
      severity: 'warning',
      title: `${who} released the stops that were held back at ${when}`,
      reason,
      next: 'What is still due is stopped by the next sweep, in a minute or so. Each stop is told as usual.',
    };
  }
  const cause = outcome.status === 'failed' ? `${outcome.code}: ${outcome.detail}` : outcome.detail;
  return {
    severity: outcome.status === 'failed' ? 'critical' : 'info',
    title: `The stops that were held back at ${when} were not released, though ${who} asked`,
    reason: sentences(reason, cause),
    next: 'They stay held back, and what they concern keeps running. If they are still due, people are asked anew.',
  };
}

/** Tells that somebody approved a plan: from then on Bursar acts on what it lists. */
export function approveStory({ hash, by, reason }: ApproveDecision, outcome: Outcome): Story {
  const who = oneLine(by);
  const plan = `the plan ${oneLine(hash).slice(0, SHORT_HASH)}…`;
  if (outcome.status === 'taken') {
    return {
      severity: 'info',
      title: `${who} approved ${plan}`,
      reason: sentences(reason, outcome.detail),
      next: 'What it lists is judged by the policy from now on, and people are warned as usual. What it does not list is left alone.',
    };
  }
  const cause = outcome.status === 'failed' ? `${outcome.code}: ${outcome.detail}` : outcome.detail;
  return {
    severity: outcome.status === 'failed' ? 'warning' : 'info',
    title: `${plan.charAt(0).toUpperCase()}${plan.slice(1)} was not approved, though ${who} asked`,
    reason: sentences(reason, cause),
    next: 'What was approved before is approved still, and nothing else.',
  };
}

/** As much of a hash as people compare. */
const SHORT_HASH = 'sha256:'.length + 12;

/** The daily proof that alerts arrive: one line, to be seen and forgotten. */
export const canaryStory = (reason: string, account: string): Story => ({
  severity: 'info',
  title: `Bursar is watching account ${account}: this alert proves that alerts arrive`,
  reason,
  next: 'Nothing needs to be done. An alarm goes off on the day that it does not arrive.',
});
