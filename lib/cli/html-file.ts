import { writeFile } from 'node:fs/promises';
import { UsageError } from './io.ts';

/** Writes a page. @throws UsageError one line, where it cannot be written */
export async function writeHtml(file: string, html: string): Promise<void> {
  await writeFile(file, html, 'utf8').catch((cause: unknown) => {
    throw new UsageError(`--html ${file}: ${whyUnwritable(cause)}`, { cause });
  });
}

function whyUnwritable(cause: unknown): string {
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
