import type { EbsUnit, EbsVolumeType } from '../../fleet/prices.ts';
import type { PricePart } from '../estimate.ts';
import type { Fields } from './fields.ts';
import { NotKnown } from './not-known.ts';
import { type Costs, costs, together, unpriced } from './resource.ts';

const TYPES: readonly EbsVolumeType[] = ['gp2', 'gp3', 'io1', 'io2', 'st1', 'sc1', 'standard'];

/** Included in the price of a `gp3` volume: 3,000 IOPS and 125 MiB/s (Amazon EBS User Guide, "gp3 volumes"). */
const GP3_IOPS = 3_000;
const GP3_MIBPS = 125;
/** `io2` has a lower price for the IOPS above each of these (Amazon EBS pricing). */
const IO2_TIER2 = 32_000;
const IO2_TIER3 = 64_000;

/** A quantity as parts of a price take it: at most six decimals. */
export const sixDecimals = (quantity: number): number => Math.round(quantity * 1e6) / 1e6;

/**
 * What `count` volumes cost.
 * @param size the property that holds their GiB
 * @throws {NotKnown}
 */
export function volumeCosts(volume: Fields, size: 'Size' | 'VolumeSize', region: string, count = 1): Costs {
  const gib = volume.number(size);
  if (gib === undefined) {
    throw new NotKnown(
      volume.has('SnapshotId')
        ? `A volume is as large as its snapshot: give it a \`${size}\`.`
        : `A volume has no \`${size}\`: its image says how large it is. Give it one.`,
    );
  }
  // EC2 makes gp2 of a volume that names no type (Amazon EC2 API, CreateVolume).
  const named = volume.text('VolumeType') ?? 'gp2';
  const volumeType = TYPES.find((one) => one === named);
  if (volumeType === undefined) throw new NotKnown(`${named} is no type of EBS volume that is known.`);
  const iops = volume.number('Iops') ?? 0;
  const mibps = volume.number('Throughput') ?? 0;
  const times = count === 1 ? '' : `${count} × `;
  const part = (unit: EbsUnit, quantity: number, what: string): readonly PricePart[] =>
    quantity <= 0
      ? []
      : [
          {
            per: 'unit',
            key: { service: 'ebs', region, volumeType, unit },
            quantity: sixDecimals(quantity * count),
            what: `${times}${what}`,
          },
        ];
  const between = (above: number, upTo: number): number => Math.min(iops, upTo) - above;
  const charged: Partial<Record<EbsVolumeType, readonly PricePart[]>> = {
    gp3: [
      ...part('iops', iops - GP3_IOPS, `${iops} IOPS, of which ${GP3_IOPS} are included`),
      ...part('gibps', (mibps - GP3_MIBPS) / 1024, `${mibps} MiB/s, of which ${GP3_MIBPS} are included`),
    ],
    io1: part('iops', iops, `${iops} IOPS`),
    io2: [
      ...part('iops', between(0, IO2_TIER2), `${between(0, IO2_TIER2)} IOPS`),
      ...part(
        'iops-tier2',
        between(IO2_TIER2, IO2_TIER3),
        `${between(IO2_TIER2, IO2_TIER3)} IOPS above ${IO2_TIER2}`,
      ),
      ...part('iops-tier3', iops - IO2_TIER3, `${iops - IO2_TIER3} IOPS above ${IO2_TIER3}`),
    ],
  };
  const found = costs(...part('gib', gib, `${gib} GiB ${volumeType}`), ...(charged[volumeType] ?? []));
  return volumeType === 'standard'
    ? { ...found, unpriced: ['The requests to a magnetic volume are charged by use and are not counted.'] }
    : found;
}

/** Names that images give their root device. */
const ROOT_DEVICES = new Set(['/dev/xvda', '/dev/sda1', '/dev/sda', 'xvda']);

/**
 * What the volumes cost that `count` instances are launched with.
 * @param layers where block devices are named, the more particular first: a device of the first counts
 */
export function deviceCosts(layers: readonly Fields[], region: string, count: number): Costs {
  const devices = new Map<string, Fields>();
  const steps: (() => Costs)[] = [];
  for (const layer of layers) {
    steps.push(() => {
      for (const device of layer.each('BlockDeviceMappings')) {
        const name = device.text('DeviceName') ?? '';
        if (!devices.has(name)) devices.set(name, device);
      }
      return costs();
    });
  }
  const read = together(...steps);
  if (read.unpriced.length > 0) return read;
  const hasRoot = [...devices.keys()].some((name) => ROOT_DEVICES.has(name));
  return together(
    ...[...devices.values()].map((device) => () => {
      const ebs = device.fields('Ebs');
      const isVolume = device.has('Ebs') && !device.has('NoDevice') && !device.has('VirtualName');
      return isVolume ? volumeCosts(ebs, 'VolumeSize', region, count) : costs();
    }),
    () =>
      hasRoot || count === 0
        ? costs()
        : unpriced(
            'The root volume is as large as its image says: name it in `BlockDeviceMappings` to have it counted.',
          ),
  );
}
