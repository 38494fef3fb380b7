import type { SharedRule } from '../policy/allocation.ts';
import type { Dimension } from '../types/cost.ts';
import type { DaySpan } from '../types/day-span.ts';

/** Which part of a bill is wanted, and by what. */
export interface BillSpan extends DaySpan {
  readonly dimensions: readonly Dimension[];
}

/** What is asked of a bill, wherever it is read. */
export interface BillQuestion extends BillSpan {
  /** The tag that names the project. In Cost Explorer and exports it must be activated as a cost allocation tag. */
  readonly tagKey: string;
  /** The first that means a cost has it. */
  readonly rules: readonly SharedRule[];
}
