/** The keys and indexes that lead to a place in a document. */
export type Path = readonly (string | number)[];

interface Standing {
  readonly path: Path;
  /** Where it starts in the text, in UTF-16 units. */
  readonly offset: number;
}

export interface ScalarNode extends Standing {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** As it is written, without quotes: `012` of the number 12. */
  readonly text: string;
}

export interface ListNode extends Standing {
  readonly kind: 'list';
  readonly items: readonly TemplateNode[];
}

export interface Entry {
  /** Where the key starts. */
  readonly keyOffset: number;
  readonly node: TemplateNode;
}

export interface MapNode extends Standing {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
}

/** A function of CloudFormation: `!Ref X`, `{ "Fn::GetAtt": [...] }`. */
export interface CallNode extends Standing {
  readonly kind: 'call';
  /** `Ref`, `Condition`, `Fn::Sub`. */
  readonly name: string;
  readonly argument: TemplateNode;
}

/** A part of a template as written, whether in JSON or in YAML. An anchor of YAML and its aliases are one node. */
export type TemplateNode = ScalarNode | ListNode | MapNode | CallNode;

/** Loops write further keys of a mapping; they are no value. */
export const LOOP_PREFIX = 'Fn::ForEach::';

/** The node of a mapping, which is a call where its only key names a function. */
export function mapOrCall(standing: Standing, entries: ReadonlyMap<string, Entry>): TemplateNode {
  const [only] = entries;
  if (only !== undefined && entries.size === 1) {
    const [name, { node: argument }] = only;
    if (name === 'Ref' || (name.startsWith('Fn::') && !name.startsWith(LOOP_PREFIX))) {
      return { ...standing, kind: 'call', name, argument };
    }
  }
  return { ...standing, kind: 'map', entries };
}

/** The node of a key; `undefined` where the node is no mapping or has no such key. */
export const childOf = (node: TemplateNode | undefined, key: string): TemplateNode | undefined =>
  node?.kind === 'map' ? node.entries.get(key)?.node : undefined;

/** Every text in a node, names of parameters and mappings among them, at most `most` of them. */
export function textsOf(node: TemplateNode | undefined, most = 50): readonly string[] {
  const found: string[] = [];
  const walk = (one: TemplateNode | undefined): void => {
    if (one === undefined || found.length >= most) return;
    switch (one.kind) {
      case 'scalar':
        found.push(one.text);
        return;
      case 'list':
        one.items.forEach(walk);
        return;
      case 'map':
        for (const [key, { node: inner }] of one.entries) {
          found.push(key);
          walk(inner);
        }
        return;
      case 'call':
        walk(one.argument);
    }
  };
  walk(node);
  return found;
}
