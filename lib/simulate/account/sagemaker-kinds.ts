import type { ResourcePart } from '../../types/resource.ts';
import type { Member } from './state.ts';

/** A SageMaker notebook instance. */
export interface MemoryNotebook extends Member {
  readonly name: string;
  /** In the future: it is being stopped until then. */
  readonly stoppedAt?: Date;
  /** When its last start or stop was asked for. */
  readonly askedAt?: Date;
  /** It is `Failed`, for that reason. */
  readonly failure?: string;
}

/** An application of SageMaker Studio. */
export interface MemoryApp extends Member {
  readonly domain: string;
  /** `''` where it belongs to `user` alone. */
  readonly space: string;
  /** The user profile that it belongs to, or, of a private space, that owns the space. */
  readonly user?: string;
  readonly app: string;
  /** `JupyterLab`, `CodeEditor` or `KernelGateway`. */
  readonly appType: string;
  /** Absent = `since`. */
  readonly createdAt?: Date;
  /** In the future: it is being deleted until then. */
  readonly deletedAt?: Date;
  /** It is `Failed`, for that reason. */
  readonly failure?: string;
}

/** A training or processing job. */
export interface MemoryJob extends Member {
  readonly kind: 'sagemaker-training-job' | 'sagemaker-processing-job';
  readonly name: string;
  readonly count: number;
  /** What it runs on, where that is several groups of instances; `type` and `count` then say nothing. */
  readonly groups?: readonly ResourcePart[];
  /** When its work is done, or it was stopped; absent = it goes on. */
  readonly endsAt?: Date;
  /** It was asked to stop, and does so by `endsAt`. */
  readonly isStopped?: true;
  /** Absent = `since`. */
  readonly createdAt?: Date;
  /** It runs on Spot capacity. */
  readonly spot?: true;
  /** Where its checkpoints go. */
  readonly checkpoints?: string;
  /** What it belongs to. */
  readonly owner?: { readonly field: JobOwner; readonly arn: string };
}

/** The field of a job's description that names what it belongs to. */
export type JobOwner =
  | 'TuningJobArn'
  | 'AutoMLJobArn'
  | 'LabelingJobArn'
  | 'TrainingPlanArn'
  | 'MonitoringScheduleArn'
  | 'TrainingJobArn';
