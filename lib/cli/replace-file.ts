import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises';

/**
 * Writes a file that is there in one step: a reader, or whoever comes after a crash, finds the old text or the new one.
 * Its mode stays, and a link goes on to lead to it.
 * @throws what the file system answers; the file is then as it was
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  const target = await realpath(file);
  const { mode } = await stat(target);
  const beside = `${target}.${process.pid}.tmp`;
  try {
    await writeFile(beside, text, { encoding: 'utf8', mode, flag: 'wx' });
    await rename(beside, target);
  } catch (cause) {
    await rm(beside, { force: true });
    throw cause;
  }
}
