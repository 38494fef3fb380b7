import type { SlackMessage } from '../../lib/alerts/slack.ts';
import type { SlackBlock } from '../../lib/alerts/slack-blocks.ts';

export type SlackButton = Extract<
  Extract<SlackBlock, { type: 'actions' }>['elements'][number],
  { type: 'button' }
>;

/** Every button of a message; anything else that can be pressed is a mistake. */
export function buttonsOf({ blocks }: SlackMessage): readonly SlackButton[] {
  return blocks.flatMap((block) => {
    const elements =
      block.type === 'actions'
        ? block.elements
        : block.type === 'section' && block.accessory !== undefined
          ? [block.accessory]
          : [];
    return elements.map((element) => {
      if (element.type !== 'button') throw new Error(`no button: ${element.type}`);
      return element;
    });
  });
}

/** Every text of a message, with the limit that Slack sets on it. */
export function textsOf(message: SlackMessage): readonly { readonly text: string; readonly max: number }[] {
  return [
    { text: message.text, max: 4_000 },
    ...message.blocks.flatMap((block): readonly { text: string; max: number }[] => {
      switch (block.type) {
        case 'header':
          return [{ text: block.text.text, max: 150 }];
        case 'section':
          return [
            ...(block.text === undefined ? [] : [{ text: block.text.text, max: 3_000 }]),
            ...(block.fields ?? []).map((field) => ({ text: field.text, max: 2_000 })),
          ];
        case 'actions':
          return [];
        default:
          return block.elements.map((element) => ({
            text: element.type === 'image' ? '' : element.text,
            max: 2_000,
          }));
      }
    }),
    ...buttonsOf(message).flatMap(({ text, confirm }) => [
      { text: text.text, max: 75 },
      ...(confirm === undefined
        ? []
        : [
            { text: confirm.title?.text ?? '', max: 100 },
            { text: confirm.text.text, max: 300 },
            { text: confirm.confirm?.text ?? '', max: 30 },
            { text: confirm.deny?.text ?? '', max: 30 },
          ]),
    ]),
  ];
}
