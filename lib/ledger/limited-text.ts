import { LedgerError } from './errors.ts';

/** DynamoDB refuses items over 400 KB; this leaves room for keys and a margin. */
export const TEXT_LIMIT_BYTES = 350 * 1024;

/** The text itself. @throws LedgerError where it is over 350 KB. */
export function limitedText(what: string, text: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= TEXT_LIMIT_BYTES) return text;
  throw new LedgerError(
    `ledger: ${what} is ${Math.ceil(bytes / 1024)} KB; at most ${TEXT_LIMIT_BYTES / 1024} KB can be kept`,
  );
}
