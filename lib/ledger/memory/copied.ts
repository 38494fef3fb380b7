/**
 * How what is written is kept: through JSON text, as a table would keep it, so that what does not survive that fails
 * here too; or as it is, which is much quicker, for whoever writes nothing that is changed afterwards.
 */
export type Form = 'text' | 'objects';

/** A copy through JSON text. */
export const copied = <T>(value: T, encode: (value: T) => unknown, decode: (json: unknown) => T): T =>
  decode(JSON.parse(JSON.stringify(encode(value))));

/** The copy that a form asks for. */
export const keptAs =
  (form: Form): typeof copied =>
  (value, encode, decode) =>
    form === 'text' ? copied(value, encode, decode) : value;
