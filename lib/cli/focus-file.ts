import { writeFocus } from '../bill/focus-out-files.ts';
import type { Allocated } from './allocate-run.ts';
import { whyUnwritable } from './html-file.ts';
import { UsageError } from './io.ts';

/** Writes an allocation in the FOCUS format. @throws UsageError one line, where it cannot be written */
export async function writeFocusFile(
  file: string,
  { account, allocation, bill, policy }: Allocated,
): Promise<void> {
  if (!/^\d{12}$/.test(account)) {
    throw new UsageError('--focus: The format names the account that pays. Give its 12 digits by --account.');
  }
  const {
    allocation: { shared: rules },
    tags: { project: tagKey },
  } = policy;
  await writeFocus({ bill, allocation, rules, account, tagKey }, file).catch((cause: unknown) => {
    const why = cause instanceof Error && cause.name === 'BillError' ? cause.message : whyUnwritable(cause);
    throw new UsageError(`--focus ${file}: ${why}`, { cause });
  });
}
