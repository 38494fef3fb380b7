import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { ClientOptions } from '../fleet/clients.ts';
import { PATIENCE } from '../fleet/patience.ts';

export const createLogsClient = (region: string, options: ClientOptions = {}): CloudWatchLogsClient =>
  new CloudWatchLogsClient({ region, ...PATIENCE, ...options });
