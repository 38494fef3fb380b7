/** A mistake that whoever deploys can mend: its message says all, a stack trace would hide it. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}
