import { setTimeout as sleep } from 'node:timers/promises';
import { processIo } from '../cli/io.ts';
import { spendParts } from '../cli/spend-lines.ts';
import { amount, type SpendRow } from '../cli/spend-row.ts';
import { formatUsd, microUsd, type Usd } from '../types/money.ts';
import { type Actor, LATECOMERS } from './cast.ts';
import { creationEvent } from './creation-event.ts';
import type { DeployedSweep } from './lambdas.ts';
import { clock, launch, OLGA, type Play, press, type Step, seconds, sweepOn } from './play-acts.ts';

const SWEEP_MS = 300_000;

/** The project that spends too fast. */
const PROJECT = 'demand-forecast';

/** How it stands by the meter. @throws where the sweep does not tell. */
function rowIn({ spend = [] }: DeployedSweep): SpendRow {
  const row = spend.find(({ project }) => project === PROJECT);
  if (row === undefined) throw new Error(`Nothing is known of the spend of ${PROJECT}.`);
  return row;
}

/** The same of its day. @throws where it has no limit, or is not on its way to it. */
function dayOf({ daily }: SpendRow): { readonly spent: Usd; readonly limit: Usd; readonly runsOutAt: Date } {
  if (daily?.runsOutAt === undefined) throw new Error(`${PROJECT} does not come to its limit of the day.`);
  return { spent: amount(daily.spent), limit: amount(daily.limit), runsOutAt: new Date(daily.runsOutAt) };
}

/** Asks for a sweep that only says what it would do. */
const look = ({ stage }: Play): Promise<DeployedSweep> => stage.sweep({ dryRun: true });

const UNDONE_WITHIN_MS = 30_000;

/** Waits until AWS says that it is stopped. @returns after how many milliseconds since `begun`. */
async function untilStopped({ stage }: Play, { role, id }: Actor, begun: number): Promise<number> {
  while ((await role.part.state(stage.clients, id)) !== 'stopped') {
    if (Date.now() - begun > UNDONE_WITHIN_MS) throw new Error(`${role.title} still runs.`);
    await sleep(50);
  }
  return Date.now() - begun;
}

/** Spend that AWS Budgets will know of tomorrow, and launches. */
export const SPEND_STEPS: readonly Step[] = [
  {
    title: 'cleo launches a p4d.24xlarge for demand-forecast, which may spend $15.00 a day',
    run: async (play, say) => {
      await launch(play, LATECOMERS.training);
      await play.stage.quiet();
      const row = rowIn(await look(play));
      const { spent, runsOutAt } = dayOf(row);
      say(
        `${formatUsd(spent)} so far, ${formatUsd(amount(row.burn))}/h now: the limit is reached at ${clock(runsOutAt)}`,
      );
    },
  },
  {
    title: 'The first sweep after that finds it',
    run: async (play, say) => {
      const { runsOutAt } = dayOf(rowIn(await look(play)));
      const at = new Date(Math.ceil(runsOutAt.getTime() / SWEEP_MS) * SWEEP_MS);
      const row = rowIn(await sweepOn(play, at));
      const { spent, limit } = dayOf(row);
      const over = formatUsd(microUsd(spent - limit));
      const most = formatUsd(amount(row.worstCase));
      say(
        `${clock(at)}, ${over} beyond the limit, of at most ${most} from one sweep to the next; AWS bills it hours later`,
      );
    },
  },
  {
    title: 'cleo launches another one, in the frozen project',
    run: async (play, say) => {
      const begun = Date.now();
      const actor = await launch(play, LATECOMERS.another);
      say(`stopped ${seconds(await untilStopped(play, actor, begun))} after it was launched`);
      await play.stage.quiet();
    },
  },
  {
    title: 'What bursar status says of the spend',
    run: async (play, say) => {
      const { spend = [], spendLevels = [], at } = await look(play);
      const when = new Date(at);
      const lines = spendParts({ spend, spendLevels, at: when }, processIo()).flat();
      play.status = { at: when, lines };
      say('see below');
    },
  },
  {
    title: 'olga presses "Unfreeze the project"',
    run: async (play, say) => {
      await press(play, { offer: 'unfreeze', user: OLGA, reason: 'The demo is today' }, say);
      const { frozenUntil } = rowIn(await look(play));
      if (frozenUntil !== undefined) throw new Error(`It is frozen until ${frozenUntil}.`);
    },
  },
  {
    title: 'dora launches an instance without any tag; CloudTrail tells who it was',
    run: async (play, say) => {
      const { stage } = play;
      const { id } = await launch(play, LATECOMERS.nameless);
      await stage.aws.eventsTold();
      await stage.aws.events.put(creationEvent(id, 'dora@example.com', stage.now()));
      await stage.quiet();
      say('her name is its tag bursar:creator');
    },
  },
];
