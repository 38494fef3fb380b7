import { budgetsText } from './budgets-text.ts';
import { type Actor, act, enterCast } from './cast.ts';
import { ACCOUNT } from './local-aws.ts';
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

const MINUTE_MS = 60_000;
const later = (at: Date, minutes: number): Date => new Date(at.getTime() + minutes * MINUTE_MS);

/** Brings the fleet on, two hours into its work. */
export async function beginPlay(stage: Stage): Promise<Play> {
  const actors = await enterCast(stage.clients);
  // On CloudWatch's own 5-minute grid, so that the minutes of the play are whole.
  const idleSince = new Date(Math.ceil(stage.now().getTime() / (5 * MINUTE_MS)) * 5 * MINUTE_MS);
  await act(stage.clients, actors, 'before', later(idleSince, -120), idleSince);
  await act(stage.clients, actors, 'during', idleSince, later(idleSince, 60));
  return { stage, actors, idleSince };
}

/** Sets the stage's clock to so many minutes into the idle time, and sweeps. */
async function sweepAt({ stage, idleSince }: Play, minutes: number, say: Say): Promise<void> {
  await stage.advance(Math.ceil((later(idleSince, minutes).getTime() - stage.now().getTime()) / 1000));
  const { decisions, metricsRequested } = await stage.sweep();
  await stage.quiet();
  const decided = Object.entries(decisions).map(([action, count]) => `${count} ${action}`);
  say(`${decided.length === 0 ? 'nothing to do' : decided.join(', ')}; ${metricsRequested} metrics read`);
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

/** The play: a budget breach of one project, thirty idle minutes of another. */
export const STEPS: readonly Step[] = [
  {
    title: 'AWS Budgets: recsys has spent 104% of its $12,000.00',
    run: async (play, say) => {
      const started = Date.now();
      await publishBreach(play);
      say(`worked through in ${((Date.now() - started) / 1000).toFixed(1)} s`);
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
  {
    title: '20 min idle: the owners of fraud-detection are warned',
    run: (play, say) => sweepAt(play, 20, say),
  },
  { title: '29 min idle: not yet', run: (play, say) => sweepAt(play, 29, say) },
  { title: '30 min idle: stopped', run: (play, say) => sweepAt(play, 30, say) },
  { title: '35 min: the next sweep finds nothing more to stop', run: (play, say) => sweepAt(play, 35, say) },
];
