import { writeFile } from 'node:fs/promises';
import { UsageError } from './io.ts';

/** Writes a page. @throws UsageError one line, where it cannot be written */
export const writeHtml = (file: string, html: string): Promise<void> => writeText('--html', file, html);

/**
 * Writes a file that somebody has named.
 * @param option by which it was named: `--csv`
 * @throws UsageError one line, where it cannot be written
 */
export async function writeText(option: string, file: string, text: string): Promise<void> {
  await writeFile(file, text, 'utf8').catch((cause: unknown) => {
    throw new UsageError(`${option} ${file}: ${whyUnwritable(cause)}`, { cause });
  });
}

/** Why a file cannot be written, a sentence that says how to mend it. */
export function whyUnwritable(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  switch (code) {
    case 'ENOENT':
      return 'There is no such folder. Make it, or name another file.';
    case 'EISDIR':
      return 'This is a folder. Name a file in it.';
    case 'EACCES':
    case 'EROFS':
      return 'No permission to write it. Name another file.';
    case 'ENOSPC':
      return 'The disk is full.';
    default:
      return `Cannot be written (${code}).`;
  }
}
