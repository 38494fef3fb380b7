import type { SweepSummary } from '../enforce/sweep-summary.ts';
import type { ResourceRun } from './result.ts';

type LeftAlone = NonNullable<ResourceRun['leftAlone']>;

/**
 * Why resources are left alone for good, as the last sweep that looked at them said. What a use, or too little that is
 * known, says of a resource holds for that sweep alone, and is not kept.
 */
export class LeftAloneRecord {
  readonly #said = new Map<string, LeftAlone>();

  /** Of a summary the first 2,000 are told; see `SweepSummary`. */
  take({ decided, leftAlone }: Pick<SweepSummary, 'decided' | 'leftAlone'>): void {
    for (const { arn } of decided) if (arn !== undefined) this.#said.delete(arn);
    for (const { arn, verdict, why } of leftAlone) {
      if (verdict === 'exempt' || verdict === 'refused' || verdict === 'held') {
        this.#said.set(arn, { verdict, why });
      } else this.#said.delete(arn);
    }
  }

  get(arn: string): LeftAlone | undefined {
    return this.#said.get(arn);
  }
}
