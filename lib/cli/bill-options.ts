import type { Command } from 'commander';
import type { BillSource } from '../bill/read-bill.ts';
import { FORMS } from '../policy/forms.ts';
import { show } from '../policy/words.ts';
import type { Dimension } from '../types/cost.ts';
import type { BillParts } from './bill-run.ts';
import { UsageError } from './io.ts';
import { DEFAULT_POLICY_FILE } from './read-policy.ts';
import { type RemoteOptions, withRemoteOptions } from './remote-options.ts';

/** What reads the account and the ledger, loaded once a command runs. */
export const billParts = async (): Promise<BillParts> => {
  const [{ awsContexts }, { findLedger }] = await Promise.all([
    import('./aws-contexts.ts'),
    import('./find-ledger.ts'),
  ]);
  return { awsContexts, findLedger };
};

/** What commands that read a bill are told. */
export interface BillOptions extends RemoteOptions {
  readonly policy: string;
  readonly month?: string;
  readonly bill?: readonly string[];
}

/** Gives a command the options that say which bill, of which month, by which rules. */
export const withBillOptions = (command: Command): Command =>
  withRemoteOptions(command)
    .option('--month <month>', 'the month, such as 2026-11 (default: the current one, UTC)')
    .option('--policy <file>', 'the policy file', DEFAULT_POLICY_FILE)
    .option(
      '--bill <where...>',
      'cost-explorer ($0.01 a request), ledger (free, by project and service alone), or line items: files, folders or s3://bucket/prefix/name of CUR 2.0 or FOCUS (default: as the policy file says, else cost-explorer)',
    );

/** Where `--bill` says that the bill is; `undefined` = nothing is said. @throws UsageError */
export function billSource(where: readonly string[] | undefined): BillSource | undefined {
  if (where === undefined) return undefined;
  const words = where.filter((one) => one === 'cost-explorer' || one === 'ledger');
  const [word] = words;
  if (word === undefined) return { from: 'files', locations: where };
  if (where.length > 1) {
    throw new UsageError(`--bill: ${word} stands alone. Name either it, or files and folders.`);
  }
  return word === 'ledger' ? { from: 'ledger' } : { from: 'cost-explorer' };
}

const CATEGORY = 'category:';

/** What `--by environment` or `--by "category:Cost center"` means. @throws UsageError */
export function dimensionsOf(
  texts: readonly string[],
  tagKeyOf: (name: string) => string,
): readonly Dimension[] {
  const dimensions = texts.map((text): Dimension => {
    if (text.startsWith(CATEGORY)) {
      const name = text.slice(CATEGORY.length).trim();
      if (name === '') throw new UsageError('--by: category: needs a name, such as "category:Cost center".');
      return { of: 'category', name };
    }
    const key = tagKeyOf(text);
    if (!FORMS.tagKey.test(key)) {
      throw new UsageError(
        `--by: ${show(text)} is no tag key. Write one such as environment, or category:its-name.`,
      );
    }
    return { of: 'tag', key };
  });
  return dimensions;
}
