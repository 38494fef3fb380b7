/** One statement that denies, as the managed policy of a frozen project's roles and the SCP have it alike. */
export interface DeniedLaunches {
  readonly actions: readonly string[];
  /** Without partition, as of `Permission`; these resources alone, or all but those of `except`. */
  readonly except?: readonly string[];
}

/**
 * What launches. `sagemaker:Create*` would also deny the links by which people open what runs already, and save their
 * work (`CreatePresigned…Url`, `CreatePartnerAppPresignedUrl`): they are asked of resources of these types, so these
 * are left out, and what makes such a resource and costs money is denied by name. Of user profiles nothing costs.
 * Source: Service Authorization Reference, Amazon SageMaker, resource types of actions.
 */
export const DENIED_LAUNCHES: readonly DeniedLaunches[] = [
  {
    actions: [
      'ec2:RunInstances',
      'ec2:StartInstances',
      // With these AWS launches in its own name, and asks for no `RunInstances` of who calls.
      'ec2:CreateFleet',
      'ec2:RequestSpotInstances',
      'ec2:RequestSpotFleet',
      'rds:CreateDBInstance',
      'rds:StartDBInstance',
      'sagemaker:StartNotebookInstance',
      'sagemaker:StartPipelineExecution',
      'sagemaker:RetryPipelineExecution',
      'sagemaker:CreateNotebookInstance',
      'sagemaker:CreateMlflowApp',
      'sagemaker:CreateMlflowTrackingServer',
      'sagemaker:CreatePartnerApp',
    ],
  },
  {
    actions: ['sagemaker:Create*'],
    except: ['user-profile', 'notebook-instance', 'mlflow-app', 'mlflow-tracking-server', 'partner-app'].map(
      (type) => `sagemaker:*:*:${type}/*`,
    ),
  },
];
