import { readFile } from 'node:fs/promises';
import { UsageError } from './io.ts';

/** Where commands look for the policy unless told otherwise. */
export const DEFAULT_POLICY_FILE = 'bursar.yaml';

/**
 * The text of a policy file, or of a scenario.
 * @throws {UsageError} where it cannot be read or is not UTF-8 text
 */
export async function readPolicyText(file: string, what: 'policy' | 'scenario' = 'policy'): Promise<string> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new UsageError(`${file}: ${whyUnreadable(cause, what)}`, { cause });
  });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new UsageError(`${file}: Not UTF-8 text. Save it as UTF-8.`, { cause });
  }
}

function whyUnreadable(cause: unknown, what: 'policy' | 'scenario'): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  switch (code) {
    case 'ENOENT':
      return what === 'scenario'
        ? 'No such file. Name a scenario, such as one of the folder scenarios.'
        : `No such file. Name the policy file, or run this where ${DEFAULT_POLICY_FILE} is.`;
    case 'EISDIR':
      return `This is a folder. Name the ${what === 'scenario' ? 'scenarios' : 'policy file'} in it.`;
    case 'EACCES':
      return 'No permission to read it. Change its mode or its owner.';
    default:
      return `Cannot be read (${code}).`;
  }
}
