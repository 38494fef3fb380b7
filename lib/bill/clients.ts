import { AthenaClient } from '@aws-sdk/client-athena';
import { S3Client } from '@aws-sdk/client-s3';
import type { ClientOptions } from '../fleet/clients.ts';
import { PATIENCE } from '../fleet/patience.ts';

/** The bucket of a bill or of job logs may lie in any region: S3 says in which, and is asked there. */
export const createS3Client = (region: string, options: ClientOptions = {}): S3Client =>
  new S3Client({ region, followRegionRedirects: true, ...PATIENCE, ...options });

export const createAthenaClient = (region: string, options: ClientOptions = {}): AthenaClient =>
  new AthenaClient({ region, ...PATIENCE, ...options });
