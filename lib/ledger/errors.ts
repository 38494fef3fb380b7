/** The ledger could not be read or written; `cause` is what DynamoDB or the parser said. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
}

/** Runs a step of the ledger; whatever it throws comes out as a `LedgerError` that names the step. */
export async function naming<T>(step: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof LedgerError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new LedgerError(`ledger: ${step} failed: ${why}`, { cause: error });
  }
}
