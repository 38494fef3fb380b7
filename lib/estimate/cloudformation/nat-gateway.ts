import { costs, unpriced } from './resource.ts';
import type { TypeReader } from './type-reader.ts';

/** A NAT gateway: its hours, and the data through it where it is stated. */
export const natGateway: TypeReader = {
  types: ['AWS::EC2::NatGateway'],
  read: (resource) => {
    const { hours, region, stated } = resource;
    const { dataGb } = stated;
    const time = costs({
      per: 'unit',
      key: { service: 'nat-gateway', region },
      quantity: hours,
      what: `${hours} h of a NAT gateway`,
    });
    const data =
      dataGb === undefined
        ? unpriced('Data through it is charged by the GB. State it: dataGb: 500.')
        : costs({
            per: 'unit',
            key: { service: 'nat-gateway-data', region },
            quantity: dataGb,
            what: `${dataGb} GB through it`,
          });
    return [
      resource.item({
        parts: [...time.parts, ...data.parts],
        unpriced: [...time.unpriced, ...data.unpriced],
      }),
    ];
  },
};
