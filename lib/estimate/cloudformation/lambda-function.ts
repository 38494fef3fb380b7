import type { Architecture } from '../../fleet/prices.ts';
import { sixDecimals } from './ebs.ts';
import type { Fields } from './fields.ts';
import { type Costs, costs, orElse, type TemplateResource, together, unpriced } from './resource.ts';
import type { TypeReader } from './type-reader.ts';

/** MB of a function, and of its disk, unless it says otherwise (AWS Lambda API, CreateFunction). */
const MEMORY_MB = 128;
const DISK_MB = 512;

/**
 * A function with stated requests. The free tier is one for the whole account, so none of it is taken off here.
 */
export const lambdaFunction: TypeReader = {
  types: ['AWS::Lambda::Function', 'AWS::Serverless::Function'],
  read: (resource) => {
    const fields = withGlobals(resource);
    const found = together(
      () => useCosts(resource, fields),
      () => {
        const disk = fields.fields('EphemeralStorage').number('Size') ?? DISK_MB;
        return disk > DISK_MB
          ? unpriced(`Disk above ${DISK_MB} MB is charged by use and is not counted.`)
          : costs();
      },
      () => provisioned(fields),
    );
    return [resource.item(found, { offset: orElse(() => fields.offsetOf('MemorySize'), undefined) })];
  },
};

function useCosts({ region, stated }: TemplateResource, fields: Fields): Costs {
  const { requests, durationMs } = stated;
  if (requests === undefined || durationMs === undefined) {
    return unpriced(
      'It is charged by use. State its requests in a month and how long one takes: requests: 2000000, durationMs: 300.',
    );
  }
  const memory = fields.number('MemorySize') ?? MEMORY_MB;
  const [first] = fields.list('Architectures');
  const architecture: Architecture = first?.kind === 'scalar' && first.text === 'arm64' ? 'arm64' : 'x86_64';
  const gbSeconds = (requests * durationMs * memory) / 1000 / 1024;
  const key = { service: 'lambda', region, architecture } as const;
  return costs(
    {
      per: 'unit',
      key: { ...key, unit: 'requests' },
      quantity: sixDecimals(requests / 1e6),
      what: `${requests} requests`,
    },
    {
      per: 'unit',
      key: { ...key, unit: 'gb-seconds' },
      quantity: sixDecimals(gbSeconds / 1e6),
      what: `${durationMs} ms each at ${memory} MB, ${architecture}`,
    },
  );
}

/** What the Serverless Application Model says for all functions of a template. */
function withGlobals(resource: TemplateResource): Fields {
  const own = resource.properties;
  return resource.type === 'AWS::Serverless::Function' ? own.over(resource.stack.globals('Function')) : own;
}

function provisioned(fields: Fields): Costs {
  return fields.has('ProvisionedConcurrencyConfig')
    ? unpriced('Provisioned concurrency is charged by the hour. State what it costs: monthly: 60 USD.')
    : costs();
}
