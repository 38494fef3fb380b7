/** A bill that cannot be read, or not by these rules: one line that says what, where and how to mend it. */
export class BillError extends Error {
  override readonly name = 'BillError';
}
