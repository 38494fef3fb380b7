/** How many run of a variant, where that is not what its configuration says. */
export interface LiveVariant {
  readonly weight?: number;
  readonly count?: number;
  /** It has another number from then on. */
  readonly next?: { readonly count: number; readonly at: Date };
  /** Of a serverless one. */
  readonly provisioned?: number;
  readonly concurrency?: number;
}

/** A variant as its endpoint configuration has it. */
export interface MemoryVariant {
  readonly name: string;
  /** `''` for a serverless one. */
  readonly type: string;
  readonly instances: number;
  /** Absent = 1. */
  readonly weight?: number;
  /** Absent = `<endpoint>-model`. */
  readonly model?: string;
  readonly serverless?: { readonly concurrency: number; readonly provisioned?: number };
  /**
   * It has no model of its own: inference components run on it. `least` are the instances that stay without any;
   * absent = its instances are not managed, and stay as they are.
   */
  readonly hostsComponents?: { readonly least?: number };
  /** It is sent copies of the requests. */
  readonly shadow?: true;
}

/** What an endpoint is beside its name, its instance type and its use. */
export interface EndpointShape {
  /** Instances of its variant `main`, as its configuration says; absent = 1. */
  readonly instances?: number;
  /** All its variants, where `main` is not the only one. */
  readonly variants?: readonly MemoryVariant[];
  /** How variants stand, by name; those that are absent stand as configured. */
  readonly live?: Readonly<Record<string, LiveVariant>>;
  readonly asynchronous?: true;
  /** Absent = `since`. */
  readonly createdAt?: Date;
  /** It is `Updating` until then. */
  readonly updatingUntil?: Date;
  /** It is `Failed`, for that reason. */
  readonly failure?: string;
  /** The name of its configuration; absent = `<name>-config`, which it brings with it. */
  readonly config?: string;
  /** The configuration that it brought with it was deleted. */
  readonly withoutConfig?: true;
  /** It has no scaling but what was registered for it. */
  readonly unscaled?: true;
}

/** An inference component of an endpoint. */
export interface MemoryComponent {
  readonly name: string;
  readonly endpoint: string;
  readonly variant: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Copies that it is to have. */
  readonly copies: number;
  /** It has another number until then, and is between two states. */
  readonly before?: { readonly copies: number; readonly until: Date };
  /** The component whose copies it runs in: an adapter has none of its own. */
  readonly base?: string;
}
