import type { Approval, Keep, KeepTag } from '../ledger/ledger.ts';
import { FORMS, toSeconds } from '../policy/forms.ts';
import { type NamedPolicy, type Policy, tagOf } from '../policy/policy.ts';
import type { Consent, Resource } from '../types/resource.ts';
import { listOf, unapproved } from './approval.ts';
import { atMinute } from './sentences.ts';

/** What people said about stops, and when. */
export interface Keeping {
  readonly policy: Policy;
  /** By ARN. */
  readonly keeps: ReadonlyMap<string, Keep>;
  /** By ARN. */
  readonly keepTags: ReadonlyMap<string, KeepTag>;
  /** The plan that was approved last; absent = none was, and then nothing is approved where the policy asks for it. */
  readonly approval?: Approval | undefined;
  readonly now: Date;
}

/** Why a resource must not be stopped. `until`: when that ends by itself; `undefined` = it does not. */
export interface Exemption {
  readonly why: string;
  readonly until: Date | undefined;
}

/** Why a resource must not be stopped, whatever its policy's rules say; `undefined` where nothing speaks against it. */
export const exemption = (
  resource: Resource,
  matched: NamedPolicy | undefined,
  keeping: Keeping,
): Exemption | undefined =>
  untouchable(resource, matched) ?? awaitsApproval(resource, keeping) ?? kept(resource, keeping);

/** Of what some rule could act on alone: of others there is nothing to approve, and people are told as always. */
function awaitsApproval(resource: Resource, keeping: Keeping): Exemption | undefined {
  const { policy } = keeping;
  if (policy.approval === 'off' || listOf(resource, policy) === undefined) return undefined;
  const why = unapproved(resource, keeping);
  return why === undefined ? undefined : { why, until: undefined };
}

/** Why nobody may stop it, not even a person by name. */
export function untouchable(resource: Resource, matched: NamedPolicy | undefined): Exemption | undefined {
  const [protection] = resource.protections;
  if (protection !== undefined) return { why: protection.detail, until: undefined };
  const { consent } = resource;
  if (consent === undefined || matched?.allow.includes(consent) === true) return undefined;
  return {
    why: `${CONSENT_SENTENCES[consent]} Policy ${matched?.name ?? 'none'} does not say allow: [${consent}].`,
    until: undefined,
  };
}

const CONSENT_SENTENCES: Readonly<Record<Consent, string>> = {
  'scale-to-zero': 'It could only be scaled to zero.',
  'terminate-spot': 'It is a Spot instance that cannot be stopped, only ended for good.',
  'stop-jobs': 'It is a job, whose work since its last checkpoint would be lost.',
};

/** Who or what keeps it for now; of several the longest. */
function kept(resource: Resource, keeping: Keeping): Exemption | undefined {
  const { now, keeps } = keeping;
  const person = keeps.get(resource.arn);
  const byPerson =
    person === undefined
      ? undefined
      : { why: `Kept until ${atMinute(person.until)} by ${person.by}.`, until: person.until };
  return [byPerson, keptByTag(resource, keeping)]
    .filter((one) => one !== undefined && one.until > now)
    .reduce((longest, one) => ((one?.until ?? now) > (longest?.until ?? now) ? one : longest), undefined);
}

/** For so long a keep tag that cannot be read keeps its resource: a typing mistake must not cost anyone their work. */
const UNREADABLE_SECONDS = 86_400;

function keptByTag(resource: Resource, keeping: Keeping): { why: string; until: Date } | undefined {
  const key = keeping.policy.tags.keepUntil;
  const value = tagOf(resource.tags, key);
  if (value === undefined) return undefined;
  const meant = readKeepTag(value);
  const since = keepTagSeen(resource, value, keeping);
  const after = (seconds: number): Date => new Date(since.getTime() + seconds * 1000);
  switch (meant.form) {
    case 'time':
      return { why: `Kept until ${atMinute(meant.until)} by its tag ${key}.`, until: meant.until };
    case 'duration': {
      const until = after(meant.seconds);
      return {
        why: `Kept until ${atMinute(until)}: its tag ${key} said "${value}" at ${atMinute(since)}.`,
        until,
      };
    }
    case 'unreadable': {
      const until = after(UNREADABLE_SECONDS);
      return {
        why: `Tag ${key} is "${value}", which is neither a time such as 2026-12-01T09:00:00Z nor a duration such as 4h; kept until ${atMinute(until)}, to be mended.`,
        until,
      };
    }
  }
}

/** When this value was first seen; now, where it is new. */
function keepTagSeen(resource: Resource, value: string, { keepTags, now }: Keeping): Date {
  const seen = keepTags.get(resource.arn);
  return seen?.value === value ? seen.seenAt : now;
}

/**
 * What must be remembered of the keep tag: a value that says no time by itself, seen for the first time.
 * `unreadable` = people must be told.
 */
export function newKeepTag(
  resource: Resource,
  { policy, keepTags, now }: Keeping,
): { readonly tag: KeepTag; readonly unreadable: boolean } | undefined {
  const value = tagOf(resource.tags, policy.tags.keepUntil);
  if (value === undefined || keepTags.get(resource.arn)?.value === value) return undefined;
  const { form } = readKeepTag(value);
  if (form === 'time') return undefined;
  return { tag: { arn: resource.arn, value, seenAt: now }, unreadable: form === 'unreadable' };
}

type KeepTagForm =
  | { readonly form: 'time'; readonly until: Date }
  | { readonly form: 'duration'; readonly seconds: number }
  | { readonly form: 'unreadable' };

/** Ten years: a longer duration is a typing mistake. */
const MAX_KEEP_SECONDS = 10 * 365 * 86_400;

/** An ISO 8601 date (the end of that day, UTC), a time with its offset, or a duration such as `90m`, `4h`, `2d`. */
function readKeepTag(text: string): KeepTagForm {
  const value = text.trim();
  if (FORMS.duration.test(value)) {
    const seconds = toSeconds(value);
    return seconds <= MAX_KEEP_SECONDS ? { form: 'duration', seconds } : { form: 'unreadable' };
  }
  const iso = /^\d{4}-\d{2}-\d{2}$/.test(value)
    ? `${value}T23:59:59.999Z`
    : /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/.test(value)
      ? value
      : undefined;
  const until = iso === undefined ? undefined : new Date(iso);
  return until === undefined || Number.isNaN(until.getTime())
    ? { form: 'unreadable' }
    : { form: 'time', until };
}
