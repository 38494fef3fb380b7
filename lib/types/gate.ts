import type { Usd } from './money.ts';

/** What is known of an instance type; what is `undefined` is not known, and meets no need. */
export interface CandidateFacts {
  readonly type: string;
  readonly vcpu?: number | undefined;
  readonly memoryGiB: number | undefined;
  readonly gpus: number | undefined;
  /** GiB of all GPUs together. */
  readonly gpuMemoryGiB?: number | undefined;
}

/** One instance type that a pipeline may launch. */
export interface GateCandidate extends CandidateFacts {
  /** USD an hour; `undefined` is unpriced, never free. */
  readonly hourly: Usd | undefined;
}

/** What a job needs of an instance, as stated: `needs: { vcpu: 4, memory: 16 GiB, gpu: 1, gpuMemory: 24 GiB }`. Absent = any will do. */
export interface InstanceNeeds {
  readonly vcpu?: number;
  readonly memoryGiB?: number;
  /** Whole GPUs. */
  readonly gpus?: number;
  /** GiB of all GPUs together. */
  readonly gpuMemoryGiB?: number;
}

/** What the gate says of one candidate. */
export interface GateJudged {
  readonly type: string;
  readonly verdict: 'pass' | 'over' | 'unfit' | 'unpriced';
  /** USD that it adds, and what the project then comes to; absent where it is unpriced. */
  readonly adds?: Usd;
  readonly projected?: Usd;
  /** USD over the limit; absent where it is within. */
  readonly over?: Usd;
  readonly why: string;
}

export interface GateOutcome {
  readonly project: string;
  readonly limit: Usd;
  readonly committed: Usd;
  /** The first is what was asked for. */
  readonly judged: readonly GateJudged[];
  /** Passes where what was asked for passes. */
  readonly verdict: 'pass' | 'over';
  /** The first of the others that passes and meets the needs; absent where none does or none is wanted. */
  readonly pick?: string;
}
