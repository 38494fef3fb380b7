import type { Clock } from '../../../lib/types/clock.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'us-east-1';

/** What a resource does in one minute; `undefined` = no metric of it is published. */
export interface Use {
  /** Percent of all cores. */
  readonly cpu: number;
  /** Percent of its GPU; absent = no such metric. */
  readonly gpu?: number;
  /** Bytes a second, each way. */
  readonly network?: number;
  readonly invocations?: number;
}

interface Member {
  readonly type: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly since: Date;
  /** By the start of the minute. */
  readonly use: (minute: Date) => Use | undefined;
}

export interface FakeInstance extends Member {
  readonly id: string;
  readonly type: 'm5.xlarge' | 'p3.8xlarge' | 'g5.xlarge';
  /** What StopInstances answers for it, though DescribeInstances shows nothing special. */
  readonly refusal?: string;
  /** The same of StartInstances. */
  readonly startRefusal?: string;
}

export interface FakeEndpoint extends Member {
  readonly name: string;
  readonly cores: number;
  readonly gpus: number;
}

export interface FakeBudget {
  readonly project: string;
  readonly limit: string;
  readonly actual: string;
  readonly forecasted: string;
}

/** What Cost Explorer says of a day (`YYYY-MM-DD`). */
export interface FakeBill {
  readonly day: string;
  /** `''` = without the tag. */
  readonly project: string;
  /** As Cost Explorer names it: `Amazon SageMaker`. */
  readonly service: string;
  readonly usd: number;
}

/** Something that was done to the account. */
export interface Effect {
  readonly at: Date;
  readonly id: string;
}

/** What the mocked clients share. */
export interface FakeState {
  readonly now: Clock;
  readonly instances: Map<string, FakeInstance & { readonly stoppedAt?: Date }>;
  readonly endpoints: Map<
    string,
    FakeEndpoint & {
      readonly deletedAt?: Date /** After it had been deleted. */;
      readonly createdAgain?: true;
    }
  >;
  readonly budgets: Map<string, FakeBudget>;
  readonly bills: FakeBill[];
  /** Requests that cost money each. */
  readonly asked: { costExplorer: number };
  readonly effects: Effect[];
  /** What came back. */
  readonly restored: Effect[];
  /** `metrics: false` = CloudWatch answers without data. */
  readonly health: { metrics: boolean };
}
