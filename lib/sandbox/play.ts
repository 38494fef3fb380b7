import { budgetsText } from './budgets-text.ts';
import { type Actor, act, enterCast } from './cast.ts';
import { ACCOUNT } from './local-aws.ts';
import { newestAnswer } from './show.ts';
import { buttonsOf, type ShownMessage } from './slack-stand-in.ts';
import type { Stage } from './stage.ts';

/** Says what happens within a step. */
export type Say = (text: string) => void;

/** One step of the play. */
export interface Step {
  readonly title: string;
  readonly run: (play: Play, say: Say) => Promise<void>;
}

/** What a play knows while it runs. */
export interface Play {
  readonly stage: Stage;
  readonly actors: readonly Actor[];
  /** When the idle half hour began, on the stage's clock. */
  readonly idleSince: Date;
}

/** A member of fraud-detection by her user group, and an owner. */
const ANA = { id: 'UANA00001', name: 'ana' };
const OLGA = { id: 'UOLGA0001', name: 'olga' };

const MINUTE_MS = 60_000;
const later = (at: Date, minutes: number): Date => new Date(at.getTime() + minutes * MINUTE_MS);
const clock = (at: Date): string => `${at.toISOString().slice(11, 16)} UTC`;

/** In the morning, so that no day ends within the play: what is told once a day would be told twice. */
const HOUR = 10;

/** Brings the fleet on, two hours into its work. */
export async function beginPlay(stage: Stage): Promise<Play> {
  stage.slack.setGroups({ SFRAUDML: [ANA.id] });
  const actors = await enterCast(stage.clients);
  const idleSince = new Date(stage.now());
  idleSince.setUTCHours(HOUR, 0, 0, 0);
  if (idleSince <= stage.now()) idleSince.setUTCDate(idleSince.getUTCDate() + 1);
  await act(stage.clients, actors, 'before', { from: later(idleSince, -120), to: idleSince });
  await act(stage.clients, actors, 'during', { from: idleSince, to: later(idleSince, 60) });
  await stage.advanceTo(idleSince);
  return { stage, actors, idleSince };
}

/** Sets the stage's clock to so many minutes into the idle time, and sweeps. */
async function sweepAt({ stage, idleSince }: Play, minutes: number, say: Say): Promise<void> {
  await stage.advanceTo(later(idleSince, minutes));
  const { decisions, metricsRequested } = await stage.sweep();
  await stage.quiet();
  const decided = Object.entries(decisions).map(([action, count]) => `${count} ${action}`);
  say(`${decided.length === 0 ? 'nothing to do' : decided.join(', ')}; ${metricsRequested} metrics read`);
}

/** Sets the clock to the next minute for which a stop was announced. Its own schedule starts the sweep, nobody else. */
async function nextAnnouncedMinute({ stage }: Play, say: Say): Promise<void> {
  const [next] = await stage.schedules();
  if (next === undefined) throw new Error('No sweep was asked for.');
  await stage.advanceTo(next.at);
  await stage.fireDue();
  say(`a one-time schedule started the sweep of ${clock(next.at)}`);
}

/** Publishes what AWS Budgets publishes when recsys has passed its limit, and waits until it is worked through. */
async function publishBreach({ stage }: Play): Promise<void> {
  const names = await stage.setSpend({ recsys: { actual: '12480.5', forecasted: '13100' } });
  const { subject, message } = budgetsText({
    account: ACCOUNT,
    budgetName: names.get('recsys') ?? '',
    type: 'ACTUAL',
    date: stage.now(),
    limit: '$12,000.00',
    threshold: '$12,000.00',
    amount: '$12,480.50',
  });
  await stage.publish(subject, message);
  await stage.quiet();
}

/** The newest message in which a resource has a button of that offer, and the button's name. */
function buttonOf({ stage }: Play, id: string, offer: string): { message: ShownMessage; action: string } {
  for (const message of stage.slack.messages().toReversed()) {
    const at = message.blocks.findIndex((block) => JSON.stringify(block).includes(`\`${id}\``));
    const action = buttonsOf(at < 0 ? [] : message.blocks.slice(at)).find(({ action_id }) =>
      action_id.startsWith(`bursar:${offer}:`),
    )?.action_id;
    if (action !== undefined) return { message, action };
  }
  throw new Error(`No message offers ${offer} for ${id}.`);
}

/** Has somebody press a button, and says what the message then shows. */
async function press(
  play: Play,
  { id, offer, user }: { readonly id: string; readonly offer: string; readonly user: typeof ANA },
  say: Say,
): Promise<void> {
  const { slack } = play.stage;
  const { message, action } = buttonOf(play, id, offer);
  await play.stage.press(message, action, { user });
  const shown = slack.messages().find(({ ts }) => ts === message.ts);
  say(`the message changes\n  Slack: ${(shown && newestAnswer(shown)) ?? 'nothing'}`);
}

/** Somebody who does not have Slack's secret posts what a press looks like. */
async function forge(play: Play, say: Say): Promise<void> {
  const { slack, deliver, quiet } = play.stage;
  const { message, action } = buttonOf(play, 'anas-notebook', 'stop');
  const { body } = slack.press(message, action, { user: OLGA });
  const calls = slack.calls().length;
  const status = await deliver(slack.sign(body, new Date(), 'a guess'));
  await quiet();
  if (status !== 401 || slack.calls().length > calls) throw new Error(`It was answered with ${status}.`);
  say('HTTP 401, and nothing else');
}

/** The play: a budget breach of one project, thirty idle minutes of another, and what people say to both. */
export const STEPS: readonly Step[] = [
  {
    title: 'AWS Budgets: recsys has spent 104% of its $12,000.00',
    run: async (play, say) => {
      const started = Date.now();
      await publishBreach(play);
      say(`people are told within ${((Date.now() - started) / 1000).toFixed(1)} s, and have 15 min of grace`);
    },
  },
  {
    title: 'The same alert once more, as SNS may deliver it',
    run: async (play, say) => {
      const { slack } = play.stage;
      const before = slack.messages().length;
      await publishBreach(play);
      say(`${slack.messages().length - before} more messages in Slack`);
    },
  },
  { title: 'The grace is over: recsys is stopped', run: nextAnnouncedMinute },
  {
    title: '20 min idle: the owners of fraud-detection are warned',
    run: (play, say) => sweepAt(play, 20, say),
  },
  { title: 'Somebody forges a press of "Stop now"', run: forge },
  {
    title: 'ana presses "Keep 2 h" for her notebook',
    run: (play, say) => press(play, { id: 'anas-notebook', offer: 'keep-2h', user: ANA }, say),
  },
  { title: '30 min idle: the others are stopped', run: nextAnnouncedMinute },
  {
    title: 'olga presses "Restore" for fraud-scoring, and uses it',
    run: async (play, say) => {
      const { stage, actors, idleSince } = play;
      const scoring = actors.find(({ id }) => id === 'fraud-scoring');
      const time = { from: later(idleSince, 30), to: later(idleSince, 60) };
      await scoring?.role.part.act(stage.clients, scoring.id, 'busy', time);
      await press(play, { id: 'fraud-scoring', offer: 'restore', user: OLGA }, say);
    },
  },
  {
    title: '35 min: the next sweep gives fraud-scoring its scaling back',
    run: async (play, say) => {
      await sweepAt(play, 35, () => {});
      const scoring = play.actors.find(({ id }) => id === 'fraud-scoring');
      const record = await play.stage.ledger.restoreRecord(scoring?.arn ?? '');
      if (record?.state !== 'restored') throw new Error('Its restore is not finished.');
      say('it is back as it was, and nothing more is stopped');
    },
  },
];
