import { budgetsText } from '../simulate/account/budgets-text.ts';
import { setBilledOf } from './billing.ts';
import { act, enterCast } from './cast.ts';
import { ACCOUNT } from './local-aws.ts';
import {
  ANA,
  buttonOf,
  clock,
  later,
  OLGA,
  type Play,
  press,
  type Say,
  type Step,
  seconds,
  sweepOn,
} from './play-acts.ts';
import { billOfMonth } from './play-bill.ts';
import { enterWaste, RECOMMEND_STEP } from './play-recommend.ts';
import { REPORT_STEP } from './play-report.ts';
import { SPEND_STEPS } from './play-spend.ts';
import type { Stage } from './stage.ts';

/** In the morning, so that no day ends within the play: what is told once a day would be told twice. */
const HOUR = 10;
/** The play ends before that, from the beginning of the idle time on. */
const LASTS_MINUTES = 120;

/** Brings the fleet on, two hours into its work. */
export async function beginPlay(stage: Stage): Promise<Play> {
  stage.slack.setGroups({ SFRAUDML: [ANA.id] });
  // They have run for a while already, and AWS told of their start then.
  stage.aws.events.setClock(() => new Date());
  const actors = await enterCast(stage.clients);
  stage.aws.events.setClock(stage.now);
  const idleSince = new Date(stage.now());
  idleSince.setUTCHours(HOUR, 0, 0, 0);
  if (idleSince <= stage.now()) idleSince.setUTCDate(idleSince.getUTCDate() + 1);
  await act(stage.clients, actors, 'before', { from: later(idleSince, -120), to: idleSince });
  await act(stage.clients, actors, 'during', { from: idleSince, to: later(idleSince, LASTS_MINUTES) });
  const bill = billOfMonth(idleSince);
  await setBilledOf(stage.aws.endpoints['cost-explorer'] ?? '', bill, { account: ACCOUNT });
  await stage.advanceTo(idleSince);
  return { stage, actors, idleSince, bill, waste: await enterWaste(stage) };
}

/** Sets the stage's clock to so many minutes into the idle time, and sweeps. */
async function sweepAt(play: Play, minutes: number, say: Say): Promise<void> {
  const { decisions, metricsRequested } = await sweepOn(play, later(play.idleSince, minutes));
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

/** Somebody who does not have Slack's secret posts what a press looks like. */
async function forge(play: Play, say: Say): Promise<void> {
  const { slack, deliver, quiet } = play.stage;
  const { message, action } = buttonOf(play, 'stop', 'anas-notebook');
  const { body } = slack.press(message, action, { user: OLGA });
  const calls = slack.calls().length;
  const status = await deliver(slack.sign(body, new Date(), 'a guess'));
  await quiet();
  if (status !== 401 || slack.calls().length > calls) throw new Error(`It was answered with ${status}.`);
  say('HTTP 401, and nothing else');
}

/** The play: a budget breach of one project, thirty idle minutes of another, a third that spends too fast, what people say, the month's report, and what could cost less. */
export const STEPS: readonly Step[] = [
  {
    title: 'AWS Budgets: recsys has spent 104% of its $12,000.00',
    run: async (play, say) => {
      const started = Date.now();
      await publishBreach(play);
      say(`people are told within ${seconds(Date.now() - started)}, and have 15 min of grace`);
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
      const time = { from: later(idleSince, 30), to: later(idleSince, LASTS_MINUTES) };
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
  ...SPEND_STEPS,
  REPORT_STEP,
  RECOMMEND_STEP,
];
