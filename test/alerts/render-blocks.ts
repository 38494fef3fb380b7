/**
 * Draws every message of `scenes.ts` as a page that resembles Slack, to be looked at:
 * `node --import tsx test/alerts/render-blocks.ts <directory>` writes a file for each.
 * It shows layout and words, not Slack's own pixels.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModalView } from '@slack/types';
import { detailsText } from '../../lib/alerts/details.ts';
import { type SlackMessage, toSlack } from '../../lib/alerts/slack.ts';
import type { SlackBlock } from '../../lib/alerts/slack-blocks.ts';
import { reasonWindow } from '../../lib/people/reason-window.ts';
import type { Alert } from '../../lib/types/alert.ts';
import { SCENES } from './scenes.ts';
import type { SlackButton } from './slack-texts.ts';

const STYLE = `
body { margin: 0; padding: 20px; background: #fff; color: #1d1c1d; font: 15px/1.46 Lato, "Helvetica Neue", Arial, "Noto Color Emoji", sans-serif; }
.message { display: grid; grid-template-columns: 36px 1fr; gap: 8px; max-width: 680px; }
.avatar { width: 36px; height: 36px; border-radius: 6px; background: #2d5d4f; color: #fff; font-weight: 900; text-align: center; line-height: 36px; }
.name { font-weight: 900; } .app { background: #ddd; border-radius: 2px; font-size: 10px; padding: 1px 3px; } .time, .note { color: #616061; font-size: 12px; }
h3 { font-size: 18px; margin: 8px 0; line-height: 1.33; }
.section { display: flex; justify-content: space-between; gap: 12px; margin: 8px 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.section > div:first-child { flex: 1; }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 12px; }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 8px 0; }
button { font: 700 13px Lato, Arial, sans-serif; height: 28px; padding: 0 12px; border-radius: 8px; border: 1px solid #bbbabb; background: #fff; color: #1d1c1d; max-width: 280px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; flex: none; }
button.danger { border-color: #e01e5a; color: #e01e5a; }
.context { color: #616061; font-size: 13px; margin: 6px 0; overflow-wrap: anywhere; }
code { color: #c01343; background: #f6f6f6; border: 1px solid #ddd; border-radius: 3px; padding: 1px 3px; font-size: 12px; }
.dialog { border: 1px solid #ddd; border-radius: 8px; padding: 12px; margin: 8px 0; max-width: 480px; background: #fafafa; }
.dialog b { display: block; }`;

/** Slack's text is escaped already, but for links, which come as `<https://…>`. */
const inline = (text: string): string =>
  text
    .replace(/<(https:[^>]*)>/g, '<a href="$1">$1</a>')
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/(^|[\s(])\*([^*\n]+)\*/g, '$1<b>$2</b>')
    .replace(/(^|[\s(])_([^_\n]+)_/g, '$1<i>$2</i>');

const button = ({ text, style }: SlackButton): string =>
  `<button class="${style ?? ''}">${text.text}</button>`;

function block(one: SlackBlock): string {
  switch (one.type) {
    case 'header':
      return `<h3>${one.text.text}</h3>`;
    case 'section': {
      const fields = (one.fields ?? []).map(({ text }) => `<div>${inline(text)}</div>`).join('');
      const body =
        one.text === undefined
          ? `<div class="fields">${fields}</div>`
          : `<div>${inline(one.text.text)}</div>`;
      const { accessory } = one;
      const side = accessory?.type === 'button' ? `<div>${button(accessory)}</div>` : '';
      return `<div class="section">${body}${side}</div>`;
    }
    case 'context':
      return `<div class="context">${one.elements.map((element) => (element.type === 'image' ? '' : inline(element.text))).join(' ')}</div>`;
    default:
      return `<div class="actions">${one.elements.map((element) => (element.type === 'button' ? button(element) : '')).join('')}</div>`;
  }
}

/** The first dialog of each kind that a button opens. */
function dialogs({ blocks }: SlackMessage): string {
  const all = blocks.flatMap((one) => (one.type === 'actions' ? one.elements : []));
  const seen = new Map(
    all.flatMap((element) =>
      element.type === 'button' && element.confirm !== undefined
        ? [[element.confirm.title?.text, element.confirm] as const]
        : [],
    ),
  );
  return [...seen.values()]
    .map(
      ({ title, text, confirm, deny }) =>
        `<p class="note">A press asks first, where no window does:</p><div class="dialog"><b>${title?.text}</b>${text.text}<div class="actions"><button>${deny?.text}</button><button class="danger">${confirm?.text}</button></div></div>`,
    )
    .join('');
}

/** The windows that the buttons open which concern the whole alert. */
function windows(alert: Alert): string {
  const at = new Date(alert.at);
  return (alert.offers ?? [])
    .flatMap((offer) => (offer === 'stop' || offer === 'keep-tomorrow' ? [offer] : []))
    .map((offer) => modal(reasonWindow({ alert: alert.id, offer, round: 0 }, {}, alert, at)))
    .join('');
}

function modal({ title, blocks, close, submit }: ModalView): string {
  const body = blocks.map((one) => {
    if ('label' in one) {
      const hint = 'hint' in one ? one.hint?.text : undefined;
      return `<b>${one.label.text} (optional)</b><input style="width: 95%"><div class="note">${hint ?? ''}</div>`;
    }
    return 'text' in one && typeof one.text === 'object' ? `<div class="section">${one.text.text}</div>` : '';
  });
  return `<p class="note">With a bot token a press opens a window:</p><div class="dialog"><b>${title.text}</b>${body.join('')}<div class="actions"><button>${close?.text ?? ''}</button><button>${submit?.text ?? ''}</button></div></div>`;
}

function page(title: string, message: SlackMessage, alert: Alert): string {
  return `<!doctype html><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style>
<div class="message"><div class="avatar">B</div><div><span class="name">Bursar</span> <span class="app">APP</span> <span class="time">10:30 AM</span>
${message.blocks.map(block).join('\n')}
${windows(alert)}
${dialogs(message)}
<p class="note">Details, seen by who presses it alone:</p><div class="section"><div>${inline(detailsText(alert))}</div></div></div></div>`;
}

const directory = process.argv[2] ?? '.';
mkdirSync(directory, { recursive: true });
for (const { name, alert, answers } of SCENES) {
  writeFileSync(join(directory, `${name}.html`), page(name, toSlack(alert, answers), alert));
}
