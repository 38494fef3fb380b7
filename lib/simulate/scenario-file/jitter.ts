const MINUTE_MS = 60_000;

/**
 * How much later what a resource does comes, in milliseconds: whole minutes from 0 to `mostMs`, by its id alone, so that
 * every run of a scenario is the same.
 */
export function offsetOf(id: string, mostMs: number): number {
  const choices = Math.floor(mostMs / MINUTE_MS) + 1;
  return (hash(id) % choices) * MINUTE_MS;
}

/** FNV-1a of 32 bits, and the last steps of MurmurHash3: ids that differ in their last digit alone come far apart. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
