import type { ServerlessMemory, UnitKey } from '../fleet/prices.ts';
import { type ChangeItem, type InstanceChoice, MONTH_HOURS, type PricePart } from './estimate.ts';
import { type Cursor, Later } from './sagemaker-cursor.ts';
import { gibMonths, type ReadContext, type ReadItem, statedCost } from './sagemaker-item.ts';
import type { RequestPlace } from './sagemaker-requests.ts';

/* What goes on until somebody ends it: it counts for a whole month. */

interface Found {
  readonly parts: readonly PricePart[];
  readonly unpriced: readonly string[];
  readonly choice?: InstanceChoice;
}

/** Each variant for a month of 730 h, shadow variants too. */
export function readEndpointConfig(request: Cursor, place: RequestPlace, context: ReadContext): ReadItem {
  const name = request.get('EndpointConfigName').text;
  const id = place.id ?? (typeof name === 'string' ? name : 'endpoint-config');
  const variants = [
    ...request.get('ProductionVariants').items,
    ...request.get('ShadowProductionVariants').items,
  ];
  const found = variants.map((variant) => readVariant(id, variant, context));
  const [only, ...others] = found;
  return itemOf(
    { id, type: 'AWS::SageMaker::EndpointConfig', request, place },
    {
      parts: found.flatMap((one) => one.parts),
      unpriced: found.flatMap((one) => one.unpriced),
      ...(only?.choice === undefined || others.length > 0 ? {} : { choice: only.choice }),
    },
    context,
  );
}

function readVariant(id: string, variant: Cursor, context: ReadContext): Found {
  const serverless = variant.get('ServerlessConfig');
  if (serverless.isMapping) return readServerless(id, serverless, context);
  return machines(
    id,
    {
      type: variant.get('InstanceType'),
      count: variant.get('InitialInstanceCount'),
      volume: variant.get('VolumeSizeInGB'),
      volumeUse: 'hosting',
      use: 'sagemaker-hosting',
    },
    context,
  );
}

/** A notebook instance has a volume of 5 GiB at least (`CreateNotebookInstance`), which is charged while it is stopped too. */
export function readNotebook(request: Cursor, place: RequestPlace, context: ReadContext): ReadItem {
  const name = request.get('NotebookInstanceName').text;
  const id = place.id ?? (typeof name === 'string' ? name : 'notebook');
  const found = machines(
    id,
    {
      type: request.get('InstanceType'),
      count: undefined,
      volume: request.get('VolumeSizeInGB'),
      volumeUse: 'notebook',
      use: 'sagemaker-notebook',
    },
    context,
  );
  return itemOf({ id, type: 'AWS::SageMaker::NotebookInstance', request, place }, found, context);
}

const LEAST_NOTEBOOK_GIB = 5;

function machines(
  id: string,
  {
    type,
    count,
    volume,
    volumeUse,
    use,
  }: {
    readonly type: Cursor;
    /** `undefined` = there is one. */
    readonly count: Cursor | undefined;
    readonly volume: Cursor;
    readonly volumeUse: 'hosting' | 'notebook';
    readonly use: 'sagemaker-hosting' | 'sagemaker-notebook';
  },
  { region, file, base, usageOf }: ReadContext,
): Found {
  const usage = usageOf(id);
  const instanceType = type.text;
  const number = count === undefined || count.value === undefined ? 1 : count.amount;
  if (typeof instanceType !== 'string' || typeof number !== 'number') {
    const lacks = [instanceType, number].find((one) => one instanceof Later);
    const why = lacks instanceof Later ? `is only known later (${lacks.how})` : 'is not stated';
    return { parts: [], unpriced: [`On which and how many instances ${id} runs ${why}.`] };
  }
  const hours = usage.hours ?? MONTH_HOURS;
  const stated = volume.amount;
  const gib = typeof stated === 'number' ? stated : volumeUse === 'notebook' ? LEAST_NOTEBOOK_GIB : undefined;
  const key: UnitKey = { service: 'sagemaker-volume', region, use: volumeUse };
  return {
    parts: [
      {
        per: 'hour',
        key: { service: use, region, instanceType },
        count: number,
        hours,
        what: `${number} × ${instanceType}`,
      },
      ...(gib === undefined
        ? []
        : [gibMonths(key, gib * number, MONTH_HOURS, `${number} × ${gib} GiB of volume`)]),
    ],
    unpriced: stated instanceof Later ? [`How large the volume of ${id} is is only known later.`] : [],
    choice: {
      instanceType,
      service: use,
      at: { file, path: [...base, ...type.path] },
      interruptible: false,
      ...(usage.needs === undefined ? {} : { needs: usage.needs }),
    },
  };
}

const MEMORIES: readonly ServerlessMemory[] = [1024, 2048, 3072, 4096, 5120, 6144];

/** Charged by the time that requests take and by what they carry; provisioned concurrency besides. */
function readServerless(id: string, config: Cursor, { region, usageOf }: ReadContext): Found {
  const { requests, durationMs, dataGb } = usageOf(id);
  const size = config.get('MemorySizeInMB').amount;
  const memoryMiB = MEMORIES.find((one) => one === size);
  if (requests === undefined || durationMs === undefined || memoryMiB === undefined) {
    return {
      parts: [],
      unpriced: [
        `Requests of ${id} are charged by use: state requests, durationMs and dataGb in the usage file.`,
      ],
    };
  }
  const millions = Number(((requests * durationMs) / 1_000 / 1_000_000).toFixed(6));
  return {
    parts: [
      {
        per: 'unit',
        key: { service: 'sagemaker-serverless', region, memoryMiB },
        quantity: millions,
        what: `${requests} requests of ${durationMs} ms at ${memoryMiB} MiB`,
      },
      ...(dataGb === undefined
        ? []
        : [
            {
              per: 'unit' as const,
              key: { service: 'sagemaker-serverless-data' as const, region },
              quantity: dataGb,
              what: `${dataGb} GB in and out`,
            },
          ]),
    ],
    unpriced: [
      ...(config.has('ProvisionedConcurrency')
        ? [`Provisioned concurrency of ${id} is charged whether it is used or not, and is not priced here.`]
        : []),
      ...(dataGb === undefined
        ? [`What requests of ${id} carry is charged by the GB: state dataGb in the usage file.`]
        : []),
    ],
  };
}

function itemOf(
  of: {
    readonly id: string;
    readonly type: string;
    readonly request: Cursor;
    readonly place: RequestPlace;
  },
  found: Found,
  { placeOf, usageOf }: ReadContext,
): ReadItem {
  const item: ChangeItem = {
    id: of.id,
    type: of.type,
    project: of.place.project,
    place: placeOf(of.request.path),
    frequency: 'month',
    parts:
      (of.place.remarks ?? []).length === 0
        ? found.parts
        : found.parts.map((part) => ({
            ...part,
            what: [part.what, ...(of.place.remarks ?? [])].join('; '),
          })),
    unpriced: [...(of.place.unpriced ?? []), ...found.unpriced],
    ...statedCost(usageOf(of.id)),
    ...(found.choice === undefined ? {} : { choice: found.choice }),
  };
  return { item, shape: undefined };
}
