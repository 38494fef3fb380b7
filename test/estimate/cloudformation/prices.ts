import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readTemplate, type TemplateOptions } from '../../../lib/estimate/cloudformation/read-template.ts';
import type { Change, Estimate } from '../../../lib/estimate/estimate.ts';
import { priceChange } from '../../../lib/estimate/price-change.ts';
import { readPipelineItems } from '../../../lib/estimate/sagemaker.ts';
import { parsePrices, priceBookOf, spotOf } from '../../../lib/fleet/price-file.ts';
import { usdToDecimal } from '../../../lib/types/money.ts';

const PRICES = parsePrices(
  `version: 1
prices:
  us-east-1:
    ec2/m5.large/Linux: 0.096 USD
    ec2/m5.xlarge/Windows: 0.376 USD
    ec2/r5.2xlarge/Linux: 0.504 USD
    ec2/g5.xlarge/Linux: 1.006 USD
    spot/g5.xlarge: 0.4501 USD
    ebs/gp2/gib: 0.10 USD
    ebs/gp3/gib: 0.08 USD
    ebs/gp3/iops: 0.005 USD
    ebs/gp3/gibps: 40.96 USD
    ebs/io2/gib: 0.125 USD
    ebs/io2/iops: 0.065 USD
    ebs/io2/iops-tier2: 0.0455 USD
    ebs/st1/gib: 0.045 USD
    nat-gateway: 0.045 USD
    nat-gateway-data: 0.045 USD
    load-balancer/application: 0.0225 USD
    load-balancer-lcu/application: 0.008 USD
    public-ipv4/in-use: 0.005 USD
    rds/db.r6g.large/postgres/single-az: 0.225 USD
    rds/db.r6g.large/postgres/multi-az: 0.45 USD
    rds-storage/gp3/gib/single-az: 0.115 USD
    rds-storage/gp3/gib/multi-az: 0.23 USD
    sagemaker-hosting/ml.m5.xlarge: 0.23 USD
    sagemaker-hosting/ml.g5.xlarge: 1.408 USD
    sagemaker-hosting/ml.g5.2xlarge: 1.515 USD
    sagemaker-hosting/ml.g5.12xlarge: 7.09 USD
    sagemaker-notebook/ml.t3.medium: 0.05 USD
    sagemaker-notebook/ml.p3.2xlarge: 3.825 USD
    sagemaker-training/ml.g5.xlarge: 1.408 USD
    sagemaker-training/ml.p3.2xlarge: 3.825 USD
    sagemaker-volume/hosting: 0.14 USD
    sagemaker-volume/notebook: 0.14 USD
    sagemaker-volume/training: 0.14 USD
    sagemaker-serverless/2048: 40 USD
    sagemaker-serverless-data: 0.016 USD
    lambda/x86_64/requests: 0.20 USD
    lambda/x86_64/gb-seconds: 16.6667 USD
    lambda/arm64/requests: 0.20 USD
    lambda/arm64/gb-seconds: 13.3334 USD
    logs/ingested: 0.50 USD
    logs/stored: 0.03 USD
    s3/STANDARD: 0.023 USD
`,
  'prices.yaml',
);

export const OPTIONS = {
  name: 'App',
  region: 'us-east-1',
  projectTag: 'project',
  readPipeline: readPipelineItems('project'),
} as const satisfies TemplateOptions;

export const stackPath = (file: string): string =>
  fileURLToPath(new URL(`../stacks/${file}`, import.meta.url));

export const stackText = (file: string): Promise<string> => readFile(stackPath(file), 'utf8');

export const readStack = async (file: string, options: Partial<TemplateOptions> = {}): Promise<Change> =>
  readTemplate(await stackText(file), file, { ...OPTIONS, ...options });

export const priced = (change: Change): Promise<Estimate> =>
  priceChange(change, { prices: priceBookOf(PRICES), spot: spotOf(PRICES) });

/** Exact USD of each item that has a price, by its id. */
export const costsOf = ({ items }: Estimate): Readonly<Record<string, string>> =>
  Object.fromEntries(
    items.filter(({ parts }) => parts.length > 0).map(({ id, cost }) => [id, usdToDecimal(cost)]),
  );
