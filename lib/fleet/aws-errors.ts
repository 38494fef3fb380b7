import type { Outcome } from '../types/outcome.ts';

/** The name of what an AWS call threw, such as `UnsupportedOperation`; `Error` where it has none. */
export const errorCode = (error: unknown): string =>
  error instanceof Error && error.name !== '' ? error.name : 'Error';

/** Its message for people, on one line. */
export const errorMessage = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ').trim();

const THROTTLING = new Set([
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'EC2ThrottledException',
  'RequestThrottled',
  'RequestThrottledException',
  'ProvisionedThroughputExceededException',
  'SlowDown',
]);

/** Errors of the way there: nothing was said about the request itself. */
const TRANSPORT = new Set([
  'TimeoutError',
  'AbortError',
  'NetworkingError',
  'RequestTimeout',
  'RequestTimeoutException',
]);

/**
 * True where the same call may succeed soon: throttling, a fault of the service, a lost connection; also
 * where such an error is the `cause`, as it is of a `LedgerError`.
 */
export function isTransient(error: unknown): boolean {
  const code = errorCode(error);
  if (THROTTLING.has(code) || TRANSPORT.has(code)) return true;
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)) return true;
  if ('$fault' in error && error.$fault === 'server') return true;
  return error.cause !== undefined && isTransient(error.cause);
}

/** What a call that threw comes to; `retry` where more than its error says that another try may succeed. */
export const failure = (error: unknown, at: Date, retry = false): Outcome => ({
  status: 'failed',
  at,
  code: errorCode(error),
  detail: errorMessage(error),
  retry: retry || isTransient(error),
});
