import { readFile } from 'node:fs/promises';
import { UsageError } from './io.ts';

/**
 * The text of a file; `undefined` where there is none.
 * @param option by which it was named: `--usage`
 * @throws UsageError one line, where it is there and cannot be read
 */
export async function readIfThere(option: string, file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    if (code === 'ENOENT') return undefined;
    throw new UsageError(`${option} ${file}: Cannot be read (${code}).`, { cause });
  }
}
