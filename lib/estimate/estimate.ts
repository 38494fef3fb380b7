import type { PriceKey, UnitKey } from '../fleet/prices.ts';
import type { InstanceNeeds } from '../types/gate.ts';
import type { Usd } from '../types/money.ts';

/** An average month: 365 × 24 / 12 hours, which AWS's own calculator and Infracost reckon with. */
export const MONTH_HOURS = 730;

/** What one thing costs by, and how much of it. Whatever has no price is unpriced, never free. */
export type PricePart =
  /** `count` of them on demand, each for `hours`. */
  | {
      readonly per: 'hour';
      readonly key: PriceKey;
      readonly count: number;
      readonly hours: number;
      /** For people: `2 × g5.xlarge`. */
      readonly what: string;
    }
  /** `quantity` units, each for the month or once: GiB, provisioned IOPS, millions of requests. At most six decimals. */
  | { readonly per: 'unit'; readonly key: UnitKey; readonly quantity: number; readonly what: string }
  /** Spot, at what it costs now in the cheapest zone of the region. */
  | {
      readonly per: 'spot-hour';
      readonly region: string;
      readonly instanceType: string;
      readonly count: number;
      readonly hours: number;
      readonly what: string;
    }
  /** Somebody else has reckoned it (Infracost). */
  | { readonly per: 'stated'; readonly cost: Usd; readonly what: string };

/** Where something stands in what was read, both from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly col?: number;
}

/** An instance type that something else could stand in for. */
export interface InstanceChoice {
  readonly instanceType: string;
  /** As of `PriceKey`: what the instance is charged as. */
  readonly service: PriceKey['service'];
  /** Where the type stands in the document of `file`, as keys and indexes; what `--pick` writes to. */
  readonly at: { readonly file: string; readonly path: readonly (string | number)[] };
  /** True where its work may be broken off: stated, or it is Spot already. */
  readonly interruptible: boolean;
  /** What was stated that it needs; absent = nothing was, and then nothing else is named. */
  readonly needs?: InstanceNeeds;
}

/** One thing of a change that may cost money, as read. */
export interface ChangeItem {
  /** The same on the base branch and on this one: `Stack/LogicalId`, `pipeline/step`, an Infracost address. */
  readonly id: string;
  /** `AWS::EC2::Instance`, `AWS::SageMaker::TrainingJob`, `aws_instance`. */
  readonly type: string;
  /** By its project tag; `undefined` where it carries none. */
  readonly project: string | undefined;
  readonly place: Place;
  /** `month`: it costs so each month. `once`: it is a job. */
  readonly frequency: 'month' | 'once';
  readonly parts: readonly PricePart[];
  /** What of it costs money and cannot be priced, a sentence each: `Requests are charged by use; state them …`. */
  readonly unpriced: readonly string[];
  readonly choice?: InstanceChoice;
}

/** A change as read. */
export interface Change {
  readonly items: readonly ChangeItem[];
  /** How many things in it cost nothing by themselves, such as roles and security groups. */
  readonly free: number;
}

/** An item with its price. */
export interface EstimatedItem extends ChangeItem {
  /** USD of what is priced of it: a month, or once. */
  readonly cost: Usd;
  /** Each part with its cost; `undefined` = unpriced. */
  readonly costs: readonly { readonly what: string; readonly cost: Usd | undefined }[];
}

/** What a change costs. */
export interface Estimate {
  readonly items: readonly EstimatedItem[];
  readonly free: number;
}
