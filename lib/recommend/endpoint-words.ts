import type { Grade } from '../types/recommendation.ts';
import type { EndpointUse } from './endpoint-use.ts';

/** Days from which on two weeks are taken for seen in whole. */
const WHOLE_DAYS = 13;
export const confidenceOf = ({ alive }: EndpointUse): Grade => (alive.days >= WHOLE_DAYS ? 'high' : 'medium');

export const countText = (value: number): string => Math.round(value).toLocaleString('en-US');

export const requestsText = (use: EndpointUse): string =>
  `${countText(use.requests)} requests in ${use.hoursWithRequests} of ${use.alive.hours} hours of ${use.alive.days} days, ${countText(use.peakHour)} in the busiest.`;
