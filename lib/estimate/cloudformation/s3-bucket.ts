import { costs, unpriced } from './resource.ts';
import type { TypeReader } from './type-reader.ts';

/** A bucket, with what it stores in S3 Standard where it is stated. */
export const s3Bucket: TypeReader = {
  types: ['AWS::S3::Bucket'],
  read: (resource) => {
    const { region, stated } = resource;
    const { storageGb } = stated;
    if (storageGb === undefined) {
      return [
        resource.item(
          unpriced('Storage and requests are charged by use. State what it stores: storageGb: 500.'),
        ),
      ];
    }
    const stored = costs({
      per: 'unit',
      key: { service: 's3', region, storageClass: 'STANDARD' },
      quantity: storageGb,
      what: `${storageGb} GB in S3 Standard`,
    });
    return [resource.item({ ...stored, unpriced: ['Requests and data transfer are not counted.'] })];
  },
};
