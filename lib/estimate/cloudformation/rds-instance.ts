import type { RdsStorageType } from '../../fleet/prices.ts';
import { Fields } from './fields.ts';
import { choiceOf, sized, withChoice } from './instances.ts';
import { NotKnown } from './not-known.ts';
import { type Costs, costs, orElse, type TemplateResource, together, unpriced } from './resource.ts';
import type { TypeReader } from './type-reader.ts';
import { ABSENT } from './value.ts';

const STORAGE_TYPES: readonly RdsStorageType[] = ['gp2', 'gp3', 'io1', 'io2', 'standard'];

const STATE = 'State what it costs: monthly: 300 USD.';

/** A database instance with its storage. One of Aurora, or of a cluster, has prices that are not in the book. */
export const rdsInstance: TypeReader = {
  types: ['AWS::RDS::DBInstance'],
  read: (resource) => {
    const own = resource.properties;
    const found = together(() => {
      const fields = own.over(sourceOf(resource, own));
      const engine = fields.text('Engine');
      if (engine === undefined) {
        throw new NotKnown('`Engine` is missing: that of a snapshot is not known. Give it one.');
      }
      if (engine.startsWith('aurora') || own.has('DBClusterIdentifier')) {
        return unpriced(
          `An instance of a database cluster (${engine}) has prices that Bursar does not know. ${STATE}`,
        );
      }
      // A replica is in one zone unless it says otherwise.
      const multiAz = own.flag('MultiAZ') ?? false;
      return together(
        () => instanceCosts(resource, own, engine, multiAz),
        () => storageCosts(resource, fields, multiAz),
        () => addressCosts(resource, own),
      );
    });
    return [resource.item(found, { offset: orElse(() => own.offsetOf('DBInstanceClass'), undefined) })];
  },
};

/** What a read replica takes over of its source. */
function sourceOf(resource: TemplateResource, own: Fields): Fields {
  const source = own.value('SourceDBInstanceIdentifier');
  return source.kind === 'reference' && source.resource !== resource && source.resource.type === resource.type
    ? source.resource.properties
    : Fields.of(ABSENT, 'SourceDBInstanceIdentifier');
}

function instanceCosts(resource: TemplateResource, own: Fields, engine: string, multiAz: boolean): Costs {
  const { region, hours, stated } = resource;
  const instanceType = own.needed('DBInstanceClass');
  const key = { service: 'rds', region, instanceType, engine, multiAz } as const;
  const what = `${sized(1, instanceType, hours)} ${engine}${multiAz ? ', Multi-AZ' : ''}`;
  return withChoice(
    [{ per: 'hour', key, count: 1, hours, what }],
    choiceOf(own, 'DBInstanceClass', 'rds', stated),
  );
}

function storageCosts({ region }: TemplateResource, fields: Fields, multiAz: boolean): Costs {
  const gib = fields.number('AllocatedStorage');
  const iops = fields.number('Iops');
  // RDS takes io1 where IOPS are named, else gp3 (Amazon RDS API, `StorageType`).
  const named = fields.text('StorageType') ?? (iops === undefined ? 'gp3' : 'io1');
  const storageType = STORAGE_TYPES.find((one) => one === named);
  if (storageType === undefined) throw new NotKnown(`${named} is no type of RDS storage that is known.`);
  if (gib === undefined) {
    throw new NotKnown('Its storage is as large as its snapshot: give it an `AllocatedStorage`.');
  }
  const key = { service: 'rds-storage', region, storageType, multiAz } as const;
  const across = multiAz ? ', Multi-AZ' : '';
  const size = costs({
    per: 'unit',
    key: { ...key, unit: 'gib' },
    quantity: gib,
    what: `${gib} GiB ${storageType}${across}`,
  });
  if (iops === undefined || iops === 0 || storageType === 'gp2' || storageType === 'standard') return size;
  if (storageType === 'gp3') {
    // Up to 400 GiB a volume has 3,000 IOPS, above 12,000, at no charge; that depends on the engine as well.
    return iops <= 3_000
      ? size
      : { ...size, unpriced: ['IOPS above what gp3 includes are charged and are not counted.'] };
  }
  const provisioned = costs({
    per: 'unit',
    key: { ...key, unit: 'iops' },
    quantity: iops,
    what: `${iops} IOPS${across}`,
  });
  return { parts: [...size.parts, ...provisioned.parts], unpriced: [] };
}

function addressCosts({ region, hours }: TemplateResource, own: Fields): Costs {
  if (own.flag('PubliclyAccessible') !== true) return costs();
  const key = { service: 'public-ipv4', region, state: 'in-use' } as const;
  return costs({ per: 'unit', key, quantity: hours, what: '1 public IPv4 address' });
}

/** Aurora, and clusters of several zones. */
export const rdsCluster: TypeReader = {
  types: ['AWS::RDS::DBCluster', 'AWS::DocDB::DBCluster', 'AWS::Neptune::DBCluster'],
  read: (resource) => {
    const sentence = `A database cluster has prices that Bursar does not know: storage, requests and instances. ${STATE}`;
    return [resource.item(unpriced(sentence))];
  },
};
