import { type EventPattern, type IRuleTarget, Match, Rule } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import type { TagKeys } from '../policy/policy.ts';

export interface LaunchEventsProps {
  /** Changes of other tags than those that policies usually go by are not told. */
  readonly tags: Pick<TagKeys, 'project' | 'owner' | 'environment'>;
  /** Where the events go. */
  readonly target: IRuleTarget;
}

/**
 * What AWS tells, within seconds, of starts, stops, changes of tags and who made what, in the region of the stack.
 * AWS gives no guarantee for it ("best effort"): the sweep sees what no event told.
 */
export class LaunchEvents extends Construct {
  constructor(scope: Construct, id: string, { tags, target }: LaunchEventsProps) {
    super(scope, id);
    for (const [name, eventPattern] of Object.entries(patternsFor(tags)))
      new Rule(this, name, {
        description: 'Bursar: tells the launch guard what starts, stops and is tagged anew',
        eventPattern,
        targets: [target],
      });
  }
}

const patternsFor = (tags: LaunchEventsProps['tags']): Readonly<Record<string, EventPattern>> => ({
  /** `pending` costs nothing yet. */
  Instances: {
    source: ['aws.ec2'],
    detailType: ['EC2 Instance State-change Notification'],
    detail: { state: Match.anythingBut('pending') },
  },
  Services: {
    source: ['aws.sagemaker', 'aws.rds'],
    detailType: [
      'SageMaker Endpoint State Change',
      'SageMaker Notebook Instance State Change',
      'SageMaker Training Job State Change',
      'SageMaker Processing Job State Change',
      'RDS DB Instance Event',
    ],
  },
  Tags: {
    source: ['aws.tag'],
    detailType: ['Tag Change on Resource'],
    detail: {
      service: ['ec2', 'sagemaker', 'rds', 'autoscaling'],
      'changed-tag-keys': [tags.project, tags.environment, tags.owner],
    },
  },
  /** Told only where a trail of CloudTrail logs management events of the region. */
  Calls: {
    source: ['aws.ec2', 'aws.sagemaker', 'aws.rds', 'aws.autoscaling'],
    detailType: ['AWS API Call via CloudTrail'],
    detail: {
      eventName: [
        'RunInstances',
        'CreateEndpoint',
        'CreateNotebookInstance',
        'CreateTrainingJob',
        'CreateProcessingJob',
        'CreateApp',
        'CreateDBInstance',
        'CreateAutoScalingGroup',
      ],
    },
  },
});
