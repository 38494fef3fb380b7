import type { Clock } from '../../../lib/types/clock.ts';
import type { InstanceChange } from './truth.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'us-east-1';
/** Another one that may be watched. */
export const ELSEWHERE = 'eu-west-1';

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
  /** Absent = `REGION`. */
  readonly region?: string;
  /** True = of a one-time Spot request, so that it can only be ended. */
  readonly spot?: true;
  /** Its stop protection is on; a look at it tells. */
  readonly isProtected?: true;
}

export type KeptInstance = FakeInstance & {
  readonly stoppedAt?: Date;
  /** It was terminated then. */
  readonly ended?: true;
};

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
  readonly instances: Map<string, KeptInstance>;
  /** What instances truly were, in the order in which it came about. */
  readonly changes: readonly InstanceChange[];
  readonly endpoints: Map<
    string,
    FakeEndpoint & {
      readonly deletedAt?: Date /** After it had been deleted. */;
      readonly createdAgain?: true;
    }
  >;
  readonly budgets: Map<string, FakeBudget>;
  /** What Cost Explorer says … */
  readonly bills: FakeBill[];
  /** … unless this is replaced. */
  readonly billing: { bills: () => readonly FakeBill[] };
  /** Requests that cost money each. */
  readonly asked: { costExplorer: number };
  readonly effects: Effect[];
  /** What came back. */
  readonly restored: Effect[];
  /** `metrics: false` = CloudWatch answers without data. `costExplorer: false` = it refuses. */
  readonly health: { metrics: boolean; costExplorer: boolean };
}
