import {
  AddTagsCommand,
  type DescribeEndpointOutput,
  type DesiredWeightAndCapacity,
  type ProductionVariant,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import type { FleetContext, Restored } from './kind.ts';
import { ownTags } from './sagemaker-create.ts';
import type { EndpointRecord, LiveVariant } from './sagemaker-record.ts';
import { leftAlone, taken } from './sagemaker-restored.ts';
import { putBackScaling } from './sagemaker-scaling.ts';
import { tagsOf } from './sagemaker-tags.ts';

/**
 * Gives an endpoint that is in service again what its configuration does not: tags, live weights and counts, scaling.
 * Only what is missing; what people have set meanwhile stays.
 */
export async function finishEndpoint(
  record: EndpointRecord,
  live: DescribeEndpointOutput,
  context: FleetContext,
): Promise<Restored> {
  const at = context.now();
  const { sagemaker } = context.clients;
  const tags = await missingTags(record, live, context);
  if (tags.length > 0) {
    await sagemaker.send(new AddTagsCommand({ ResourceArn: live.EndpointArn, Tags: tags }));
  }
  // A reason for failure on an endpoint in service is that of an update that was taken back: not tried for ever.
  const change = live.FailureReason === undefined ? nextChange(record, live) : undefined;
  if (change !== undefined) {
    await sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: record.endpointName,
        DesiredWeightsAndCapacities: [change],
      }),
    );
    const detail = `It is in service; its variant ${change.VariantName} gets back its weight and its capacity, the rest follows.`;
    return taken(at, detail, false);
  }
  const scaling = await putBackScaling(record, context);
  const done = [
    ...(tags.length === 0 ? [] : [`${tags.length} ${tags.length === 1 ? 'tag' : 'tags'}`]),
    ...scaling.done,
  ];
  const notes = [...updateNote(live), ...shadowNotes(record, live), ...scaling.notes].map(
    (note) => ` ${note}`,
  );
  if (done.length === 0) {
    return leftAlone(
      at,
      'AlreadyRunning',
      `It is in service with its configuration; nothing was missing.${notes.join('')}`,
    );
  }
  return taken(at, `It is in service; put back: ${done.join(', ')}.${notes.join('')}`, true);
}

async function missingTags(record: EndpointRecord, live: DescribeEndpointOutput, context: FleetContext) {
  const found = live.EndpointArn === undefined ? {} : await tagsOf(live.EndpointArn, context);
  return ownTags(record).filter(({ Key = '' }) => !Object.hasOwn(found, Key));
}

/**
 * The first variant that still stands as its configuration made it, but was changed before the stop. One a call:
 * `UpdateEndpointWeightsAndCapacities` takes the capacity of one variant, and the endpoint is then updating.
 */
function nextChange(
  record: EndpointRecord,
  live: DescribeEndpointOutput,
): DesiredWeightAndCapacity | undefined {
  for (const saved of record.variants) {
    const now = live.ProductionVariants?.find(({ VariantName }) => VariantName === saved.VariantName);
    const made = record.endpointConfig.ProductionVariants.find(
      ({ VariantName }) => VariantName === saved.VariantName,
    );
    if (now === undefined || made === undefined) continue;
    const wanted = settingOf(saved);
    const current = settingOf(now);
    if (!same(current, initialOf(made)) || same(current, { ...current, ...wanted })) continue;
    const { weight, count, provisioned, concurrency } = wanted;
    return {
      VariantName: saved.VariantName,
      ...(weight === undefined ? {} : { DesiredWeight: weight }),
      ...(count === undefined ? {} : { DesiredInstanceCount: count }),
      ...(concurrency === undefined && provisioned === undefined
        ? {}
        : {
            ServerlessUpdateConfig: {
              ...(concurrency === undefined ? {} : { MaxConcurrency: concurrency }),
              ...(provisioned === undefined ? {} : { ProvisionedConcurrency: provisioned }),
            },
          }),
    };
  }
  return undefined;
}

/** How a variant stands: what `UpdateEndpointWeightsAndCapacities` can set. */
interface Setting {
  readonly weight?: number;
  readonly count?: number;
  readonly concurrency?: number;
  readonly provisioned?: number;
}

type Undefinable<T> = { readonly [K in keyof T]?: T[K] | undefined };

const known = ({ weight, count, concurrency, provisioned }: Undefinable<Setting>): Setting => ({
  ...(weight === undefined ? {} : { weight }),
  // A variant that had no instance at that moment had scaled to zero by itself, and does so again.
  ...(count === undefined || count === 0 ? {} : { count }),
  ...(concurrency === undefined ? {} : { concurrency }),
  ...(provisioned === undefined ? {} : { provisioned }),
});

/** What it is to be, or else what it is: the desired values are absent where no change was ever asked for. */
function settingOf(variant: Undefinable<Omit<LiveVariant, 'VariantName'>>): Setting {
  const serverless = variant.DesiredServerlessConfig ?? variant.CurrentServerlessConfig;
  return known({
    weight: variant.DesiredWeight ?? variant.CurrentWeight,
    count: variant.DesiredInstanceCount ?? variant.CurrentInstanceCount,
    concurrency: serverless?.MaxConcurrency,
    provisioned: serverless?.ProvisionedConcurrency,
  });
}

/** What CreateEndpoint gives a variant. */
const initialOf = ({
  InitialVariantWeight,
  InitialInstanceCount,
  ServerlessConfig,
}: ProductionVariant): Setting =>
  known({
    // The default of AWS.
    weight: InitialVariantWeight ?? 1,
    count: InitialInstanceCount,
    concurrency: ServerlessConfig?.MaxConcurrency,
    provisioned: ServerlessConfig?.ProvisionedConcurrency,
  });

/** Weights are single-precision on the wire: 0.1 may come back as 0.10000000149. */
const same = (one: Setting, other: Setting): boolean =>
  (['weight', 'count', 'concurrency', 'provisioned'] as const).every((key) => {
    const [a, b] = [one[key], other[key]];
    return a === b || (a !== undefined && b !== undefined && Math.abs(a - b) < 1e-6 * Math.max(1, a));
  });

const updateNote = ({ FailureReason }: DescribeEndpointOutput): readonly string[] =>
  FailureReason === undefined ? [] : [`Its last update was taken back by SageMaker: ${FailureReason}`];

/** Whether the call that changes weights and counts takes shadow variants is not documented: people are told. */
function shadowNotes(record: EndpointRecord, live: DescribeEndpointOutput): readonly string[] {
  return record.shadowVariants.flatMap((saved) => {
    const now = live.ShadowProductionVariants?.find(({ VariantName }) => VariantName === saved.VariantName);
    const wanted = settingOf(saved);
    if (now === undefined || same(settingOf(now), { ...settingOf(now), ...wanted })) return [];
    const was = [
      ...(wanted.weight === undefined ? [] : [`weight ${wanted.weight}`]),
      ...(wanted.count === undefined ? [] : [`${wanted.count} instances`]),
    ].join(' and ');
    return [`Its shadow variant ${saved.VariantName} had ${was} before: set that by hand.`];
  });
}
