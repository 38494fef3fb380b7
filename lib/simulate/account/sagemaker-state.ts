import type { CreateEndpointConfigCommandInput } from '@aws-sdk/client-sagemaker';
import type { EndpointScaling } from './sagemaker-scaling-kept.ts';
import type { MemoryComponent } from './sagemaker-shape.ts';
import type { AccountState } from './state.ts';

/** What SageMaker has beside the resources that cost money. All keys begin with the region: `eu-west-1/ranker`. */
export interface SagemakerState {
  /** Endpoint configurations that were created; those that endpoints bring with them are not here. */
  readonly configs: Map<string, { readonly input: CreateEndpointConfigCommandInput; readonly at: Date }>;
  /** True = it was created; false = it was deleted. Those that endpoints bring with them are not here. */
  readonly models: Map<string, boolean>;
  readonly components: Map<string, MemoryComponent>;
  /** Names of the inference components of an endpoint. */
  readonly componentsOf: Map<string, Set<string>>;
  /** By what Application Auto Scaling calls it: `us-east-1/endpoint/ranker/variant/main`. */
  readonly scaling: Map<string, EndpointScaling>;
  /** By ARN: tags of what is no resource of its own here, such as the user profile that Studio apps belong to. */
  readonly tags: Map<string, Readonly<Record<string, string>>>;
  /** How ARNs spell a name, where they do not spell it as it is: by `eu-west-1/endpoint/Ranker` … */
  readonly spelling: Map<string, string>;
  /** … and the other way round. */
  readonly meant: Map<string, string>;
  /** Lists that somebody reads page by page, the oldest first. */
  readonly lists: Map<string, readonly string[]>;
}

const known = new WeakMap<AccountState['endpoints'], SagemakerState>();

/** The same for all clients of an account. */
export function sagemakerOf({ endpoints }: AccountState): SagemakerState {
  const before = known.get(endpoints);
  if (before !== undefined) return before;
  const made: SagemakerState = {
    configs: new Map(),
    models: new Map(),
    components: new Map(),
    componentsOf: new Map(),
    scaling: new Map(),
    tags: new Map(),
    spelling: new Map(),
    meant: new Map(),
    lists: new Map(),
  };
  known.set(endpoints, made);
  return made;
}
