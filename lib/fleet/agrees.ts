/**
 * True where everything that was saved is still there with the same value: in `found`, objects may have gained
 * fields (AWS adds new ones in the course of time), lists may not. An absent field and `undefined` are the same; a
 * date agrees with its ISO text.
 */
export function agrees(saved: unknown, found: unknown): boolean {
  if (saved === undefined) return true;
  if (found instanceof Date) return saved === found.toISOString();
  if (Array.isArray(saved)) {
    return (
      Array.isArray(found) &&
      saved.length === found.length &&
      saved.every((one, index) => agrees(one, found[index]))
    );
  }
  if (typeof saved === 'object' && saved !== null) {
    if (typeof found !== 'object' || found === null) return false;
    const there = new Map<string, unknown>(Object.entries(found));
    return Object.entries(saved).every(([key, value]) => agrees(value, there.get(key)));
  }
  return saved === found;
}
