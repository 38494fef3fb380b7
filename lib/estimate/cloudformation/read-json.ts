import { type Entry, mapOrCall, type Path, type TemplateNode } from './node.ts';

/** A text that is not JSON, and where that shows. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const LITERALS = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const;

/**
 * Reads JSON with the place of each value. Templates that the CDK writes are long, and JSON: the reader of YAML takes
 * seconds for them.
 * @throws {NotJson}
 */
export function readJson(text: string, maxDepth: number): TemplateNode {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  const root = value([], 0);
  skip();
  if (at < text.length) throw new NotJson('More stands after the end of the value.', at);
  return root;

  function value(path: Path, depth: number): TemplateNode {
    skip();
    if (depth > maxDepth) throw new NotJson(`More than ${maxDepth} levels deep.`, at);
    const offset = at;
    const char = text[at];
    if (char === '{') return map(path, depth, offset);
    if (char === '[') return list(path, depth, offset);
    if (char === '"') {
      const found = string();
      return { kind: 'scalar', path, offset, value: found, text: found };
    }
    for (const [word, literal] of LITERALS) {
      if (!text.startsWith(word, at)) continue;
      at += word.length;
      return { kind: 'scalar', path, offset, value: literal, text: word };
    }
    const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    number.lastIndex = at;
    const [written] = number.exec(text) ?? [];
    if (written === undefined) throw new NotJson('A value is missing here.', at);
    at += written.length;
    return { kind: 'scalar', path, offset, value: Number(written), text: written };
  }

  function map(path: Path, depth: number, offset: number): TemplateNode {
    const entries = new Map<string, Entry>();
    at += 1;
    skip();
    while (text[at] !== '}') {
      if (entries.size > 0) {
        expect(',');
        skip();
      }
      const keyOffset = at;
      if (text[at] !== '"') throw new NotJson('A key in quotes is missing here.', at);
      const key = string();
      skip();
      expect(':');
      // Of a key that stands twice the last counts, as in every reader of JSON.
      entries.set(key, { keyOffset, node: value([...path, key], depth + 1) });
      skip();
    }
    at += 1;
    return mapOrCall({ path, offset }, entries);
  }

  function list(path: Path, depth: number, offset: number): TemplateNode {
    const items: TemplateNode[] = [];
    at += 1;
    skip();
    while (text[at] !== ']') {
      if (items.length > 0) expect(',');
      items.push(value([...path, items.length], depth + 1));
      skip();
    }
    at += 1;
    return { kind: 'list', path, offset, items };
  }

  function string(): string {
    const start = at;
    let end = at + 1;
    while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
    at = end + 1;
    try {
      const found: unknown = JSON.parse(text.slice(start, end + 1));
      if (typeof found === 'string') return found;
    } catch {
      // Told below.
    }
    throw new NotJson('A text is not ended, or has a sign that must be escaped.', start);
  }

  function expect(char: string): void {
    if (text[at] !== char) throw new NotJson(`A ${char} is missing here.`, at);
    at += 1;
  }

  function skip(): void {
    while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  }
}
