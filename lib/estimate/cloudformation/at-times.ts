import type { Fields } from './fields.ts';
import { together, unpriced } from './resource.ts';
import type { TypeReader } from './type-reader.ts';

interface Charged {
  readonly when: (fields: Fields) => boolean;
  readonly sentence: string;
}

/** Types that cost something in one of their forms alone. */
const CHARGED: Readonly<Record<string, Charged>> = {
  'AWS::ApiGateway::Stage': {
    when: (fields) => fields.flag('CacheClusterEnabled') === true,
    sentence: 'Its cache is charged by the hour.',
  },
  'AWS::EC2::VPCEndpoint': {
    when: (fields) => (fields.text('VpcEndpointType') ?? 'Gateway') !== 'Gateway',
    sentence: 'The endpoint is charged by the hour of each subnet, and by the GB.',
  },
  'AWS::Lambda::Alias': {
    when: (fields) => fields.has('ProvisionedConcurrencyConfig'),
    sentence: 'Provisioned concurrency is charged by the hour.',
  },
  'AWS::Lambda::Version': {
    when: (fields) => fields.has('ProvisionedConcurrencyConfig'),
    sentence: 'Provisioned concurrency is charged by the hour.',
  },
  'AWS::SSM::Parameter': {
    when: (fields) => (fields.text('Tier') ?? 'Standard') !== 'Standard',
    sentence: 'Advanced parameters are charged by the month.',
  },
};

/** Named where they are of the form that costs; nothing otherwise. */
export const atTimes: TypeReader = {
  types: Object.keys(CHARGED),
  read: (resource) => {
    const charged = Object.hasOwn(CHARGED, resource.type) ? CHARGED[resource.type] : undefined;
    const found = together(() =>
      charged?.when(resource.properties) === true
        ? unpriced(`${charged.sentence} State what it costs: monthly: 120 USD.`)
        : unpriced(),
    );
    return found.unpriced.length === 0 ? [] : [resource.item(found)];
  },
};
