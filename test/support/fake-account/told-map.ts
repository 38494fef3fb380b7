/** A map that tells of each value that is set in it, with the one before. */
export class ToldMap<K, V> extends Map<K, V> {
  readonly #tell: (key: K, value: V, before: V | undefined) => void;

  constructor(tell: (key: K, value: V, before: V | undefined) => void) {
    super();
    this.#tell = tell;
  }

  override set(key: K, value: V): this {
    const before = this.get(key);
    super.set(key, value);
    this.#tell(key, value, before);
    return this;
  }
}
