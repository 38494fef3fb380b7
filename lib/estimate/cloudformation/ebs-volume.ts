import { volumeCosts } from './ebs.ts';
import { NotKnown } from './not-known.ts';
import { together } from './resource.ts';
import type { TypeReader } from './type-reader.ts';

/** A volume, attached or not. */
export const ebsVolume: TypeReader = {
  types: ['AWS::EC2::Volume'],
  read: (resource) => {
    const found = together(() => {
      if (resource.properties.has('OutpostArn')) {
        throw new NotKnown('An Outpost is paid for as a whole. State what it costs: monthly: 120 USD.');
      }
      return volumeCosts(resource.properties, 'Size', resource.region);
    });
    return [resource.item(found)];
  },
};
