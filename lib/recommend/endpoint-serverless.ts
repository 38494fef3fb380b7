import type { DescribeModelOutput } from '@aws-sdk/client-sagemaker';
import { instanceFacts } from '../fleet/instance-facts.ts';
import { formatUsd, microUsd } from '../types/money.ts';
import type { CheckContext } from './check.ts';
import type { EndpointSubject, EndpointWay } from './endpoint-fit.ts';
import type { EndpointUse } from './endpoint-use.ts';
import { countText, requestsText } from './endpoint-words.ts';
import { monthOf, runningHours, timesUsd } from './month.ts';
import { serverlessFit } from './serverless-fit.ts';
import { awsCommand, cdkChange, exactUsd, gibText, percentText } from './texts.ts';

/** Even where each request took so many times as long, it must save. */
const SLOWER = 4;

/** Without instances of its own; `undefined` where that does not fit, or hardly saves. */
export async function asServerless(
  { resource, hourly, part, config, target }: EndpointSubject,
  use: EndpointUse,
  model: DescribeModelOutput,
  { prices, region }: CheckContext,
): Promise<EndpointWay | undefined> {
  const fit = serverlessFit(part.type, use, config, model);
  if (fit === undefined) return undefined;
  const { memoryMiB, maxConcurrency, seconds } = fit;
  const million = await prices.unit({ service: 'sagemaker-serverless', region, memoryMiB });
  if (million === undefined) return undefined;
  const hours = runningHours(use.alive.hours, use.alive.since);
  const now = monthOf(hourly, hours);
  const then = timesUsd(million, seconds / 1e6);
  if (now <= timesUsd(then, SLOWER)) return undefined;
  const data = await prices.unit({ service: 'sagemaker-serverless-data', region });
  const name = `${resource.id}-serverless`;
  const [variant] = config.ProductionVariants ?? [];
  const ModelName = variant?.ModelName ?? '';
  const facts = instanceFacts(part.type);
  const used = ((facts?.memoryGiB ?? 0) * (use.memoryPercent ?? 0)) / 100;
  return {
    title: `Serve SageMaker endpoint ${resource.id} without instances of its own: serverless with ${memoryMiB / 1024} GB.`,
    monthly: microUsd(now - then),
    basis: `${exactUsd(hourly)} × ${hours} h - ${countText(seconds)} s × ${memoryMiB / 1024} GB at ${exactUsd(million)} a million seconds`,
    risk: 'medium',
    effort: 'medium',
    confidence: 'medium',
    evidence: [
      requestsText(use),
      `The model took ${countText(use.modelSeconds ?? 0)} s for all of them, ${(use.longestSeconds ?? 0).toFixed(1)} s at most; a serverless endpoint ends a request after 60 s.`,
      `Memory at most ${percentText(use.memoryPercent ?? 0)} of ${gibText(facts?.memoryGiB ?? 0)}, so ${gibText(used)}.`,
      'A request and its answer may have 4 MB there: CloudWatch does not tell how large they are.',
      `Not in the sum: data in and out${data === undefined ? '' : `, ${exactUsd(data)} a GB`}. With fewer vCPUs a request may take longer; at ${SLOWER} times the seconds it still saves ${formatUsd(microUsd(now - timesUsd(then, SLOWER)))} a month.`,
      ...(target === undefined
        ? []
        : ['Its autoscaling ends with it: a serverless endpoint scales by itself.']),
    ],
    keeps: `Its memory with a quarter to spare, and ${maxConcurrency} requests at once, ten times what the busiest hour had on average. The first request after a pause waits for a cold start, of seconds up to a minute: leave it where none may.`,
    how: [
      awsCommand('sagemaker', 'create-endpoint-config', region, {
        'endpoint-config-name': name,
        'production-variants': `VariantName=${part.name},ModelName=${ModelName},ServerlessConfig={MemorySizeInMB=${memoryMiB},MaxConcurrency=${maxConcurrency}}`,
      }),
      awsCommand('sagemaker', 'create-endpoint', region, {
        'endpoint-name': name,
        'endpoint-config-name': name,
      }),
      {
        form: 'command',
        text: `# Once callers use ${name}:\n${awsCommand('sagemaker', 'delete-endpoint', region, { 'endpoint-name': resource.id }).text}`,
      },
      cdkChange(
        `serverlessConfig: { memorySizeInMb: ${memoryMiB}, maxConcurrency: ${maxConcurrency} } instead of instanceType and initialInstanceCount in the production variant of a new CfnEndpointConfig`,
      ),
    ],
  };
}
