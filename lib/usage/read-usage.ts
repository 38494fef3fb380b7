import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { S3Client } from '@aws-sdk/client-s3';
import { UsageError } from '../cli/io.ts';
import type { UsageSource } from '../policy/allocation.ts';
import { assertNever } from '../types/assert-never.ts';
import type { DaySpan } from '../types/day-span.ts';
import type { Usage } from '../types/usage.ts';
import { readUsageFromFiles } from './from-files.ts';
import { readUsageFromMetric } from './from-metric.ts';

export interface UsageQuestion extends DaySpan {
  /** The folder of the policy file, which paths begin at. */
  readonly policyFolder: string;
  /** Absent = nothing can be read in S3. */
  readonly s3?: S3Client;
  /** Absent = no metric can be read. */
  readonly cloudWatch?: (region: string) => CloudWatchClient;
  /** Of metrics whose usage names none. */
  readonly defaultRegion: string;
  /** Absent = the time of the machine. */
  readonly now?: Date;
}

/**
 * Who used how much of something shared, hour by hour, or sample by sample where there are samples. In whatever order
 * rows and files come, the answer is the same.
 * @throws UsageError, one line that names the place and the mend; and what AWS answers beyond that
 */
export async function readUsage(name: string, source: UsageSource, question: UsageQuestion): Promise<Usage> {
  const { cloudWatch, s3, now = new Date() } = question;
  switch (source.from) {
    case 'file':
      return readUsageFromFiles(name, source, { ...question, s3 });
    case 'metric':
      if (cloudWatch === undefined) {
        throw new UsageError(
          `The usage "${name}" is a CloudWatch metric, which cannot be read here. Sign in to AWS.`,
        );
      }
      return readUsageFromMetric(name, source, { ...question, cloudWatch, now });
    default:
      return assertNever(source);
  }
}
