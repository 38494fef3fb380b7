/** So many requests of $0.01 to Cost Explorer are made a UTC day at most, to know what was billed. */
export const REQUESTS_A_DAY = 4;

/** The mark in the ledger by which one of a day's requests is claimed. `n` counts from 1. */
export const billingRequestId = (day: string, n: number): string => `billing/${day}/${n}`;
