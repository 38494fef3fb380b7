import type { Policy } from '../policy/policy.ts';
import { PolicyError } from '../policy/policy-error.ts';
import { UsageError } from './io.ts';
import { readPolicyText } from './read-policy.ts';

/**
 * Reads a policy file for a command that needs one to work by.
 * @throws UsageError where it cannot be read; with a line for every mistake in it, its place and the mend
 */
export async function loadPolicy(file: string): Promise<Policy> {
  const [text, { parsePolicy }] = await Promise.all([readPolicyText(file), import('../policy/parse.ts')]);
  try {
    return parsePolicy(text, file);
  } catch (error) {
    if (error instanceof PolicyError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
