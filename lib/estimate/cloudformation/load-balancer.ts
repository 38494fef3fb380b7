import type { LoadBalancerType } from '../../fleet/prices.ts';
import { NotKnown } from './not-known.ts';
import { costs, together, unpriced } from './resource.ts';
import type { TypeReader } from './type-reader.ts';

const TYPES: readonly LoadBalancerType[] = ['application', 'network', 'gateway'];

/** A load balancer: its hours, its public addresses (one a subnet), and its capacity units where they are stated. */
export const loadBalancer: TypeReader = {
  types: ['AWS::ElasticLoadBalancingV2::LoadBalancer'],
  read: (resource) => {
    const { properties, hours, region, stated } = resource;
    const typeOf = (): LoadBalancerType => {
      const named = properties.text('Type') ?? 'application';
      const type = TYPES.find((one) => one === named);
      if (type === undefined) throw new NotKnown(`${named} is no type of load balancer that is known.`);
      return type;
    };
    const found = together(
      () => {
        const type = typeOf();
        const key = { service: 'load-balancer', region, type } as const;
        return costs({ per: 'unit', key, quantity: hours, what: `${hours} h of a load balancer` });
      },
      () => {
        const type = typeOf();
        const { lcus } = stated;
        if (lcus === undefined) {
          return unpriced(
            'Its capacity units are charged by use. State how many are in use on average: lcus: 2.',
          );
        }
        const key = { service: 'load-balancer-lcu', region, type } as const;
        return costs({ per: 'unit', key, quantity: lcus * hours, what: `${lcus} capacity units` });
      },
      () => {
        const isPublic =
          typeOf() !== 'gateway' && (properties.text('Scheme') ?? 'internet-facing') !== 'internal';
        if (!isPublic) return costs();
        // Addresses of one's own (`AllocationId`) are resources that are counted by themselves.
        const mapped = properties.each('SubnetMappings').filter((one) => !one.has('AllocationId')).length;
        const count = mapped + properties.list('Subnets').length;
        if (count === 0) return costs();
        return costs({
          per: 'unit',
          key: { service: 'public-ipv4', region, state: 'in-use' },
          quantity: count * hours,
          what: `${count} public IPv4 address${count === 1 ? '' : 'es'}, one a subnet`,
        });
      },
    );
    return [resource.item(found)];
  },
};
