import { atMinute } from '../decide/sentences.ts';
import { tomorrowMorning } from '../decide/tomorrow.ts';
import type { Policy } from '../policy/policy.ts';
import type { AlertItem } from '../types/alert.ts';
import type { HoldDecision, Trigger } from '../types/decision.ts';
import { oneLine } from './characters.ts';
import { RESTORE_ANY, releaseCommand } from './commands.ts';
import { formatCost } from './figures.ts';
import { sentences } from './sentences.ts';
import { count, fatesOf, fatesTitle, overBudget, type Story, subjectOf } from './stop-alert.ts';

/** An example of what the keep tag may say: a day after `at`, ISO 8601 to the minute. */
const example = (at: Date): string => `${new Date(at.getTime() + 86_400_000).toISOString().slice(0, 16)}:00Z`;

const costs = (items: readonly AlertItem[]): string =>
  items.length === 1 ? `It costs ${formatCost(items)}.` : `Together they cost ${formatCost(items)}.`;

/** What the offers of a keep need to say. */
const keepOffers = (policy: Policy, at: Date) => ({
  tomorrow: tomorrowMorning(at, policy.timezone).toISOString(),
});

/** Tells that resources will be stopped, when, and how to prevent it. `said`: the sentences that are true of all. */
export function warnStory(
  items: readonly AlertItem[],
  said: string,
  stopAts: readonly Date[],
  {
    of,
    holder,
    trigger,
    policy,
    at,
    comesBack,
  }: {
    readonly of: string | undefined;
    /** Whose limit asks for it, where that is not the project's own. */
    readonly holder: string | undefined;
    readonly trigger: Trigger;
    readonly policy: Policy;
    readonly at: Date;
    /** Of stops by hours: when they come back, sentences. */
    readonly comesBack: readonly string[];
  },
): Story {
  const times = stopAts.map((time) => time.getTime());
  const first = new Date(Math.min(...times));
  const last = new Date(Math.max(...times));
  const when =
    atMinute(first) === atMinute(last)
      ? `at ${atMinute(first)}`
      : `from ${atMinute(first)} on, the last at ${atMinute(last)}`;
  const one = items.length === 1;
  const { why, unless } = prevented(trigger, one, holder, policy);
  return {
    severity: 'warning',
    title: `${subjectOf(items, trigger, of)} will be stopped ${when}${why}`,
    reason: sentences(said, costs(items)),
    next: sentences(
      `${one ? 'It is' : 'They are'} stopped ${when}${first < last ? ',' : ''} unless ${unless} before then.`,
      ...comesBack,
      `To keep ${one ? 'it' : 'one'}, answer below or set its tag \`${policy.tags.keepUntil}\` to a later time, such as \`${example(last)}\`.`,
    ),
    offers: ['keep-2h', 'keep-tomorrow', 'stop', 'details'],
    ...keepOffers(policy, at),
  };
}

/** Why an announced stop is due, and what prevents it. */
function prevented(
  trigger: Trigger,
  one: boolean,
  holder: string | undefined,
  { tags }: Policy,
): { readonly why: string; readonly unless: string } {
  const it = one ? 'it is' : 'they are';
  switch (trigger) {
    case 'idle':
      return { why: '', unless: `${it} used or kept` };
    case 'untagged':
      return { why: '', unless: `${it} kept, or ${one ? 'gets' : 'get'} the tag \`${tags.project}\`` };
    case 'launch':
      return { why: ': its project may not run it', unless: `${it} kept` };
    case 'schedule':
      return { why: `: ${one ? 'its' : 'their'} hours end`, unless: `${it} kept` };
    case 'runtime':
      return { why: `: over ${one ? 'its' : 'their'} longest runtime`, unless: `${it} kept` };
    case 'budget':
    case 'freeze':
    case 'person':
    case 'keep-tag':
      return { why: overBudget(holder), unless: `${it} kept, or the spend falls,` };
  }
}

/** Tells of resources that were found and not touched. `said`: the sentences that are true of all. */
export function notifyStory(
  items: readonly AlertItem[],
  said: string,
  trigger: Trigger,
  { of, policy, at }: { readonly of: string | undefined; readonly policy: Policy; readonly at: Date },
): Story {
  const whose = of === undefined ? '' : ` of ${of}`;
  const reason = sentences(said, costs(items));
  const one = items.length === 1;
  if (trigger === 'untagged') {
    return {
      severity: 'warning',
      title: `${count(items, '')}${whose} ${one ? 'names' : 'name'} no project`,
      reason,
      next: `Nothing was stopped. Set the tag \`${policy.tags.project}\` on ${one ? 'it' : 'each'}, so that its cost counts towards a budget.`,
    };
  }
  if (trigger === 'keep-tag') {
    return {
      severity: 'warning',
      title: `The tag ${oneLine(policy.tags.keepUntil)} of ${count(items, '')}${whose} cannot be read`,
      reason,
      next:
        `${one ? 'It is' : 'Each is'} kept for 24 h from when the tag was first seen; after that ${one ? 'it is' : 'they are'} judged as if the tag were not there. ` +
        `Write a time, such as \`${example(at)}\`, or a duration, such as \`4h\` or \`2d\`, or answer below.`,
      offers: ['keep-2h', 'keep-tomorrow', 'details'],
      ...keepOffers(policy, at),
    };
  }
  if (trigger === 'launch') {
    return {
      severity: 'warning',
      title: `${count(items, '')}${whose} started, which ${one ? 'its' : 'their'} project may not run now`,
      reason,
      next: 'Nothing was touched. Stop what should not run.',
      offers: ['stop', 'details'],
    };
  }
  if (trigger === 'schedule') {
    return {
      severity: 'warning',
      title: `${count(items, '')}${whose} ${one ? 'is' : 'are'} not started, though ${one ? 'its' : 'their'} hours begin`,
      reason: sentences(said, `Running, ${one ? 'it costs' : 'they cost'} ${formatCost(items)}.`),
      next: [
        'What the end of its hours had stopped is started as soon as no limit is in the way, if hours are open then.',
        `${RESTORE_ANY} What is restored may be stopped again for the limit, unless it is kept.`,
      ].join('\n'),
      offers: ['details'],
    };
  }
  if (trigger === 'runtime') {
    return {
      severity: 'info',
      title: `${count(items, '')}${whose} ${one ? 'runs' : 'run'} for longer than the policy means`,
      reason,
      next: 'Nothing was touched. Stop what is not needed.',
      offers: ['stop', 'details'],
    };
  }
  return {
    severity: 'info',
    title: `${count(items, '')}${whose} ${one ? 'looks' : 'look'} ${trigger === 'idle' ? 'idle' : 'over budget'}`,
    reason,
    next: 'Nothing was touched. Stop what is not needed.',
    offers: ['stop', 'details'],
  };
}

/** Tells that Bursar would act but wants a person to look first. */
export function holdStory(decision: HoldDecision, of: string | undefined): Story {
  const { reason } = decision;
  const heldAt = decision.heldAt?.toISOString();
  switch (decision.cause) {
    case 'blast-radius':
      return {
        severity: 'critical',
        title: `Stops${of === undefined ? '' : ` of ${of}`} held back: more are due than the limits allow`,
        reason,
        next: [
          ...(heldAt === undefined
            ? ['A person must decide.']
            : [
                'A person must decide. An operator can release them, so that they are stopped this once, by the button in Slack or by:',
                `\`${releaseCommand(heldAt)}\``,
              ]),
          'To have as many stopped every time, raise `limits.maxStopsPerSweep` or `limits.maxFleetShare` in the policy file and deploy it.',
          'Until then they keep running and cost money.',
        ].join('\n'),
        ...(heldAt === undefined ? {} : { heldAt, offers: ['release', 'details'] }),
      };
    case 'implausible-amount':
      return {
        severity: 'critical',
        title: `Budget${of === undefined ? '' : ` of ${of}`} reports an implausible amount: nothing was stopped`,
        reason,
        next:
          'A person must look. Compare the amount with Cost Explorer and with the AWS Health Dashboard. ' +
          'If it is right, stop by hand what must stop; if it is a billing error, nothing needs to be done.',
      };
    case 'metrics-outage':
      return {
        severity: 'critical',
        title: 'CloudWatch returns no metrics: nothing is stopped for idleness',
        reason,
        next:
          'A person must look. See the AWS Health Dashboard for CloudWatch, and whether the role of the sweep may still read metrics. ' +
          'Bursar judges again at the next sweep.',
      };
    case 'unapproved':
      return {
        severity: 'warning',
        title: 'Resources wait for a plan to be approved: they are left alone',
        reason,
        next: [
          'A person must look. See what would become of them, and approve it, by:',
          '`bursar plan --json > plan.json`',
          '`bursar approve <hash> --plan plan.json`',
          'Until then they keep running and cost money. `approval: off` in the policy file asks for no approval.',
        ].join('\n'),
      };
  }
}

/** Tells which tags Bursar wrote. `keys`: of all of them; the values are shown with each resource. */
export function tagStory(
  items: readonly AlertItem[],
  said: string,
  {
    of,
    keys,
    policy,
  }: { readonly of: string | undefined; readonly keys: readonly string[]; readonly policy: Policy },
): Story {
  const fates = fatesOf(items);
  const { taken, failed } = fates;
  return {
    severity: failed.length === 0 ? 'info' : 'warning',
    title: fatesTitle(of === undefined ? count(items, 'untagged') : `${count(items, '')} of ${of}`, fates, {
      done: `given the ${keys.length === 1 ? 'tag' : 'tags'} ${keys.map(oneLine).join(', ')}`,
      why: '',
    }),
    reason: sentences(said, costs(items)),
    next: sentences(
      taken.length === 0 ? '' : 'A tag that was there already was left as it was.',
      of !== undefined || keys.includes(policy.tags.project)
        ? ''
        : `Set the tag \`${policy.tags.project}\` on ${items.length === 1 ? 'it' : 'each'} as well, so that its cost counts towards a budget.`,
      failed.length === 0 ? '' : 'What failed has the cause beside it: set its tags by hand.',
    ),
    offers: ['details'],
  };
}
