/** A map that tells of each value that is set in it, with the one before, and of each that is deleted. */
export class ToldMap<K, V> extends Map<K, V> {
  readonly #tell: (key: K, value: V | undefined, before: V | undefined) => void;

  /** `value` is `undefined` of what was deleted. */
  constructor(tell: (key: K, value: V | undefined, before: V | undefined) => void) {
    super();
    this.#tell = tell;
  }

  override set(key: K, value: V): this {
    const before = this.get(key);
    super.set(key, value);
    this.#tell(key, value, before);
    return this;
  }

  override delete(key: K): boolean {
    const before = this.get(key);
    const deleted = super.delete(key);
    if (deleted) this.#tell(key, undefined, before);
    return deleted;
  }
}
