import { describe, expect, it } from 'vitest';
import { readTemplate } from '../../../lib/estimate/cloudformation/read-template.ts';
import { parseUsage } from '../../../lib/estimate/usage-file.ts';
import { OPTIONS } from './prices.ts';

/** Ids of what was read, each with what its parts are, and what has no price. */
const read = (template: object, usage = '') =>
  readTemplate(JSON.stringify(template), 'app.json', {
    ...OPTIONS,
    ...(usage === '' ? {} : { usage: parseUsage(`version: 1\nresources: ${usage}\n`, 'usage.yaml') }),
  }).items.map(({ id, parts, unpriced }) => [id, parts.map(({ what }) => what), unpriced]);

const task = (call: string, more: object = {}) => ({
  Type: 'Task',
  Resource: `arn:aws:states:::${call}`,
  End: true,
  ...more,
});
const TRAINING = {
  Parameters: {
    ResourceConfig: { InstanceType: 'ml.g5.xlarge', InstanceCount: 1 },
    StoppingCondition: { MaxRuntimeInSeconds: 7200 },
  },
};
const machine = (states: object) => ({
  Resources: {
    Machine: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: { Definition: { StartAt: 'Train', States: states } },
    },
  },
});

describe('what is stated of a whole', () => {
  it('is what the transitions of a state machine cost, beside its jobs', () => {
    expect(
      read(
        machine({ Train: task('sagemaker:createTrainingJob.sync', TRAINING) }),
        '{ Machine: { monthly: 5 USD } }',
      ),
    ).toEqual([
      ['App/Machine', ['as stated, a month'], []],
      ['App/Machine/Train', ['1 × ml.g5.xlarge for 2 h'], []],
    ]);
  });

  it('is what a pipeline costs with all its steps, once', () => {
    const step = (Name: string) => ({ Name, Type: 'Training', Arguments: TRAINING.Parameters });
    const Properties = {
      PipelineDefinition: {
        PipelineDefinitionBody: JSON.stringify({ Version: '2020-12-01', Steps: [step('A'), step('B')] }),
      },
    };
    const template = { Resources: { Weekly: { Type: 'AWS::SageMaker::Pipeline', Properties } } };
    expect(read(template).map(([id]) => id)).toEqual(['App/Weekly/A', 'App/Weekly/B']);
    expect(read(template, '{ Weekly: { monthly: 300 USD } }')).toEqual([
      ['App/Weekly', ['as stated, a month'], []],
    ]);
  });

  it('is what an endpoint costs with all its variants, once', () => {
    const variant = (VariantName: string) => ({
      VariantName,
      InstanceType: 'ml.g5.xlarge',
      InitialInstanceCount: 1,
    });
    const template = {
      Resources: {
        Config: {
          Type: 'AWS::SageMaker::EndpointConfig',
          Properties: { ProductionVariants: [variant('a'), variant('b')] },
        },
        Endpoint: {
          Type: 'AWS::SageMaker::Endpoint',
          Properties: { EndpointConfigName: { 'Fn::GetAtt': ['Config', 'EndpointConfigName'] } },
        },
      },
    };
    for (const name of ['Endpoint', 'Config']) {
      expect(read(template, `{ ${name}: { monthly: 300 USD } }`)).toEqual([
        ['App/Endpoint', ['as stated, a month'], []],
      ]);
    }
  });
});

describe('a mixed group', () => {
  it('whose weight is no weight has no price, and stops nothing', () => {
    const Overrides = [{ InstanceType: 'g5.xlarge', WeightedCapacity: 0 }];
    const LaunchTemplateSpecification = { LaunchTemplateId: { Ref: 'Template' }, Version: 1 };
    const [group] = read({
      Resources: {
        Group: {
          Type: 'AWS::AutoScaling::AutoScalingGroup',
          Properties: {
            MinSize: 1,
            MaxSize: 2,
            MixedInstancesPolicy: { LaunchTemplate: { LaunchTemplateSpecification, Overrides } },
          },
        },
        Template: {
          Type: 'AWS::EC2::LaunchTemplate',
          Properties: { LaunchTemplateData: { InstanceType: 'g5.xlarge' } },
        },
      },
    });
    expect(group).toEqual(['App/Group', [], ['`WeightedCapacity` must be 1 or more.']]);
  });
});

describe('a state machine of a template', () => {
  it('starts tuning jobs as well, and within choices and maps', () => {
    const Parameters = {
      HyperParameterTuningJobConfig: {
        ResourceLimits: { MaxNumberOfTrainingJobs: 10, MaxParallelTrainingJobs: 2 },
      },
      TrainingJobDefinition: TRAINING.Parameters,
    };
    const found = read(
      machine({
        Tune: task('sagemaker:createHyperParameterTuningJob.sync', { Parameters }),
        Each: {
          Type: 'Map',
          ItemProcessor: {
            StartAt: 'Train',
            States: { Train: task('sagemaker:createTrainingJob.sync', TRAINING) },
          },
        },
      }),
    );
    expect(found.map(([id, parts]) => [id, parts])).toEqual([
      ['App/Machine', []],
      ['App/Machine/Tune', ['1 × ml.g5.xlarge for 2 h, 10 times']],
      ['App/Machine/Train', ['1 × ml.g5.xlarge for 2 h']],
    ]);
    expect(found[2]?.[2]).toEqual([expect.stringContaining('runs once for each item of a Map')]);
  });

  it('names what else it starts that costs money', () => {
    const found = read(
      machine({
        Etl: task('glue:startJobRun.sync'),
        Host: task('aws-sdk:sagemaker:createEndpoint'),
        Tell: task('sns:publish'),
      }),
    );
    expect(found.slice(1)).toEqual([
      ['App/Machine/Etl', [], ['Etl starts what glue:startJobRun costs, which is not priced here.']],
      [
        'App/Machine/Host',
        [],
        ['Host starts what sagemaker:createEndpoint costs, which is not priced here.'],
      ],
    ]);
  });
});
