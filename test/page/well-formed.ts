const VOID = new Set(['meta', 'input', 'br', 'link', 'img', 'hr']);
const TAG = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z_:][-\w:.]*(?:="[^"<>]*")?)*)\s*(\/?)>/y;

export interface Markup {
  /** What breaks the rules, for people; empty = nothing does. */
  readonly faults: readonly string[];
  readonly tags: readonly { readonly tag: string; readonly attributes: ReadonlyMap<string, string> }[];
}

/**
 * Reads a page by rules stricter than a browser's: every tag is closed in order, attributes are quoted and stand once,
 * text holds no `<`, ids are unique, and what is referred to exists.
 */
export function readMarkup(page: string): Markup {
  const faults: string[] = [];
  const tags: { tag: string; attributes: Map<string, string> }[] = [];
  const open: string[] = [];
  const ids = new Set<string>();
  const wanted = new Set<string>();
  if (!page.startsWith('<!DOCTYPE html>\n')) faults.push('no doctype');
  let at = page.indexOf('>') + 1;
  while (at < page.length) {
    const raw = open.at(-1);
    const next = raw === 'script' || raw === 'style' ? page.indexOf(`</${raw}>`, at) : page.indexOf('<', at);
    if (next < 0) break;
    TAG.lastIndex = next;
    const found = TAG.exec(page);
    if (found === null) {
      faults.push(`no tag: ${page.slice(next, next + 60)}`);
      break;
    }
    const [whole, closing = '', tag = '', rest = '', self = ''] = found;
    at = next + whole.length;
    if (closing !== '') {
      const last = open.pop();
      if (last !== tag) faults.push(`</${tag}> closes <${last}>`);
      continue;
    }
    const attributes = new Map<string, string>();
    for (const [, key = '', value = ''] of rest.matchAll(/([a-zA-Z_:][-\w:.]*)(?:="([^"]*)")?/g)) {
      if (attributes.has(key)) faults.push(`${tag} has ${key} twice`);
      attributes.set(key, value);
    }
    const id = attributes.get('id');
    if (id !== undefined && ids.has(id)) faults.push(`two have the id ${id}`);
    if (id !== undefined) ids.add(id);
    for (const key of ['aria-labelledby', 'for']) {
      const to = attributes.get(key);
      if (to !== undefined) wanted.add(to);
    }
    const href = attributes.get('href');
    if (href?.startsWith('#') === true) wanted.add(href.slice(1));
    const paint = /^url\(#(.*)\)$/.exec(attributes.get('fill') ?? '')?.[1];
    if (paint !== undefined) wanted.add(paint);
    tags.push({ tag, attributes });
    if (self === '' && !VOID.has(tag)) open.push(tag);
  }
  if (open.length > 0) faults.push(`never closed: ${open.join(', ')}`);
  for (const id of wanted) if (!ids.has(id)) faults.push(`nothing has the id ${id}`);
  return { faults, tags };
}
