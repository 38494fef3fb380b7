/** What was given cannot be read as a change: one line for people that says what, where and how to mend it. */
export class ChangeError extends Error {
  override readonly name = 'ChangeError';
}
