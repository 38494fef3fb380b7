import type { ServerlessMemory } from '../../fleet/prices.ts';
import type { ChangeItem, PricePart } from '../estimate.ts';
import { MONTH_HOURS } from '../estimate.ts';
import type { StatedUsage } from '../usage-file.ts';
import { sixDecimals } from './ebs.ts';
import type { Fields } from './fields.ts';
import { choiceOf, growthOf, sized, withChoice } from './instances.ts';
import { NotKnown } from './not-known.ts';
import {
  type Costs,
  costs,
  NO_COSTS,
  orElse,
  type TemplateResource,
  together,
  unpriced,
} from './resource.ts';

/** How many instances autoscaling keeps of a variant. */
export interface Capacity {
  readonly min: number;
  readonly max: number | undefined;
}

const MEMORY: readonly ServerlessMemory[] = [1024, 2048, 3072, 4096, 5120, 6144];

const VARIANT_LISTS = ['ProductionVariants', 'ShadowProductionVariants'] as const;

/**
 * An item for each variant of a configuration.
 * @param runner what its items belong to: the endpoint, or the configuration itself where no endpoint runs it
 * @param capacityOf what autoscaling keeps of a variant; `undefined` where nothing scales it. May throw `NotKnown`
 */
export function variantItems(
  runner: TemplateResource,
  config: TemplateResource,
  capacityOf: (variant: string) => Capacity | undefined,
): readonly ChangeItem[] {
  const { properties } = config;
  const whole = runner.statedOf(undefined, runner === config ? undefined : config.stated);
  // All of its variants together.
  if (whole.monthly !== undefined) return [runner.item(NO_COSTS, {}, whole)];
  const isAsync = properties.has('AsyncInferenceConfig');
  return VARIANT_LISTS.flatMap((list) =>
    properties.each(list).map((variant, index) => {
      const name = orElse(() => variant.text('VariantName'), undefined) ?? `variant-${index + 1}`;
      const stated = runner.statedOf(name, runner === config ? undefined : config.statedOf(name));
      const found = variant.has('ServerlessConfig')
        ? serverlessCosts(variant, config.region, stated)
        : together(
            () => hostedCosts(variant, name, config.region, stated, capacityOf, isAsync),
            () => storageCosts(variant, name, config.region, capacityOf),
          );
      const offset = variant.offsetOf('InstanceType') ?? variant.offsetOf('ServerlessConfig');
      return runner.item(found, { name, offset, ...(offset === undefined ? {} : { in: config }) }, stated);
    }),
  );
}

function hostedCosts(
  variant: Fields,
  name: string,
  region: string,
  stated: StatedUsage,
  capacityOf: (variant: string) => Capacity | undefined,
  isAsync: boolean,
): Costs {
  const instanceType = variant.needed('InstanceType');
  const own = managedBy(variant);
  const capacity = own ?? capacityOf(name);
  const count = countOf(variant, capacity);
  const hours = stated.hours ?? MONTH_HOURS;
  if (count === 0 && stated.hours === undefined) {
    return unpriced(
      'Autoscaling takes it down to no instances. State how long one runs in a month: hours: 200.',
    );
  }
  const counted = Math.max(count, 1);
  const growth = growthOf(counted, own === undefined ? 'MaxCapacity' : 'MaxInstanceCount', capacity?.max);
  const notes = [
    ...(isAsync ? ['asynchronous'] : []),
    ...(capacity === undefined
      ? []
      : [count === 0 ? 'one is counted for the hours that are stated' : 'the least that autoscaling keeps']),
    ...(growth === '' ? [] : [growth]),
  ];
  const what = `${sized(counted, instanceType, hours)}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`;
  const service = 'sagemaker-hosting';
  return withChoice(
    [{ per: 'hour', key: { service, region, instanceType }, count: counted, hours, what }],
    choiceOf(variant, 'InstanceType', service, stated),
  );
}

/** What SageMaker itself scales, by the words of the variant. */
function managedBy(variant: Fields): Capacity | undefined {
  const managed = variant.fields('ManagedInstanceScaling');
  return (managed.text('Status') ?? 'DISABLED') === 'ENABLED'
    ? { min: managed.number('MinInstanceCount') ?? 1, max: managed.number('MaxInstanceCount') }
    : undefined;
}

const countOf = (variant: Fields, capacity: Capacity | undefined): number =>
  capacity?.min ?? variant.number('InitialInstanceCount') ?? 1;

/** The ML storage of each instance, where its size is named; where none is kept, that of one. */
function storageCosts(
  variant: Fields,
  name: string,
  region: string,
  capacityOf: (variant: string) => Capacity | undefined,
): Costs {
  const gib = variant.number('VolumeSizeInGB');
  if (gib === undefined) return costs();
  const count = Math.max(countOf(variant, managedBy(variant) ?? capacityOf(name)), 1);
  return costs({
    per: 'unit',
    key: { service: 'sagemaker-volume', region, use: 'hosting' },
    quantity: gib * count,
    what: `${count === 1 ? '' : `${count} × `}${gib} GiB of storage`,
  });
}

function serverlessCosts(variant: Fields, region: string, stated: StatedUsage): Costs {
  return together(() => {
    const serverless = variant.fields('ServerlessConfig');
    const size = serverless.number('MemorySizeInMB');
    const memoryMiB = MEMORY.find((one) => one === size);
    if (memoryMiB === undefined) throw new NotKnown(`${size} MB is no size of a serverless endpoint.`);
    const { requests, durationMs, dataGb } = stated;
    const parts: PricePart[] = [];
    const sentences: string[] = [];
    if (requests === undefined || durationMs === undefined) {
      sentences.push(
        'It is charged by use. State its requests in a month and how long one takes: requests: 2000000, durationMs: 300.',
      );
    } else {
      const seconds = (requests * durationMs) / 1000;
      parts.push({
        per: 'unit',
        key: { service: 'sagemaker-serverless', region, memoryMiB },
        quantity: sixDecimals(seconds / 1e6),
        what: `${requests} requests of ${durationMs} ms at ${memoryMiB} MB`,
      });
    }
    if (dataGb === undefined) {
      sentences.push('Data in and out of it is charged by the GB. State it: dataGb: 50.');
    } else if (dataGb > 0) {
      const key = { service: 'sagemaker-serverless-data', region } as const;
      parts.push({ per: 'unit', key, quantity: dataGb, what: `${dataGb} GB in and out` });
    }
    if ((serverless.number('ProvisionedConcurrency') ?? 0) > 0) {
      sentences.push(
        'Provisioned concurrency is charged by the hour and is not counted. State it all: monthly: 120 USD.',
      );
    }
    return { parts, unpriced: sentences };
  });
}
