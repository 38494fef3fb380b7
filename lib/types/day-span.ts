/** A span of UTC days, `2026-11-25`, both included. */
export interface DaySpan {
  readonly from: string;
  readonly to: string;
}
