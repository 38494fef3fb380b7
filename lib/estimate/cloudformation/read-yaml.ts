import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { show } from '../../policy/words.ts';
import { type Entry, mapOrCall, type Path, type TemplateNode } from './node.ts';

/** A text that is not YAML, or not as CloudFormation takes it, and where that shows. */
export class NotYaml extends Error {
  override readonly name = 'NotYaml';
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Reads YAML with the place of each value. A tag such as `!Sub` is a call of `Fn::Sub`, whether CloudFormation knows
 * it or not; `!Ref` and `!Condition` have no prefix in their long form.
 * @throws {NotYaml}
 */
export function readYamlNodes(text: string, maxDepth: number): TemplateNode | undefined {
  // Unknown tags are warnings, and no concern here: each is a function of CloudFormation.
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false, logLevel: 'silent' });
  const [error] = [...document.errors].sort((a, b) => a.pos[0] - b.pos[0]);
  if (error !== undefined) {
    throw new NotYaml(`Not valid YAML: ${error.message.split('\n')[0]?.replace(/\.$/, '')}.`, error.pos[0]);
  }
  const anchors = new Map<string, TemplateNode | undefined>();
  return isNode(document.contents) ? read(document.contents, [], 0) : undefined;

  function read(node: unknown, path: Path, depth: number): TemplateNode {
    if (!isNode(node)) return { kind: 'scalar', path, offset: 0, value: null, text: '' };
    const offset = startOf(node);
    if (depth > maxDepth) throw new NotYaml(`More than ${maxDepth} levels deep. Nest less deeply.`, offset);
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target !== undefined) return target;
      const why = anchors.has(node.source) ? 'stands inside what it names' : 'names no anchor above it';
      throw new NotYaml(`*${node.source} ${why}. Write the value out.`, offset);
    }
    if (node.anchor !== undefined) anchors.set(node.anchor, undefined);
    const found = tagged(node, offset, path, depth);
    if (node.anchor !== undefined) anchors.set(node.anchor, found);
    return found;
  }

  function tagged(node: Node, offset: number, path: Path, depth: number): TemplateNode {
    const tag = node.tag?.startsWith('!') === true && node.tag.length > 1 ? node.tag.slice(1) : undefined;
    if (tag === undefined) return content(node, offset, path, depth);
    const name = tag === 'Ref' || tag === 'Condition' ? tag : `Fn::${tag}`;
    const argument = content(node, offset, path, depth, 'plain');
    return { kind: 'call', path, offset, name, argument };
  }

  function content(node: Node, offset: number, path: Path, depth: number, of?: 'plain'): TemplateNode {
    if (isMap(node)) {
      const entries = entriesOf(node, path, depth);
      return of === 'plain' ? { kind: 'map', path, offset, entries } : mapOrCall({ path, offset }, entries);
    }
    if (isSeq(node)) {
      const items = node.items.map((item, index) => read(item, [...path, index], depth + 1));
      return { kind: 'list', path, offset, items };
    }
    return isScalar(node)
      ? { kind: 'scalar', path, offset, ...scalarOf(node) }
      : { kind: 'scalar', path, offset, value: null, text: '' };
  }

  function entriesOf(map: YAMLMap, path: Path, depth: number): ReadonlyMap<string, Entry> {
    const entries = new Map<string, Entry>();
    const merged = new Map<string, Entry>();
    for (const { key, value } of map.items) {
      const keyOffset = isNode(key) ? startOf(key) : startOf(map);
      const name = isScalar(key) ? scalarOf(key).text : undefined;
      if (name === undefined) throw new NotYaml('A key must be plain text.', keyOffset);
      const node = read(value, [...path, name], depth + 1);
      if (name === '<<') {
        for (const one of node.kind === 'list' ? node.items : [node]) {
          if (one.kind !== 'map') continue;
          for (const [inner, entry] of one.entries) if (!merged.has(inner)) merged.set(inner, entry);
        }
        continue;
      }
      if (entries.has(name)) {
        throw new NotYaml(`The key ${show(name)} stands here twice. Keep one.`, keyOffset);
      }
      entries.set(name, { keyOffset, node: placed(node, keyOffset) });
    }
    for (const [name, entry] of merged) if (!entries.has(name)) entries.set(name, entry);
    return entries;
  }
}

/** What is empty stands where its key does. */
const placed = (node: TemplateNode, keyOffset: number): TemplateNode =>
  node.offset === 0 && node.kind === 'scalar' && node.text === '' ? { ...node, offset: keyOffset } : node;

const startOf = (node: Node): number => node.range?.[0] ?? 0;

function scalarOf({ value, source }: Scalar): {
  readonly value: string | number | boolean | null;
  readonly text: string;
} {
  switch (typeof value) {
    case 'string':
      return { value, text: value };
    case 'number':
    case 'boolean':
      return { value, text: source ?? String(value) };
    default:
      return { value: null, text: '' };
  }
}
