import Table from 'cli-table3';
import pc from 'picocolors';
import * as z from 'zod';
import type { Line } from './verdict.ts';

/** The table at the end: every resource, its policy, what was done and why. `width` is the terminal's, in columns. */
export function showTable(lines: readonly Line[], width: number): string {
  const fixed = [24, 18, 18, 13] as const;
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
      `${DONE[done] ?? done}\n${pc.dim(state)}`,
      wrong.length === 0 ? why : `${why}\n${pc.red(wrong.join('; '))}`,
    ]);
  }
  return table.toString();
}

const DONE: Readonly<Record<string, string>> = { stop: 'stopped', notify: 'people told', warn: 'warned' };

/** What is read of a Slack message to show it in a terminal. */
const MessageSchema = z.object({
  blocks: z.array(
    z.object({
      type: z.string(),
      text: z.object({ text: z.string() }).optional(),
      fields: z.array(z.object({ text: z.string() })).optional(),
      elements: z.array(z.object({ text: z.string().optional() })).optional(),
    }),
  ),
});

/** A Slack message as a person would read it, with a bar at its side. */
export function showSlack(message: unknown): string {
  const { blocks } = MessageSchema.parse(message);
  const lines = blocks.flatMap(({ type, text, fields, elements }) => {
    const said = text?.text.split('\n') ?? [];
    if (type === 'header') return said.map((line) => pc.bold(line));
    const columns = fields?.map((field) => field.text.replace('\n', ' ')).join('   ') ?? '';
    const notes = elements?.map((element) => pc.dim(element.text ?? '')) ?? [];
    return [...said, ...(columns === '' ? [] : [columns]), ...notes];
  });
  return lines.map((line) => `  ${pc.magenta('┃')} ${plain(line)}`).join('\n');
}

/** Slack's own marks, made a terminal's. */
const plain = (text: string): string =>
  text
    .replaceAll(/\*([^*\n]+)\*/g, (_, bold: string) => pc.bold(bold))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
