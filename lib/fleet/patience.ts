/**
 * How every client waits; times in milliseconds. `adaptive` slows down before AWS has to refuse, which suits
 * a sweep of many reads. The SDK sets no time limit of its own, and only logs one that is set unless it is
 * told to throw: a connection that hangs must not eat the whole time of a Lambda.
 */
export const PATIENCE = {
  retryMode: 'adaptive',
  maxAttempts: 5,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 20_000, throwOnRequestTimeout: true },
} as const;
