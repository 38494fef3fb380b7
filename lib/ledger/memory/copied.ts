/** A copy through JSON text, as a table would keep it: what does not survive that fails here too. */
export const copied = <T>(value: T, encode: (value: T) => unknown, decode: (json: unknown) => T): T =>
  decode(JSON.parse(JSON.stringify(encode(value))));
