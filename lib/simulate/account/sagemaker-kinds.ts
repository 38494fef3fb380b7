import type { Member } from './state.ts';

/** A SageMaker notebook instance. */
export interface MemoryNotebook extends Member {
  readonly name: string;
  readonly stoppedAt?: Date;
}

/** An application of SageMaker Studio. */
export interface MemoryApp extends Member {
  readonly domain: string;
  readonly space: string;
  readonly app: string;
  /** `JupyterLab`, `CodeEditor` or `KernelGateway`. */
  readonly appType: string;
  readonly deletedAt?: Date;
}

/** A training or processing job. */
export interface MemoryJob extends Member {
  readonly kind: 'sagemaker-training-job' | 'sagemaker-processing-job';
  readonly name: string;
  readonly count: number;
  /** When its work is done, or it was stopped; absent = it goes on. */
  readonly endsAt?: Date;
}
