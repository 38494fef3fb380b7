import { costs, together, unpriced } from './resource.ts';
import type { TypeReader } from './type-reader.ts';

/** A public IPv4 address, which costs the same whether something uses it or not. */
export const elasticIp: TypeReader = {
  types: ['AWS::EC2::EIP'],
  read: (resource) => {
    const found = together(() => {
      if (resource.properties.has('PublicIpv4Pool')) {
        return unpriced(
          'Addresses of a pool of your own have other prices. State what it costs: monthly: 0 USD.',
        );
      }
      const { hours, region } = resource;
      return costs({
        per: 'unit',
        key: { service: 'public-ipv4', region, state: 'in-use' },
        quantity: hours,
        what: '1 public IPv4 address',
      });
    });
    return [resource.item(found)];
  },
};
