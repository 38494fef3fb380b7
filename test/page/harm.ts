import { readMarkup } from './well-formed.ts';

/** What a page may hold beside text: nothing that runs, loads or leads out of it. */
export function harmFaults(page: string): readonly string[] {
  const { faults, tags } = readMarkup(page);
  const found = [...faults];
  const count = (tag: string) => tags.filter((one) => one.tag === tag).length;
  if (count('script') !== 1) found.push(`${count('script')} scripts`);
  if (count('style') !== 1) found.push(`${count('style')} styles`);
  for (const { tag, attributes } of tags) {
    if (['img', 'iframe', 'object', 'link', 'use', 'image', 'foreignObject'].includes(tag)) found.push(tag);
    for (const [key, value] of attributes) {
      if (/^on|^style$|^src$/.test(key)) found.push(`${tag} ${key}="${value}"`);
      if (/^(xlink:)?href$/.test(key) && !value.startsWith('#')) found.push(`${tag} leads to ${value}`);
      if (['fill', 'stroke'].includes(key) && !/^(none|var\(--[a-zA-Z]+\)|url\(#[a-z-]+\))$/.test(value))
        found.push(`${tag} is painted ${value}`);
    }
  }
  return found;
}
