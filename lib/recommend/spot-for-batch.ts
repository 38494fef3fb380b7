import type { Check } from './check.ts';
import { spotGroups, spotInstances } from './spot-instances.ts';
import { spotTraining } from './spot-training.ts';

/**
 * Work that could be broken off, and is paid on demand: training jobs with checkpoints, and instances and Auto Scaling groups
 * that are said to be batch.
 *
 * | grade      | low                              | medium                              | high                            |
 * |------------|----------------------------------|-------------------------------------|---------------------------------|
 * | risk       | training with checkpoints        | stated by a tag                     | only named so, or short-lived   |
 * | effort     | training with checkpoints; a     | training without                    | an instance: it is made anew    |
 * |            | group: its policy                |                                     |                                 |
 * | confidence | only named so; training without  | short-lived; training with          | stated by a tag                 |
 * |            | checkpoints                      | checkpoints: the discount is taken  |                                 |
 *
 * Tags that state it: `interruptible: true`, `workload: batch`; `interruptible: false` says the opposite. EC2 is reckoned by
 * what Spot costs now in the zone of each instance. No metrics are read; a call for each training job of 30 days, of the
 * newest 500, and for each group its scaling activities.
 */
export const spotForBatch: Check = {
  name: 'spot-for-batch',
  title: 'Training and batch work that could run on Spot',
  scope: 'region',
  permissions: [
    {
      actions: [
        'autoscaling:DescribeAutoScalingGroups',
        'autoscaling:DescribeScalingActivities',
        'ec2:DescribeInstances',
        'ec2:DescribeSpotPriceHistory',
        'sagemaker:ListTrainingJobs',
      ],
      resources: ['*'],
      taggedOnly: false,
    },
    {
      actions: ['sagemaker:DescribeTrainingJob', 'sagemaker:ListTags'],
      resources: ['sagemaker:*:*:training-job/*'],
      taggedOnly: false,
    },
  ],
  find: async (context) => {
    const found = [
      ...(await spotTraining(context)),
      ...(await spotInstances(context)),
      ...(await spotGroups(context)),
    ];
    return found.map((one) => ({
      id: `${spotForBatch.name} ${one.resource.arn}`,
      check: spotForBatch.name,
      ...one,
    }));
  },
};
