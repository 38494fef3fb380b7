import { ASYNCHRONOUS, COMPONENTS } from '../fleet/sagemaker-form.ts';
import type { CheckContext } from './check.ts';
import type { EndpointSubject, EndpointWay } from './endpoint-fit.ts';
import type { EndpointUse } from './endpoint-use.ts';
import { confidenceOf, requestsText } from './endpoint-words.ts';
import { asynchronous, asyncScaling, componentScaling } from './endpoint-zero-how.ts';
import { monthOf, runningHours } from './month.ts';
import { exactUsd } from './texts.ts';

/** Where at least so many hours of a hundred need no instance, scaling to zero is worth it. */
const LEAST_FREE_PERCENT = 50;
/** Requests of the busiest hour up to which they come minutes apart, so that their answers may come later. */
const SPARSE = 30;

/** Scaled to zero in hours without requests; `undefined` where there are few, or where it does so already. */
export function asZero(
  subject: EndpointSubject,
  use: EndpointUse,
  { region }: CheckContext,
): EndpointWay | undefined {
  const { resource, hourly, part, config, target } = subject;
  const { alive, neededHours } = use;
  // What it does already shows in its metrics: it is not alive all the time.
  if (target?.MinCapacity === 0) return undefined;
  if (resource.form === COMPONENTS && leastInstances(config) === 0) return undefined;
  if (resource.form === undefined && use.peakHour > SPARSE) return undefined;
  const free = alive.hours - Math.min(alive.hours, neededHours);
  if (100 * free < LEAST_FREE_PERCENT * alive.hours) return undefined;
  const hours = Math.round((runningHours(alive.hours, alive.since) * free) / alive.hours);
  const way = zeroWay(subject, Math.max(1, part.count, target?.MaxCapacity ?? 1), region);
  return {
    ...way,
    monthly: monthOf(hourly, hours),
    basis: `${exactUsd(hourly)} × ${hours} h without requests`,
    confidence: confidenceOf(use),
    evidence: [
      requestsText(use),
      `${neededHours} hours had a request or were next to one; in ${free} of ${alive.hours} no instance would have been needed.`,
      `It runs ${part.count} × ${part.type} for ${exactUsd(hourly)} an hour.`,
    ],
  };
}

const leastInstances = ({ ProductionVariants }: EndpointSubject['config']): number | undefined => {
  const scaling = ProductionVariants?.[0]?.ManagedInstanceScaling;
  return scaling?.Status === 'ENABLED' ? scaling.MinInstanceCount : undefined;
};

type ZeroWay = Pick<EndpointWay, 'title' | 'risk' | 'effort' | 'keeps' | 'how'>;

function zeroWay(subject: EndpointSubject, most: number, region: string): ZeroWay {
  const { resource, part } = subject;
  switch (resource.form) {
    case ASYNCHRONOUS:
      return {
        title: `Let asynchronous SageMaker endpoint ${resource.id} scale to zero.`,
        risk: 'low',
        effort: 'low',
        keeps: 'No request is lost: it waits in the queue, for minutes where an instance must start first.',
        how: asyncScaling(resource.id, part.name, most, region),
      };
    case COMPONENTS:
      return {
        title: `Let the inference components of SageMaker endpoint ${resource.id} scale to zero.`,
        risk: 'high',
        effort: 'medium',
        keeps:
          'Endpoint, components and calls stay as they are. A request that comes while there is no copy fails, and those of the next minutes: callers must try again, or leave it.',
        how: componentScaling(subject, most, region),
      };
    default:
      return {
        title: `Make SageMaker endpoint ${resource.id} asynchronous, and let it scale to zero.`,
        risk: 'medium',
        effort: 'high',
        keeps:
          'Type, model and results stay; no request is lost. Answers come by Amazon S3, after minutes where an instance must start first: leave it where callers wait for them.',
        how: asynchronous(subject, most, region),
      };
  }
}
