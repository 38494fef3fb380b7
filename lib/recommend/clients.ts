import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { createS3Client } from '../bill/clients.ts';
import type { ClientOptions } from '../fleet/clients.ts';
import { PATIENCE } from '../fleet/patience.ts';
import type { RecommendDeps } from './recommend.ts';

export const createLogsClient = (region: string, options: ClientOptions = {}): CloudWatchLogsClient =>
  new CloudWatchLogsClient({ region, ...PATIENCE, ...options });

/** Clients, by region, of what checks ask beside the fleet. */
export const adviceClients = (options: ClientOptions = {}): Pick<RecommendDeps, 's3' | 'logs'> => ({
  s3: (region) => createS3Client(region, options),
  logs: (region) => createLogsClient(region, options),
});
