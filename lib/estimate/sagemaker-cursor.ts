/** A value that is only known when it runs: a property of an earlier step, what an execution is started with. */
export class Later {
  /** @param how as it is written: `Steps.Train.ModelArtifacts`, `$.instanceType` */
  constructor(readonly how: string) {}
}

/** Keys and indexes. */
export type DocumentPath = readonly (string | number)[];

/** What an object stands for where it is a reference; `undefined` = it is none. */
export type Refer = (value: unknown) => Cursor | Later | undefined;

export const noReferences: Refer = () => undefined;

/** A place in a document and the value there, with references followed. */
export class Cursor {
  /** The value, or `Later`; `undefined` = nothing stands there. */
  readonly value: unknown;
  /** Where the value itself stands: of a reference, where what it names is written. */
  readonly path: DocumentPath;
  readonly #refer: Refer;

  constructor(value: unknown, path: DocumentPath = [], refer: Refer = noReferences) {
    const found = refer(value);
    this.value = found === undefined ? value : found instanceof Cursor ? found.value : found;
    this.path = found instanceof Cursor ? found.path : path;
    this.#refer = refer;
  }

  /** What stands under a key; of a state machine also under `Key.$`, which is a path that is only known when it runs. */
  get(key: string): Cursor {
    const own = this.#own(key);
    const late = own === undefined ? this.#own(`${key}.$`) : undefined;
    const value = late === undefined ? own : new Later(String(late));
    return new Cursor(value, [...this.path, key], this.#refer);
  }

  /** Deeper: `at('ProcessingResources', 'ClusterConfig')`. */
  at(...keys: readonly string[]): Cursor {
    return keys.reduce((cursor: Cursor, key) => cursor.get(key), this);
  }

  has(key: string): boolean {
    return this.get(key).value !== undefined;
  }

  get isMapping(): boolean {
    return isObject(this.value);
  }

  /** The values of a list; none where it is no list. */
  get items(): readonly Cursor[] {
    if (!Array.isArray(this.value)) return [];
    return this.value.map((one: unknown, index) => new Cursor(one, [...this.path, index], this.#refer));
  }

  /** The values of a mapping by their keys; none where it is no mapping. */
  get entries(): readonly (readonly [key: string, value: Cursor])[] {
    if (!isObject(this.value)) return [];
    return Object.keys(this.value).map((key) => [key, this.get(key)] as const);
  }

  /** A text; `undefined` = nothing stands there, or something else. */
  get text(): string | Later | undefined {
    if (this.value instanceof Later) return this.value;
    return typeof this.value === 'string' && this.value !== '' ? this.value : undefined;
  }

  /** A number that is not below zero, also where it is written as text: pipelines and templates hold both. */
  get amount(): number | Later | undefined {
    if (this.value instanceof Later) return this.value;
    const number =
      typeof this.value === 'number'
        ? this.value
        : typeof this.value === 'string' && /^\d+(\.\d+)?$/.test(this.value)
          ? Number(this.value)
          : Number.NaN;
    return Number.isFinite(number) && number >= 0 ? number : undefined;
  }

  get isTrue(): boolean {
    return this.value === true || this.value === 'true' || this.value === 'True';
  }

  #own(key: string): unknown {
    return isObject(this.value) && Object.hasOwn(this.value, key) ? this.value[key] : undefined;
  }
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Later);

/**
 * What a template leaves to CloudFormation (which its reader writes as `<Ref X>`), or a state machine in JSONata to its
 * execution (`{% … %}`).
 */
export function laterOf(value: unknown): Later | undefined {
  if (typeof value === 'string') {
    const [, jsonata, template] = /^\{%(.*)%\}$|^<(.*)>$/s.exec(value) ?? [];
    const how = jsonata ?? template;
    return how === undefined ? undefined : new Later(how.trim());
  }
  if (!isObject(value)) return undefined;
  const [key, ...others] = Object.keys(value);
  if (key === undefined || others.length > 0) return undefined;
  return /^(?:Ref|Fn::\w+|Get|Std:\w+)$/.test(key)
    ? new Later(`${key} ${JSON.stringify(value[key])}`)
    : undefined;
}
