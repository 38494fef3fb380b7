import Table from 'cli-table3';
import pc from 'picocolors';
import * as z from 'zod';
import type { ShownMessage } from './slack-stand-in.ts';
import type { Line } from './verdict.ts';

/** The table at the end: every resource, its policy, what was done and why. `width` is the terminal's, in columns. */
export function showTable(lines: readonly Line[], width: number): string {
  const fixed = [24, 17, 17, 16] as const;
  const rest = Math.max(34, width - fixed.reduce((sum, column) => sum + column, 0) - 6);
  const table = new Table({
    head: ['Resource', 'Project', 'Policy', 'Done', 'Why'],
    colWidths: [...fixed, rest],
    wordWrap: true,
    style: { head: ['bold'], border: ['dim'] },
  });
  for (const { actor, policy, state, done, why, wrong } of lines) {
    const mark = wrong.length === 0 ? pc.green('✔') : pc.red('✘');
    const { project = '—' } = actor.role.tags;
    table.push([
      `${mark} ${actor.role.title}`,
      project,
      policy,
      `${done}\n${pc.dim(state)}`,
      wrong.length === 0 ? why : `${why}\n${pc.red(wrong.join('; '))}`,
    ]);
  }
  return table.toString();
}

const TextSchema = z.object({ text: z.string() });

/** What is read of a Slack message to show it in a terminal. */
const BlockSchema = z.object({
  type: z.string(),
  text: TextSchema.optional(),
  fields: z.array(TextSchema).optional(),
  /** Of a context block texts, of an actions block buttons. */
  elements: z.array(z.object({ text: z.union([z.string(), TextSchema]).optional() })).optional(),
  accessory: z.object({ text: TextSchema }).optional(),
});

/** A Slack message as a person would read it, with a bar at its side. */
export function showSlack({ channel, blocks }: ShownMessage): string {
  const lines = z.array(BlockSchema).parse(blocks).flatMap(linesOf);
  return [pc.dim(channel), ...lines].map((line) => `  ${pc.magenta('┃')} ${plain(line)}`).join('\n');
}

function linesOf({ type, text, fields = [], elements = [], accessory }: z.infer<typeof BlockSchema>) {
  const said = text?.text.split('\n') ?? [];
  if (type === 'header') return said.map((line) => pc.bold(line));
  const buttons = [
    ...(type === 'actions' ? elements.map(labelOf) : []),
    ...(accessory === undefined ? [] : [accessory.text.text]),
  ];
  return [
    ...said,
    ...(fields.length === 0 ? [] : [fields.map((field) => field.text.replace('\n', ' ')).join('   ')]),
    ...(type === 'context' ? elements.map((note) => pc.dim(labelOf(note))) : []),
    ...(buttons.length === 0 ? [] : [buttons.map((label) => pc.cyan(`[ ${label} ]`)).join(' ')]),
  ];
}

const labelOf = ({ text }: { readonly text?: string | z.infer<typeof TextSchema> | undefined }): string =>
  (typeof text === 'string' ? text : text?.text) ?? '';

/** The newest answer that a message shows; `undefined` where nobody has answered. */
export const newestAnswer = ({ blocks }: ShownMessage): string | undefined =>
  z
    .array(BlockSchema)
    .parse(blocks)
    .flatMap(({ type, text, elements = [] }) =>
      type === 'context' ? elements.map(labelOf) : [text?.text ?? ''],
    )
    .findLast((line) => /^[✅⏳💬]/u.test(line));

/** Slack's own marks, made a terminal's. */
const plain = (text: string): string =>
  text
    .replaceAll(/\*([^*\n]+)\*/g, (_, bold: string) => pc.bold(bold))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
