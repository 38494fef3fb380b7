/** Makes the compiler prove that a switch is exhaustive; throws if untyped data slips through. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
