import { REASON_FIELD } from '../people/pressed.ts';
import type { BilledAmount } from './billing.ts';
import { type Actor, enterLate, type Role } from './cast.ts';
import { setEc2Clock } from './ec2-front.ts';
import type { DeployedSweep } from './lambdas.ts';
import type { Waste } from './play-recommend.ts';
import { newestAnswer } from './show.ts';
import { buttonsOf, type ShownMessage } from './slack-stand-in.ts';
import type { Stage } from './stage.ts';
import type { WrittenReport } from './written-report.ts';

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
  /** All that have entered. */
  readonly actors: Actor[];
  /** When the idle half hour began, on the stage's clock. */
  readonly idleSince: Date;
  /** What AWS charges in the month, as the ledger is told of it at the first sweep. */
  readonly bill: readonly BilledAmount[];
  /** What could cost less, and how much. */
  readonly waste: readonly Waste[];
  /** What `bursar status` said of the spend, once it was asked. */
  status?: { readonly at: Date; readonly lines: readonly string[] };
  /** The report of the month, once it was written and agreed with the bill and the ledger. */
  report?: WrittenReport;
  /** What `bursar recommend --brief` said, once it was asked. */
  recommended?: readonly string[];
}

export interface User {
  readonly id: string;
  readonly name: string;
}

/** A member of fraud-detection by her user group, and an owner of all projects. */
export const ANA: User = { id: 'UANA00001', name: 'ana' };
export const OLGA: User = { id: 'UOLGA0001', name: 'olga' };

const MINUTE_MS = 60_000;
export const later = (at: Date, minutes: number): Date => new Date(at.getTime() + minutes * MINUTE_MS);
export const clock = (at: Date): string => `${at.toISOString().slice(11, 16)} UTC`;
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Sets the stage's clock to a time, and sweeps. */
export async function sweepOn({ stage }: Play, at: Date): Promise<DeployedSweep> {
  await stage.advanceTo(at);
  const swept = await stage.sweep();
  await stage.quiet();
  return swept;
}

/** Launches what has not entered yet, now by the stage's clock, and waits until EventBridge has told of it. */
export async function launch(play: Play, role: Role): Promise<Actor> {
  const { stage, actors } = play;
  const ec2 = stage.aws.endpoints.ec2 ?? '';
  await setEc2Clock(ec2, stage.now().getTime() - Date.now());
  const actor = await enterLate(stage.clients, role);
  await setEc2Clock(ec2, undefined);
  actors.push(actor);
  return actor;
}

/** The newest message in which there is a button of that offer, of a resource if one is named, and the button's name. */
export function buttonOf(
  { stage }: Pick<Play, 'stage'>,
  offer: string,
  id?: string,
): { readonly message: ShownMessage; readonly action: string } {
  for (const message of stage.slack.messages().toReversed()) {
    const at =
      id === undefined ? 0 : message.blocks.findIndex((block) => JSON.stringify(block).includes(`\`${id}\``));
    const action = buttonsOf(at < 0 ? [] : message.blocks.slice(at)).find(({ action_id }) =>
      action_id.startsWith(`bursar:${offer}:`),
    )?.action_id;
    if (action !== undefined) return { message, action };
  }
  throw new Error(`No message offers ${offer}${id === undefined ? '' : ` for ${id}`}.`);
}

export interface PressOf {
  readonly offer: string;
  /** Of the resource that the button is for, where it is for one. */
  readonly id?: string;
  readonly user: User;
  /** For the window that asks for one. */
  readonly reason?: string;
}

/** Has somebody press a button, and says what the message then shows. */
export async function press(play: Play, { id, offer, user, reason }: PressOf, say: Say): Promise<void> {
  const { slack, deliver, quiet } = play.stage;
  const { message, action } = buttonOf(play, offer, id);
  await play.stage.press(message, action, { user });
  const [window] = slack.windows();
  if (window !== undefined) {
    await deliver(slack.submit(window, { [REASON_FIELD]: reason ?? '' }, user));
    await quiet();
  }
  const shown = slack.messages().find(({ ts }) => ts === message.ts);
  say(`the message changes\n  Slack: ${(shown && newestAnswer(shown)) ?? 'nothing'}`);
}
