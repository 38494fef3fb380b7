import { readFile } from 'node:fs/promises';
import { type PickToWrite, type PickWritten, pickInText } from '../gate/pick.ts';
import { whyUnwritable } from './html-file.ts';
import { UsageError } from './io.ts';
import { replaceFile } from './replace-file.ts';

/**
 * Writes picks into their files, once all of them could be read.
 * @throws UsageError one line, where one of them cannot be read or written
 */
export async function writePicks(picks: readonly PickToWrite[]): Promise<readonly PickWritten[]> {
  const picked = await Promise.all(
    [...Map.groupBy(picks, ({ choice }) => choice.at.file)].map(async ([file, own]) => {
      const before = await readFile(file, 'utf8').catch(refused(file));
      return { file, before, ...pickInText(before, own) };
    }),
  );
  for (const { file, before, text } of picked) {
    if (text !== before) await replaceFile(file, text).catch(refused(file));
  }
  return picked.flatMap(({ written }) => written);
}

const refused =
  (file: string) =>
  (cause: unknown): never => {
    throw new UsageError(`--pick ${file}: ${whyUnwritable(cause)}`, { cause });
  };
