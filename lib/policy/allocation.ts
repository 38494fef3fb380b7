/** How costs find their projects, as the policy file says (`allocation`). */
export interface AllocationRules {
  /** The line items of the bill in S3; absent = Cost Explorer is asked. */
  readonly bill?: BillExport;
  /** The first whose `match` names a cost is the one that splits it. */
  readonly shared: readonly SharedRule[];
  /** What costs are split by, by name. */
  readonly usage: Readonly<Record<string, UsageSource>>;
}

/** A Data Export of AWS Billing (CUR 2.0 or FOCUS 1.0, Parquet or CSV), as it is delivered. */
export interface BillExport {
  /** `s3://bucket/prefix/name`: what stands above `data/BILLING_PERIOD=2026-11/`. */
  readonly location: string;
  readonly format: 'cur2' | 'focus';
  /** Where Athena knows it as a table, that is asked; absent = the files are read. */
  readonly athena?: {
    readonly database: string;
    readonly table: string;
    readonly workgroup: string;
  };
}

/** Kinds of charges, one word for each whatever a bill calls it. */
export const CHARGES = [
  'usage',
  'tax',
  'fee',
  'commitment',
  'discount',
  'credit',
  'refund',
  'other',
] as const;
export type Charge = (typeof CHARGES)[number];

/**
 * Which costs. Every key must hold, one value of each. Texts may hold `*` for any characters. With neither `project` nor
 * `tags`, only what carries no project is meant: what has an owner stays with it, unless a rule names it.
 */
export interface CostMatch {
  readonly project?: readonly string[] | undefined;
  /** As bills name them: `Amazon SageMaker`, `AWS Support*`. */
  readonly service?: readonly string[] | undefined;
  readonly charge?: readonly Charge[] | undefined;
  readonly account?: readonly string[] | undefined;
  readonly region?: readonly string[] | undefined;
  readonly usageType?: readonly string[] | undefined;
  /** ARN or id; needs line items. */
  readonly resource?: readonly string[] | undefined;
  /** By tag key. */
  readonly tags?: Readonly<Record<string, readonly string[]>> | undefined;
}

export interface SharedRule {
  readonly name: string;
  readonly match: CostMatch;
  readonly split: Split;
  /**
   * Projects that share it. Absent: of `even` all of the policy file, of `direct` all that spent something themselves, of
   * `weights` and `usage` those that have any.
   */
  readonly among?: readonly string[];
}

export type Split =
  /** All to one project. */
  | { readonly by: 'project'; readonly project: string }
  | { readonly by: 'even' }
  | { readonly by: 'weights'; readonly weights: Readonly<Record<string, number>> }
  /** In proportion to what each spends directly in the whole period, before anything shared. */
  | { readonly by: 'direct' }
  | {
      readonly by: 'usage';
      /** Name of an entry of `usage`. */
      readonly usage: string;
      /** Over what the shares are reckoned: each UTC day by itself, or the whole period. */
      readonly per: 'day' | 'period';
      /** What could be used in an hour, in the units of the usage; absent = nothing is known to be idle but what the usage says. */
      readonly capacityPerHour?: number;
      /** Where the unused part goes: a line of its own, to those that use it in proportion, or to one project. */
      readonly idle: 'line' | 'spread' | { readonly project: string };
      /**
       * What nobody used in a day or period. `idle`: all of it is unused and goes where `idle` says; where that is
       * `spread`, evenly to those of `among`, else to those that used it at another time, else to all of the policy file.
       */
      readonly whenUnused: 'idle' | 'even' | 'direct';
    };

/** Where it is known who used how much. */
export type UsageSource = {
  /** For people: `GPU-seconds`. */
  readonly unit: string;
  /** Tenant as the source names it → project, or `idle`; a tenant that is absent is a project of that name. */
  readonly tenants: Readonly<Record<string, string>>;
} & (
  | {
      readonly from: 'file';
      /** CSV or JSON lines (`.csv`, `.jsonl`, `.gz` of both): a path beside the policy file, or `s3://bucket/prefix`. */
      readonly location: string;
      /** Names of the columns, or keys. */
      readonly columns: { readonly time: string; readonly tenant: string; readonly amount: string };
      /** True where its lines are samples of use and not all of it: shares are estimates. */
      readonly sampled: boolean;
    }
  | {
      readonly from: 'metric';
      /** Of CloudWatch, summed. */
      readonly namespace: string;
      readonly metric: string;
      /** The dimension whose value is the tenant. */
      readonly tenant: string;
      /** Other dimensions of the series that count, and their values. */
      readonly where: Readonly<Record<string, string>>;
      readonly region: string | undefined;
    }
);

/** A tenant of this name is what nobody used. */
export const IDLE_TENANT = 'idle';
