/** What a text is: an object or a list of JSON, or not JSON. Never throws. */
export function parseJsonDocument(
  text: string,
): { readonly json: true; readonly value: unknown } | { readonly json: false } {
  if (!/^\s*[[{]/.test(text)) return { json: false };
  try {
    const value: unknown = JSON.parse(text);
    return { json: true, value };
  } catch {
    return { json: false };
  }
}
