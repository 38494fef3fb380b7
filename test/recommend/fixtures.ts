import { microUsd } from '../../lib/types/money.ts';
import type { Recommendation } from '../../lib/types/recommendation.ts';

export const VOLUME = 'arn:aws:ec2:us-east-1:111122223333:volume/vol-0a1';

/** A recommendation as a check makes it. */
export const recommendation = (
  over: Partial<Omit<Recommendation, 'resource'>> & {
    readonly resource?: Partial<Recommendation['resource']>;
  } = {},
): Recommendation => {
  const { resource, ...rest } = over;
  const arn = resource?.arn ?? VOLUME;
  const check = rest.check ?? 'gp2-to-gp3';
  return {
    id: `${check} ${arn}`,
    check,
    title: 'Change volume vol-0a1 from gp2 to gp3.',
    resource: {
      arn,
      id: 'vol-0a1',
      kind: 'EBS volume',
      region: 'us-east-1',
      project: 'recsys',
      owner: 'ana',
      ...resource,
    },
    monthly: microUsd(10_000_000n),
    basis: '500 GiB × ($0.10 - $0.08) a month.',
    risk: 'low',
    effort: 'low',
    confidence: 'high',
    evidence: ['It is a volume of 500 GiB of the type gp2.'],
    keeps: 'It keeps 3,000 IOPS, where gp2 gave 1,500.',
    how: [{ form: 'command', text: 'aws ec2 modify-volume --volume-id vol-0a1 --volume-type gp3' }],
    ...rest,
  };
};
