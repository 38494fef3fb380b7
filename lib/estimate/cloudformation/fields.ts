import { NotKnown } from './not-known.ts';
import { ABSENT, type MapValue, type Origin, type Value, whyNoText } from './value.ts';

/**
 * The properties of a resource, or a mapping in them. What is absent is `undefined`; what is there and not known
 * throws `NotKnown`, so that no default is taken in its place.
 */
export class Fields {
  readonly #value: MapValue | undefined;
  /** Where a property that is not here may stand instead. */
  readonly #otherwise: Fields | undefined;

  private constructor(value: MapValue | undefined, otherwise?: Fields) {
    this.#value = value;
    this.#otherwise = otherwise;
  }

  /** @throws {NotKnown} where the value is not known; of one that is absent there are no fields */
  static of(value: Value, name: string): Fields {
    if (value.kind === 'absent') return new Fields(undefined);
    if (value.kind === 'map') return new Fields(value);
    throw notKnown(name, value.kind === 'scalar' ? 'it must be a mapping' : whyNoText(value));
  }

  /** These fields, and for what is absent of them those of another mapping. */
  over(otherwise: Fields): Fields {
    return new Fields(this.#value, otherwise);
  }

  get keys(): readonly string[] {
    return this.#value?.keys ?? [];
  }

  value(name: string): Value {
    const own = this.#value?.get(name) ?? ABSENT;
    return own.kind === 'absent' ? (this.#otherwise?.value(name) ?? ABSENT) : own;
  }

  has(name: string): boolean {
    return this.value(name).kind !== 'absent';
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    if (value.kind === 'absent') return undefined;
    if (value.kind === 'scalar') return value.text;
    throw notKnown(name, whyNoText(value));
  }

  /** @throws {NotKnown} also where it is absent */
  needed(name: string): string {
    const found = this.text(name);
    if (found === undefined) throw new NotKnown(`\`${name}\` is missing.`);
    return found;
  }

  number(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined || text.trim() === '') return undefined;
    const number = Number(text);
    if (!Number.isFinite(number) || number < 0) throw notKnown(name, `${text.slice(0, 40)} is no number`);
    return number;
  }

  flag(name: string): boolean | undefined {
    const text = this.text(name)?.toLowerCase();
    if (text === undefined) return undefined;
    return text === 'true' || text === 'yes' || text === 'on';
  }

  fields(name: string): Fields {
    return Fields.of(this.value(name), name);
  }

  list(name: string): readonly Value[] {
    const value = this.value(name);
    if (value.kind === 'absent') return [];
    if (value.kind === 'list') return value.items().filter(({ kind }) => kind !== 'absent');
    throw notKnown(name, value.kind === 'scalar' ? 'it must be a list' : whyNoText(value));
  }

  /** The mappings of a list. */
  each(name: string): readonly Fields[] {
    return this.list(name).map((one) => Fields.of(one, name));
  }

  /** Where the literal stands that a property comes from; `undefined` where there is no such one. */
  originOf(name: string): Origin | undefined {
    const value = this.value(name);
    return value.kind === 'scalar' ? value.origin : undefined;
  }

  /** Where a property stands in the text of the resource; `undefined` where it is absent. */
  offsetOf(name: string): number | undefined {
    return this.#value?.keys.includes(name) === true ? this.#value.offsetOf(name) : undefined;
  }

  /** Every text that stands under a property as written: names of parameters, mappings and files. */
  textsOf(name: string): readonly string[] {
    const own = this.#value?.get(name) ?? ABSENT;
    return own.kind === 'absent'
      ? (this.#otherwise?.textsOf(name) ?? [])
      : (this.#value?.textsOf(name) ?? []);
  }
}

const notKnown = (name: string, why: string): NotKnown => new NotKnown(`\`${name}\` is not known: ${why}.`);
