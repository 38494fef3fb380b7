import { parsePolicy } from '../../lib/policy/parse.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { microUsd, parseUsd, type Usd } from '../../lib/types/money.ts';
import type { Resource } from '../../lib/types/resource.ts';

export const usd = (text: string): Usd => parseUsd(text) ?? microUsd(-1n);

/** A policy of three projects, with these required tags in the form of the policy file. */
export const policyWith = (requiredTags: string, rest = ''): Policy =>
  parsePolicy(
    `
version: 1
projects:
  recsys: { owner: team-beta }
  fraud-detection: { owner: team-alpha }
  vision: {}
policies:
  - { name: production, match: { environment: prod }, idle: off }
  - { name: development, match: { environment: [dev, staging] }, idle: { after: 30m, do: stop } }
requiredTags: ${requiredTags}
${rest}`,
    'bursar.yaml',
  );

export const REQUIRED = '{ project: any, owner: any, environment: [dev, staging, prod] }';

export const resource = (id: string, tags: Resource['tags'], change: Partial<Resource> = {}): Resource => ({
  kind: 'ec2-instance',
  arn: `arn:aws:ec2:us-east-1:111122223333:instance/${id}`,
  id,
  account: '111122223333',
  region: 'us-east-1',
  tags,
  state: 'running',
  since: new Date('2026-11-20T00:00:00Z'),
  size: 'g5.xlarge',
  protections: [],
  hourly: usd('1.006'),
  ...change,
});

export const MEMBER: Partial<Resource> = {
  protections: [{ code: 'auto-scaling-group', detail: 'It is part of the Auto Scaling group web.' }],
};
