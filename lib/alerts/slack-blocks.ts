import type {
  ActionsBlock,
  Button,
  ContextBlock,
  HeaderBlock,
  MrkdwnElement,
  PlainTextElement,
  SectionBlock,
} from '@slack/types';

export type SlackBlock = HeaderBlock | SectionBlock | ContextBlock | ActionsBlock;

/** Source: Slack's reference of the section block: 3,000 characters of text. */
export const SECTION_MAX = 3_000;

/** `verbatim`: Slack must not turn names and addresses in the text into links and mentions by itself. */
export const mrkdwn = (text: string): MrkdwnElement => ({ type: 'mrkdwn', text, verbatim: true });
export const plain = (text: string): PlainTextElement => ({ type: 'plain_text', text, emoji: false });

export const section = (text: string, accessory?: Button): SectionBlock => ({
  type: 'section',
  text: mrkdwn(text),
  ...(accessory === undefined ? {} : { accessory }),
});
export const context = (text: string): ContextBlock => ({ type: 'context', elements: [mrkdwn(text)] });
