import type { Permission } from '../fleet/kind.ts';

/**
 * To write the tag of this key, and no other, on what people launch. The tagging API asks for a permission of its own,
 * which no condition can bind, and for that of the resource's service, which these bind (Resource Groups Tagging API
 * reference, `TagResources`; Service Authorization Reference). `aws:TagKeys` is absent where a request sets no tags,
 * which `ForAllValues` would let through.
 */
export const creatorTags = (creator: string): readonly Permission[] => [
  { actions: ['tag:TagResources'], resources: ['*'], taggedOnly: false },
  ...TAGGING.map(([action, ...resources]) => ({
    actions: [action],
    resources,
    taggedOnly: false,
    conditions: {
      'ForAllValues:StringEquals': { 'aws:TagKeys': creator },
      Null: { 'aws:TagKeys': 'false' },
    },
  })),
];

/** How each service that people launch things of tags them. */
const TAGGING: readonly (readonly [action: string, ...resources: string[]])[] = [
  ['ec2:CreateTags', 'ec2:*:*:instance/*'],
  ['autoscaling:CreateOrUpdateTags', 'autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/*'],
  ['rds:AddTagsToResource', 'rds:*:*:db:*'],
  [
    'sagemaker:AddTags',
    ...['endpoint', 'notebook-instance', 'app', 'training-job', 'processing-job'].map(
      (type) => `sagemaker:*:*:${type}/*`,
    ),
  ],
];
