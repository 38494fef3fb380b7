/** How long the ledger keeps what it is told, in days. DynamoDB may delete days later. */
export const KEPT_DAYS = {
  action: 100,
  audit: 400,
  restore: 400,
  once: 14,
  price: 7,
  slot: 1,
  watch: 2,
  /** After its end. */
  keep: 30,
  keepTag: 400,
  alert: 90,
  /** Of the parts of one that another has taken the place of. */
  approvalBefore: 1,
  /** After the period's end. */
  mark: 3,
  meter: 62,
  /** After the day. */
  spendDay: 400,
  /** After the month's first day. */
  spendMonth: 1_200,
  /** After the last of them has ended. */
  reservations: 1,
  newestReport: 30,
  /** After it has stopped to open its report: until then people are told so. */
  reportLink: 30,
} as const;

const DAY_SECONDS = 86_400;

const epochSeconds = (date: Date): number => Math.floor(date.getTime() / 1_000);

/** The TTL of something written at `from`, in epoch seconds. */
export const expiryOf = (what: keyof typeof KEPT_DAYS, from: Date): number =>
  epochSeconds(from) + KEPT_DAYS[what] * DAY_SECONDS;

/** `expiresAt` at or below this has passed, whether DynamoDB has deleted the item or not. */
export const expiredBy = (now: Date): number => epochSeconds(now);
