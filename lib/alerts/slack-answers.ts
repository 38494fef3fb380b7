import { atMinute } from '../decide/sentences.ts';
import type { Alert, AlertAnswer } from '../types/alert.ts';
import { oneLine } from './characters.ts';
import { escaped } from './mrkdwn.ts';
import { isPressOf, type Press } from './press.ts';
import { context, type SlackBlock, section } from './slack-blocks.ts';
import { approveButton } from './slack-buttons.ts';

/** The newest that are shown; with ten resources and their buttons a message stays below 50 blocks. */
const ANSWERS_SHOWN = 8;
const ANSWER_MAX = 600;

/** What people answered, the newest last, with a button where an owner must still approve. */
export function answerBlocks(alert: Alert, answers: readonly AlertAnswer[]): readonly SlackBlock[] {
  const hidden = answers.length - ANSWERS_SHOWN;
  const shown = [...answers.entries()].slice(-ANSWERS_SHOWN);
  return [
    ...(hidden > 0 ? [context(`${hidden} earlier ${hidden === 1 ? 'answer' : 'answers'}`)] : []),
    ...shown.map(([index, answer]): SlackBlock => {
      const press = pendingPress(alert, answers, index);
      if (press === undefined) return context(line(answer.approval === undefined ? '✅' : '💬', answer));
      const [button] = approveButton(press, 'Approve (owner)', index);
      return section(line('⏳', answer), button);
    }),
  ];
}

function line(mark: string, { at, by, text }: AlertAnswer): string {
  const who = oneLine(by);
  const what = oneLine(text);
  // Whole: of ana, `anas-notebook: …` says nothing.
  const sentence = what.startsWith(`${who} `) ? what : `${who}: ${what}`;
  return `${mark} ${escaped(sentence, ANSWER_MAX)} · ${atMinute(new Date(at))}`;
}

/** What an owner's button says; `undefined` where nobody needs to approve, or where an owner has. */
function pendingPress(alert: Alert, answers: readonly AlertAnswer[], index: number): Press | undefined {
  const asked = answers[index]?.approval;
  if (asked === undefined) return undefined;
  const press: Press = { alert: alert.id, ...asked, round: answers.length };
  const approved = answers.slice(index + 1).some(({ id }) => isPressOf(press, id));
  return approved ? undefined : press;
}
