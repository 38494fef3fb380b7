/** Who used how much of something shared, as it was read. Amounts are in the unit of the source, 0 or more. */
export interface Usage {
  readonly name: string;
  /** For people: `GPU-seconds`. */
  readonly unit: string;
  /** In order of time. Tenants are projects already, or `idle` (`IDLE_TENANT`). */
  readonly entries: readonly UsageEntry[];
  /** True where the entries are samples: those of one instant are one sample, of which the shares are estimated. */
  readonly sampled: boolean;
  /** What was left out and why, sentences for people. */
  readonly notes: readonly string[];
}

export interface UsageEntry {
  readonly at: Date;
  readonly tenant: string;
  readonly amount: number;
}
