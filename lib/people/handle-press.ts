import { oneLine } from '../alerts/characters.ts';
import { detailsText } from '../alerts/details.ts';
import { escaped } from '../alerts/mrkdwn.ts';
import { concerned, morningOf } from '../alerts/offers.ts';
import { type Press, pressId } from '../alerts/press.ts';
import { toSlack } from '../alerts/slack.ts';
import { SlackSendError } from '../alerts/slack-error.ts';
import { projectHolder } from '../policy/levels.ts';
import type { Alert, AlertAnswer } from '../types/alert.ts';
import { assertNever } from '../types/assert-never.ts';
import { keep } from './keep.ts';
import type { Pressed } from './pressed.ts';
import { release } from './release.ts';
import type { KeepTerm, Person } from './request.ts';
import { restore } from './restore.ts';
import type { SlackPlace } from './slack-place.ts';
import { stop } from './stop.ts';
import { summary } from './summary.ts';
import { unfreeze } from './unfreeze.ts';
import type { Reply, Wish, WishDeps } from './wish.ts';

export interface PressDeps extends WishDeps {
  readonly onError: (message: string, error: unknown) => void;
}

/**
 * Does what a button offers, once, and shows it in the message: who pressed what, and what came of it. A repeat of the
 * press does nothing and shows the same again. Who may not, or finds nothing to do, is told alone: the button stays for
 * others.
 * @throws where it has to be tried again; what is done already is not done twice.
 */
export async function handlePress(pressed: Pressed, place: SlackPlace, deps: PressDeps): Promise<void> {
  const { press } = pressed;
  const known = await deps.ledger.alert(press.alert);
  if (known === undefined) {
    return say(
      place,
      'This alert is too old to be answered here: use the command line, `bursar --help`.',
      deps,
    );
  }
  if (press.offer === 'details') return whisper(place, detailsText(known.alert, press.item), deps);
  if (known.answers.some(({ id }) => id === pressId(press))) return show(press.alert, place, deps);
  const replies = await answer(pressed, known, deps);
  const changed = replies.some(({ status }) => status !== 'refused' && status !== 'nothing-to-do');
  if (!changed) return say(place, summary(replies, known.alert.items), deps);
  await deps.ledger.answerAlert(press.alert, toAnswer(pressed, replies, known));
  await show(press.alert, place, deps);
}

interface Known {
  readonly alert: Alert;
  readonly answers: readonly AlertAnswer[];
}

async function answer(pressed: Pressed, known: Known, deps: PressDeps): Promise<readonly Reply[]> {
  const { press } = pressed;
  const { alert } = known;
  if (!(alert.offers ?? []).includes(press.offer)) {
    return [{ status: 'refused', text: 'That is not on offer here.' }];
  }
  const one = press.item === undefined ? undefined : alert.items[press.item];
  const asked = askedFor(press, known);
  if ((press.item !== undefined && one === undefined) || (press.asker !== undefined && asked === undefined)) {
    return [{ status: 'refused', text: 'That is not on offer here.' }];
  }
  const wish = wishOf(pressed, asked);
  const items = one === undefined ? concerned(press.offer, alert.items) : [one];
  const named = items.map(({ arn, kind, id }) => ({ arn, kind, id }));
  switch (press.offer) {
    case 'keep-2h':
      return keep(named, { seconds: 7_200 }, wish, deps);
    case 'keep-tomorrow':
      return keep(named, tomorrowTerm(alert, wish.at), wish, deps);
    case 'stop':
      return stop(named, wish, deps);
    case 'restore':
      return restore({ arns: named.map(({ arn }) => arn) }, wish, deps);
    case 'release':
      return alert.heldAt === undefined
        ? [{ status: 'refused', text: 'Nothing is held back here.' }]
        : release(new Date(alert.heldAt), wish, deps);
    case 'unfreeze':
      return unfreezeOf(alert, wish, deps);
    case 'details':
      return [];
    default:
      return assertNever(press.offer);
  }
}

async function unfreezeOf(
  { project, holder }: Alert,
  wish: Wish,
  deps: PressDeps,
): Promise<readonly Reply[]> {
  const who = holder ?? (project === undefined ? undefined : projectHolder(project));
  return who === undefined
    ? [{ status: 'refused', text: 'This concerns no project.' }]
    : unfreeze(who, wish, deps);
}

function tomorrowTerm(alert: Alert, at: Date): KeepTerm {
  const morning = morningOf(alert, at);
  return morning === undefined ? 'tomorrow' : { at: morning.toISOString() };
}

/**
 * An approval is the asker's wish, with an owner's word for it. It counts from when the asker said it: what the owner
 * read, until when and for how much, is what they approve.
 */
function wishOf({ press, by, reason, at }: Pressed, asked: AlertAnswer | undefined): Wish {
  const presser: Person = { via: 'slack', ...by };
  const base = { id: pressId(press), reason };
  return press.asker === undefined || asked === undefined
    ? { ...base, at: new Date(at), by: presser }
    : {
        ...base,
        at: new Date(asked.at),
        by: { via: 'slack', id: press.asker, name: asked.by },
        approvedBy: presser,
      };
}

/** What an approval is of; `undefined` of another press, and where nobody asked for it. */
const askedFor = ({ asker, offer, item }: Press, { answers }: Known): AlertAnswer | undefined =>
  answers.findLast(
    ({ approval }) =>
      approval !== undefined &&
      approval.asker === asker &&
      approval.offer === offer &&
      approval.item === item,
  );

function toAnswer({ press, by, reason, at }: Pressed, replies: readonly Reply[], known: Known): AlertAnswer {
  const { item, offer } = press;
  const asked = askedFor(press, known);
  const approved = asked === undefined ? '' : `Approved for ${asked.by}. `;
  const text = `${approved}${summary(replies, known.alert.items)}`;
  const asks = replies.some(({ status }) => status === 'needs-approval');
  return {
    id: pressId(press),
    at,
    by: by.name,
    text: reason === undefined ? text : `${text} Reason: ${reason}`,
    ...(asks ? { approval: { ...(item === undefined ? {} : { item }), offer, asker: by.id } } : {}),
  };
}

/** Shows the message with all its answers, until it shows the newest: others may press meanwhile. */
async function show(alertId: string, place: SlackPlace, deps: PressDeps): Promise<void> {
  for (let shown = -1; ; ) {
    const known = await deps.ledger.alert(alertId);
    if (known === undefined || known.answers.length === shown) return;
    try {
      await place.update(toSlack(known.alert, known.answers, { windows: place.windows }));
    } catch (error) {
      if (!(error instanceof SlackSendError) || error.retry) throw error;
      // It is done, but the message cannot be changed any more: deleted, or its half hour has passed.
      deps.onError('a message could not be updated', error);
      return say(place, known.answers.at(-1)?.text ?? 'It was answered.', deps);
    }
    shown = known.answers.length;
  }
}

/** Text in which names of projects and people stand: none of it may be markup. */
const say = (place: SlackPlace, text: string, deps: PressDeps): Promise<void> =>
  whisper(place, escaped(oneLine(text), 3_000), deps);

/** What cannot be said is logged: nothing depends on it. */
async function whisper(place: SlackPlace, text: string, { onError }: PressDeps): Promise<void> {
  try {
    await place.whisper(text);
  } catch (error) {
    if (!(error instanceof SlackSendError) || error.retry) throw error;
    onError('an answer could not be said', error);
  }
}
