import {
  EBS_VOLUME_TYPES,
  type EbsCharge,
  type EbsSize,
  ebsCharges,
  GP3_IOPS,
  GP3_MIBPS,
  IO2_TIER2,
  IO2_TIER3,
} from '../../fleet/ebs-charges.ts';
import type { PricePart } from '../estimate.ts';
import type { Fields } from './fields.ts';
import { NotKnown } from './not-known.ts';
import { type Costs, costs, together, unpriced } from './resource.ts';

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
  const volumeType = EBS_VOLUME_TYPES.find((one) => one === named);
  if (volumeType === undefined) throw new NotKnown(`${named} is no type of EBS volume that is known.`);
  const of = {
    type: volumeType,
    gib,
    iops: volume.number('Iops') ?? 0,
    mibps: volume.number('Throughput') ?? 0,
  };
  const times = count === 1 ? '' : `${count} × `;
  const found = costs(
    ...ebsCharges(of).map(
      (charge): PricePart => ({
        per: 'unit',
        key: { service: 'ebs', region, volumeType, unit: charge.unit },
        quantity: sixDecimals((charge.quantity / (charge.per ?? 1)) * count),
        what: `${times}${whatOf(charge, of)}`,
      }),
    ),
  );
  return volumeType === 'standard'
    ? { ...found, unpriced: ['The requests to a magnetic volume are charged by use and are not counted.'] }
    : found;
}

/** `500 GiB gp3`, `6000 IOPS, of which 3000 are included`. */
function whatOf({ unit, quantity }: EbsCharge, { type, gib, iops, mibps }: EbsSize): string {
  switch (unit) {
    case 'gib':
      return `${gib} GiB ${type}`;
    case 'iops':
      return type === 'gp3' ? `${iops} IOPS, of which ${GP3_IOPS} are included` : `${quantity} IOPS`;
    case 'iops-tier2':
      return `${quantity} IOPS above ${IO2_TIER2}`;
    case 'iops-tier3':
      return `${quantity} IOPS above ${IO2_TIER3}`;
    case 'gibps':
      return `${mibps} MiB/s, of which ${GP3_MIBPS} are included`;
  }
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
