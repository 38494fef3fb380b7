import type { Policy } from '../policy/policy.ts';
import type { InstanceNeeds } from '../types/gate.ts';
import type { Usd } from '../types/money.ts';
import type { Use } from './account/use.ts';

/*
 * A scenario, read and checked (`parseScenario`): a fleet, what it does, what people and AWS do, and what must come of
 * it. All times are instants; what repeats in the file is spelled out here.
 */

/** What a resource does from `from` (inclusive) to `to`; `undefined` = none of its metrics is published. */
export interface UseSegment {
  readonly from: Date;
  readonly to: Date;
  readonly use: Use | undefined;
}

/** The kinds of resources that a scenario may hold. */
export type ScenarioKind =
  | 'ec2-instance'
  | 'auto-scaling-group'
  | 'rds-instance'
  | 'sagemaker-endpoint'
  | 'sagemaker-notebook'
  | 'sagemaker-training-job';

export interface ScenarioResource {
  /** Its id or name in the account; unique. Of several that are made by `count`, `name-1`, `name-2`, … */
  readonly id: string;
  readonly kind: ScenarioKind;
  readonly region: string;
  /** Instance type: `p3.8xlarge`, `ml.p4d.24xlarge`, `db.m5.large`. */
  readonly type: string;
  /** Instances of a group, an endpoint or a job; 1 of all else. */
  readonly instances: number;
  readonly tags: Readonly<Record<string, string>>;
  /** In service since then; later than the scenario’s `from` where it is launched in it. */
  readonly since: Date;
  /** Of a job: when its work is done. */
  readonly endsAt?: Date;
  /** In order, without overlap, from `since` to the end of the scenario. */
  readonly use: readonly UseSegment[];
  /** Its GPU metric is published; where it is not, its GPU is unknown. Only of types with a GPU. */
  readonly gpuMetric: boolean;
  readonly spot?: 'one-time';
  readonly stopProtection?: true;
  /** It is terminated between the sweep that finds it and the stop: AWS does not know its id any more. */
  readonly vanishes?: true;
  /** Left to itself it does not come back: nobody starts it again when it is needed. */
  readonly restart: 'when-needed' | 'never';
}

/** What people, or AWS, do at a time. */
export type ScenarioStep = { readonly at: Date } & (
  | { readonly step: 'start' | 'stop' | 'terminate'; readonly resource: string }
  | {
      readonly step: 'tag';
      readonly resource: string;
      readonly tags: Readonly<Record<string, string>>;
    }
  /** Somebody presses "not now". `press`: presses of the same button again, which change nothing. */
  | {
      readonly step: 'keep';
      readonly resource: string;
      readonly seconds: number;
      readonly by: string;
      readonly press: number;
    }
  | { readonly step: 'restore'; readonly resource: string; readonly by: string }
  /** Somebody releases what is held back now. */
  | { readonly step: 'release'; readonly by: string }
  | { readonly step: 'unfreeze'; readonly project: string; readonly by: string }
  /** An alert of AWS Budgets, and what AWS Budgets says from then on. */
  | {
      readonly step: 'budget-alert';
      readonly project: string;
      readonly of: 'actual' | 'forecasted';
      readonly amount: Usd;
    }
  /** Something is out until then. */
  | { readonly step: 'fault'; readonly fault: 'metrics' | 'cost-explorer'; readonly until: Date }
  /**
   * A change is proposed to a pipeline: may its project still afford it this month? `candidates` are tried in their
   * order where the first is refused.
   */
  | {
      readonly step: 'gate';
      readonly project: string;
      readonly committed: Usd;
      readonly hours: number;
      readonly candidates: readonly string[];
      readonly needs: InstanceNeeds;
    }
);

/** What must come of it; whatever is absent is not asked. Money to the cent. */
export interface ScenarioExpectation {
  readonly spent?: Usd;
  readonly without?: Usd;
  readonly saved?: Usd;
  /** How many events of each name, such as `stopped: 47`. */
  readonly counts?: Readonly<Record<string, number>>;
  /** Events that must be there, to the minute: of a resource, or of a project. */
  readonly events?: readonly {
    readonly event: string;
    readonly resource?: string;
    readonly project?: string;
    /** Absent = whenever. */
    readonly at?: Date;
    /** Its reason must contain this. */
    readonly because?: string;
  }[];
  /** Resources that ran on to the end. */
  readonly running?: readonly string[];
  /** Resources that were out of service at the end. */
  readonly notRunning?: readonly string[];
  /** Resources that run at the end and are left alone for good, whose reason contains this. */
  readonly leftAlone?: readonly { readonly resource: string; readonly because?: string }[];
  /** Of each gate step in order: what it says, and what it would take instead. */
  readonly gates?: readonly {
    readonly verdict: 'pass' | 'over';
    readonly projected?: Usd;
    readonly over?: Usd;
    readonly pick?: string;
  }[];
  /** USD of a project at its last point: spent over its limit, at most. */
  readonly overrunAtMost?: { readonly project: string; readonly amount: Usd };
}

export interface Scenario {
  readonly name: string;
  readonly description: string;
  readonly policy: Policy;
  /** For people: where the policy stands. */
  readonly policyFile: string;
  readonly from: Date;
  readonly to: Date;
  /** USD an hour by instance type. */
  readonly prices: Readonly<Record<string, Usd>>;
  readonly resources: readonly ScenarioResource[];
  /** In the order of their time. */
  readonly steps: readonly ScenarioStep[];
  /** How far the bill is behind. */
  readonly billing: { readonly lagHours: number };
  /** Whether EventBridge tells of launches and stops at once, or the sweeps alone find them. */
  readonly events: 'prompt' | 'none';
  readonly expect: ScenarioExpectation;
}
