import type { Resource } from '../types/resource.ts';
import type { SignalPlan, SignalQuery } from './kind.ts';

const PERIOD_SECONDS = 300;

/**
 * A database is in use while somebody is connected. `DatabaseConnections` counts clients alone, neither the connections
 * of RDS itself nor the sessions of the engine's own job scheduler, and is sampled once a minute: a client that comes
 * for less than that may only show in what the network brings. No CPU and no disk: the engine and its backups alone
 * keep them above any limit that would mean something for an instance.
 */
export const databaseSignals = async (
  databases: readonly Resource[],
): Promise<ReadonlyMap<string, SignalPlan>> =>
  new Map(
    databases.map(({ arn, id }) => [
      arn,
      {
        queries: [
          query(id, 'connections', 'DatabaseConnections'),
          // Already bytes/s. What RDS sends to watch the instance is in it: the limit of idleness has room for that.
          query(id, 'network', 'NetworkReceiveThroughput'),
        ],
        missing: [],
      },
    ]),
  );

const query = (id: string, signal: SignalQuery['signal'], metricName: string): SignalQuery => ({
  signal,
  namespace: 'AWS/RDS',
  metricName,
  dimensions: { DBInstanceIdentifier: id },
  statistic: 'Maximum',
  periodSeconds: PERIOD_SECONDS,
  scale: 1,
  absence: 'unknown',
});
