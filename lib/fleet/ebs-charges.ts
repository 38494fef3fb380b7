import type { EbsUnit, EbsVolumeType } from './prices.ts';

export const EBS_VOLUME_TYPES = [
  'gp2',
  'gp3',
  'io1',
  'io2',
  'st1',
  'sc1',
  'standard',
] as const satisfies readonly EbsVolumeType[];

/** So much of a unit is charged for a month. */
export interface EbsCharge {
  readonly unit: EbsUnit;
  readonly quantity: number;
  /** How many of `quantity` make one unit. */
  readonly per?: number;
}

/** Included in the price of a `gp3` volume: 3,000 IOPS and 125 MiB/s (Amazon EBS User Guide, "gp3 volumes"). */
export const GP3_IOPS = 3_000;
export const GP3_MIBPS = 125;
/** `io2` has a lower price for the IOPS above each of these (Amazon EBS pricing). */
export const IO2_TIER2 = 32_000;
export const IO2_TIER3 = 64_000;

/** A volume by what it is charged for. */
export interface EbsSize {
  readonly type: EbsVolumeType;
  readonly gib: number;
  /** Provisioned, in all. */
  readonly iops: number;
  /** Provisioned throughput in all, MiB/s. */
  readonly mibps: number;
}

/** What is charged of a volume, each with a quantity above zero. */
export function ebsCharges({ type, gib, iops, mibps }: EbsSize): readonly EbsCharge[] {
  const charged = (...charges: readonly EbsCharge[]): readonly EbsCharge[] =>
    [{ unit: 'gib', quantity: gib } as const, ...charges].filter(({ quantity }) => quantity > 0);
  const between = (above: number, upTo: number): number => Math.min(iops, upTo) - above;
  switch (type) {
    case 'gp2':
    case 'st1':
    case 'sc1':
    // The requests to a magnetic volume cost money as well, which nobody can know in advance.
    case 'standard':
      return charged();
    case 'gp3':
      return charged(
        { unit: 'iops', quantity: iops - GP3_IOPS },
        { unit: 'gibps', quantity: mibps - GP3_MIBPS, per: 1024 },
      );
    case 'io1':
      return charged({ unit: 'iops', quantity: iops });
    case 'io2':
      return charged(
        { unit: 'iops', quantity: between(0, IO2_TIER2) },
        { unit: 'iops-tier2', quantity: between(IO2_TIER2, IO2_TIER3) },
        { unit: 'iops-tier3', quantity: between(IO2_TIER3, Number.POSITIVE_INFINITY) },
      );
  }
}
