/** The ledger could not be read or written; `cause` is the error of DynamoDB or of the parser. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
}

/** electrodb wraps what the SDK throws; the SDK's own error says more by its name. */
const unwrapped = (error: unknown): unknown =>
  error instanceof Error && error.name === 'ElectroError' && error.cause instanceof Error
    ? error.cause
    : error;

/** Runs a step of the ledger; whatever it throws comes out as a `LedgerError` that names the step. */
export async function naming<T>(step: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof LedgerError) throw error;
    const cause = unwrapped(error);
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new LedgerError(`ledger: ${step} failed: ${why}`, { cause });
  }
}
