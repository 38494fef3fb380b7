/**
 * The keys of the ledger's one table; all of them strings but `ttlAttribute`, which is epoch seconds. What
 * creates the table and what reads it share this.
 */
export const LEDGER_TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** The audit trail by project, and restore records by state and project. Projects all attributes. */
  projectIndex: { name: 'gsi1', partitionKey: 'gsi1pk', sortKey: 'gsi1sk' },
  ttlAttribute: 'expiresAt',
} as const;

/** What the partition keys of links to reports begin with, before the `#`. */
export const REPORT_LINK = 'report-link';
