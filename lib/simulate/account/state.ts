import type { Clock } from '../../types/clock.ts';
import type { ResourceKind } from '../../types/resource.ts';
import type { MemoryGroup } from './auto-scaling.ts';
import type { MemoryBalancer, MemoryGateway, MemoryVolume } from './beside.ts';
import type { MemoryNotification } from './budgets.ts';
import type { MemoryDatabase } from './rds.ts';
import type { RecordedMetrics } from './recorded.ts';
import type { MemoryApp, MemoryJob, MemoryNotebook } from './sagemaker-kinds.ts';
import type { EndpointShape } from './sagemaker-shape.ts';
import type { InstanceChange } from './truth.ts';
import type { SteadyUntil, UseAt } from './use.ts';

export type { Use } from './use.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'us-east-1';
/** Another one that may be watched. */
export const ELSEWHERE = 'eu-west-1';

/** What every kind of entry has. */
export interface Member {
  readonly type: string;
  readonly tags: Readonly<Record<string, string>>;
  /** When it last came into service. In the future: it is being created or started until then. */
  readonly since: Date;
  readonly use: UseAt;
  readonly steadyUntil?: SteadyUntil;
  /** Absent = `REGION`. */
  readonly region?: string;
}

export interface MemoryInstance extends Member {
  readonly id: string;
  /** What StopInstances answers for it, though DescribeInstances shows nothing special. */
  readonly refusal?: string;
  /** The same of StartInstances. */
  readonly startRefusal?: string;
  /** True = of a one-time Spot request, so that it can only be ended. */
  readonly spot?: true;
  /** Its stop protection is on; a look at it tells. */
  readonly isProtected?: true;
}

export type KeptInstance = MemoryInstance & {
  readonly stoppedAt?: Date;
  /** It was terminated then. */
  readonly ended?: true;
};

export interface MemoryEndpoint extends Member, EndpointShape {
  readonly name: string;
  readonly cores: number;
  readonly gpus: number;
}

export interface MemoryBudget {
  readonly project: string;
  /** Of a budget of several projects; absent = of that one. */
  readonly projects?: readonly string[];
  readonly limit: string;
  readonly actual: string;
  readonly forecasted: string;
  /** Absent = none. */
  readonly notifications?: readonly MemoryNotification[];
}

/** What Cost Explorer says of a day (`YYYY-MM-DD`). */
export interface MemoryBill {
  readonly day: string;
  /** `''` = without the tag. */
  readonly project: string;
  /** As Cost Explorer names it: `Amazon SageMaker`. */
  readonly service: string;
  /** Amortized. */
  readonly usd: number;
  /** As invoiced; absent = the same. */
  readonly unblended?: number;
  /** Value of the dimension `RECORD_TYPE`; absent = `Usage`. */
  readonly recordType?: string;
  /** Absent = the account itself. */
  readonly account?: string;
  /** Absent = `REGION`. */
  readonly region?: string;
  /** Absent = none. */
  readonly usageType?: string;
  /** All its tags, that of the project too; absent = every key names the project. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Value by the name of a cost category. */
  readonly categories?: Readonly<Record<string, string>>;
}

/** Something that was done to the account. */
export interface Effect {
  readonly at: Date;
  readonly id: string;
}

/** An entry that has changed, or does so by itself at a time: what is known of it must be read anew. */
export interface Touched {
  readonly kind: ResourceKind;
  readonly region: string;
  /** As the kind's `describe` takes it. */
  readonly id: string;
}

/** What the clients of the account share. */
export interface AccountState {
  /** Its number, 12 digits. */
  readonly account: string;
  readonly now: Clock;
  /** Tells that an entry has changed. The maps below do it for each value that is set or deleted. */
  readonly touch: (one: Touched) => void;
  /** Tells that an entry changes by itself at that time: it is in service then, or its work is done. */
  readonly touchAt: (at: Date, one: Touched) => void;
  readonly instances: Map<string, KeptInstance>;
  /** What instances truly were, in the order in which it came about. */
  readonly changes: readonly InstanceChange[];
  readonly endpoints: Map<
    string,
    MemoryEndpoint & {
      readonly deletedAt?: Date /** After it had been deleted. */;
      readonly createdAgain?: true;
    }
  >;
  /** By name. */
  readonly groups: Map<string, MemoryGroup>;
  /** By identifier. */
  readonly databases: Map<string, MemoryDatabase>;
  /** By name. */
  readonly notebooks: Map<string, MemoryNotebook>;
  /** By the id that its kind gives it. */
  readonly apps: Map<string, MemoryApp>;
  /** Training and processing jobs, by kind and name: `sagemaker-training-job/churn`. */
  readonly jobs: Map<string, MemoryJob>;
  /** By id. */
  readonly volumes: Map<string, MemoryVolume>;
  /** By id. */
  readonly gateways: Map<string, MemoryGateway>;
  /** By ARN. */
  readonly balancers: Map<string, MemoryBalancer>;
  /** Metrics that were read elsewhere; what is here goes before what an entry's `use` says. */
  readonly recorded: RecordedMetrics;
  readonly budgets: Map<string, MemoryBudget>;
  /** What Cost Explorer says … */
  readonly bills: MemoryBill[];
  /** … unless this is replaced. */
  readonly billing: { bills: () => readonly MemoryBill[] };
  /** Requests to Cost Explorer, and metrics of GetMetricData: what AWS is paid for. */
  readonly asked: { costExplorer: number; metrics: number };
  readonly effects: Effect[];
  /** What came back. */
  readonly restored: Effect[];
  /** `metrics: false` = CloudWatch answers without data. `costExplorer: false` = it refuses. */
  readonly health: { metrics: boolean; costExplorer: boolean };
}
