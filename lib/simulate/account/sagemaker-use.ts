import { hasNvidiaGpu, vcpusOf } from '../../fleet/accelerators.ts';
import { findIn } from './sagemaker-keys.ts';
import { sagemakerOf } from './sagemaker-state.ts';
import { type AccountState, type Member, REGION } from './state.ts';

/** Who has a metric. */
export interface SagemakerUse {
  /** After its end its use is `undefined`. Before `since` it has none either: whoever asks must look. */
  readonly member: Member;
  /** What its CPU percentage is multiplied with in `/aws/sagemaker/Endpoints`. */
  readonly cores: number;
  readonly gpus: number;
}

/**
 * What a metric of SageMaker tells of, found by its name alone: of endpoints by `EndpointName` with or without
 * `VariantName`, or by `InferenceComponentName`; of notebook instances by the dimension that the adapter asks for.
 * `undefined` where nothing has such a metric: Studio apps and jobs have none.
 * @param region Absent = whichever has the name first.
 */
export function sagemakerUseOf(
  state: AccountState,
  namespace: string,
  dimensions: Readonly<Record<string, string>>,
  region?: string,
): SagemakerUse | undefined {
  switch (namespace) {
    case 'AWS/SageMaker':
    case '/aws/sagemaker/Endpoints':
      return endpointUse(state, dimensions, region);
    case 'SageMakerNotebookInstances':
      return notebookUse(state, dimensions.notebook_instance_name ?? '', region);
    default:
      return undefined;
  }
}

function endpointUse(
  state: AccountState,
  dimensions: Readonly<Record<string, string>>,
  region: string | undefined,
): SagemakerUse | undefined {
  const component = dimensions.InferenceComponentName;
  const name =
    component === undefined
      ? dimensions.EndpointName
      : sagemakerOf(state).components.get(`${region ?? REGION}/${component}`)?.endpoint;
  const one = found(state.endpoints, name ?? '', region);
  if (one === undefined) return undefined;
  const member = until(one, one.deletedAt);
  const asked = dimensions.VariantName;
  if (asked === undefined || one.variants === undefined) {
    const known = asked === undefined || asked === 'main';
    return known ? { member, cores: one.cores, gpus: one.gpus } : undefined;
  }
  const variant = one.variants.find((each) => each.name === asked);
  if (variant === undefined) return undefined;
  if (variant.type === one.type) return { member, cores: one.cores, gpus: one.gpus };
  return { member, ...sizeOf(variant.type) };
}

function notebookUse(
  state: AccountState,
  name: string,
  region: string | undefined,
): SagemakerUse | undefined {
  const one = found(state.notebooks, name, region);
  return one === undefined ? undefined : { member: until(one, one.stoppedAt), ...sizeOf(one.type) };
}

/** Cores and GPUs of an instance type, as far as its name tells: one core where it tells nothing, and one GPU. */
export const sizeOf = (type: string): { readonly cores: number; readonly gpus: number } => ({
  cores: vcpusOf(type) ?? 1,
  gpus: hasNvidiaGpu(type) ? 1 : 0,
});

const found = <V extends Member>(
  map: ReadonlyMap<string, V>,
  name: string,
  region: string | undefined,
): V | undefined => (region === undefined ? map.get(name) : findIn(map, region, name));

/** The same, with no use from then on. */
const until = (one: Member, end: Date | undefined): Member =>
  end === undefined ? one : { ...one, use: (minute) => (minute < end ? one.use(minute) : undefined) };
