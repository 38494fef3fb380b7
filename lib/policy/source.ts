import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import type { Problem } from './policy-error.ts';
import { printable, show } from './words.ts';

/** A place in the file: the keys and indexes that lead to it. */
export type Path = readonly PropertyKey[];

/** A YAML text as plain values, and where in the text each of them stands. */
export interface Source {
  /** Mappings are objects without a prototype; their keys are the text as written (`007` is not `7`). */
  readonly value: unknown;
  /** False where some value could not be read at all: a schema would complain of the gap again. */
  readonly complete: boolean;
  /** Mistakes that need no schema to be seen. */
  readonly problems: readonly Problem[];
  /** The problem at the value of a path, or at its key; where there is none, at the nearest value around it. */
  problemAt(path: Path, message: string, at?: 'key' | 'value'): Problem;
}

/** Aliases may stand for this many values in all; a nest of aliases could grow without bound. */
const MAX_ALIASED = 10_000;

/** A policy file needs seven levels. */
const MAX_DEPTH = 50;

/**
 * Reads one YAML document. A text that is not YAML has one problem, the first: what follows a syntax error
 * is seldom a mistake of its own.
 */
export function readYaml(text: string): Source {
  const lines = new LineCounter();
  const place = (offset: number, message: string): Problem => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), col: Math.max(col, 1), message };
  };
  // Duplicate keys are found below: the library compares every key with every other.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const [first] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (first !== undefined) {
    const problem = syntaxProblem(first, text, place);
    return {
      value: undefined,
      complete: false,
      problems: [problem],
      problemAt: (_path, message) => place(0, message),
    };
  }
  const reader = new Reader(place);
  const value = reader.read(document.contents);
  const locator = new Locator(document.contents, reader.targets);
  return {
    value,
    complete: reader.complete,
    problems: reader.problems,
    problemAt: (path, message, at = 'value') => place(locator.offsetAt(path, at), message),
  };
}

const SYNTAX_MENDS: Partial<Record<YAMLError['code'], string>> = {
  TAB_AS_INDENT: 'Indent with spaces.',
  BAD_INDENT: 'Line it up with its neighbours.',
  BLOCK_AS_IMPLICIT_KEY: 'Put the nested keys on lines of their own, or in { }.',
  TAG_RESOLVE_FAILED: 'Remove the tag (the word with `!`).',
  BAD_SCALAR_START: 'Put quotes around the value.',
};

function syntaxProblem(error: YAMLError, text: string, place: Place): Problem {
  const [offset] = error.pos;
  if (error.code === 'MULTIPLE_DOCS') {
    return place(offset, 'A second document starts here. Keep one: remove the `---` and what follows it.');
  }
  if (error.code === 'RESOURCE_EXHAUSTION') {
    return place(offset, 'Too many levels to read. Nest less deeply.');
  }
  const comment = swallowingComment(text.slice(0, offset));
  if (comment !== undefined) {
    return place(
      comment,
      'A # after a space starts a comment, which hides the bracket after it. Put quotes around a Slack channel: "#fraud-ml".',
    );
  }
  const what = printable(error.message.split('\n')[0] ?? '').replace(/\.$/, '');
  const mend = SYNTAX_MENDS[error.code] ?? 'Look for a missing quote, colon or bracket here or just before.';
  return place(offset, `Not valid YAML: ${what}. ${mend}`);
}

/** Where the last line of a text has a value that is a comment, and in it a bracket: `{ slack: #fraud-ml }`. */
function swallowingComment(before: string): number | undefined {
  const end = before.trimEnd().length;
  const start = before.lastIndexOf('\n', end - 1) + 1;
  const found = /^([^#]*[:,[{]\s+)#.*[\]}]/.exec(before.slice(start, end));
  return found?.[1] === undefined ? undefined : start + found[1].length;
}

type Place = (offset: number, message: string) => Problem;

/** Turns nodes into values, in the order of the text so that an alias stands for the last anchor before it. */
class Reader {
  readonly problems: Problem[] = [];
  complete = true;
  /** What each alias stands for. */
  readonly targets = new Map<Node, Node>();
  readonly #place: Place;
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #aliasDepth = 0;
  #aliased = 0;

  constructor(place: Place) {
    this.#place = place;
  }

  read(node: unknown): unknown {
    if (!isNode(node)) return undefined;
    const excess = this.#excess();
    if (excess !== undefined) return this.#giveUp(node, excess);
    if (isAlias(node)) return this.#readAlias(node, node.source);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    this.#open.add(node);
    const value = this.#readContent(node);
    this.#open.delete(node);
    return value;
  }

  #readContent(node: Node): unknown {
    if (isMap(node)) return this.#readMap(node);
    if (isSeq(node)) return node.items.map((item) => this.read(item));
    return isScalar(node) ? node.value : undefined;
  }

  #readMap(map: YAMLMap): unknown {
    const value: Record<string, unknown> = Object.create(null);
    const seen = new Map<string, number>();
    for (const { key, value: content } of map.items) {
      const offset = startOf(key) ?? startOf(map) ?? 0;
      const name = keyText(key);
      if (name === undefined) {
        this.#report(offset, 'A key must be plain text. Write it as one word, or in quotes.');
        continue;
      }
      const item = this.read(content);
      const firstAt = seen.get(name);
      if (name === '__proto__') {
        this.#report(offset, 'The key "__proto__" is not allowed. Take another name.');
      } else if (firstAt !== undefined) {
        const { line } = this.#place(firstAt, '');
        this.#report(offset, `The key ${show(name)} stands here twice, first on line ${line}. Keep one.`);
      } else {
        seen.set(name, offset);
        value[name] = item ?? null;
      }
    }
    return value;
  }

  #readAlias(alias: Node, source: string): unknown {
    const target = this.#anchors.get(source);
    if (target === undefined) {
      return this.#giveUp(alias, `No anchor &${source} stands before *${source}. Write it above.`);
    }
    if (this.#open.has(target)) {
      return this.#giveUp(alias, `*${source} stands inside what it names. Write the value out.`);
    }
    this.targets.set(alias, target);
    this.#aliasDepth += 1;
    const value = this.read(target);
    this.#aliasDepth -= 1;
    return value;
  }

  /** Why no further value is read; one more of them is counted where it stands behind an alias. */
  #excess(): string | undefined {
    if (this.#open.size >= MAX_DEPTH || this.#aliasDepth >= MAX_DEPTH) {
      return `More than ${MAX_DEPTH} levels deep. Nest less deeply.`;
    }
    if (this.#aliasDepth > 0) this.#aliased += 1;
    return this.#aliased > MAX_ALIASED
      ? `Aliases stand for more than ${MAX_ALIASED} values in all. Write the values out.`
      : undefined;
  }

  /** Tells the first gap alone: the others come of the same limit or of the same anchor. */
  #giveUp(node: Node, why: string): undefined {
    if (this.complete) this.#report(startOf(node), why);
    this.complete = false;
  }

  #report(offset: number | undefined, message: string): void {
    this.problems.push(this.#place(offset ?? 0, message));
  }
}

/** The text of a key as it stands in the file: `on`, `007` and `1.10` are names like any other. */
function keyText(key: unknown): string | undefined {
  if (key === null) return '';
  if (!isScalar(key)) return undefined;
  return typeof key.value === 'string' ? key.value : (key.source ?? '');
}

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);

interface Child {
  readonly key: unknown;
  readonly value: unknown;
}

/** Finds where a path stands. Mappings are indexed once: there may be as many problems as keys. */
class Locator {
  readonly #root: unknown;
  readonly #targets: ReadonlyMap<Node, Node>;
  readonly #children = new Map<YAMLMap, ReadonlyMap<string, Child>>();

  constructor(root: unknown, targets: ReadonlyMap<Node, Node>) {
    this.#root = root;
    this.#targets = targets;
  }

  offsetAt(path: Path, at: 'key' | 'value'): number {
    let node = this.#root;
    let offset = startOf(node) ?? 0;
    for (const [depth, step] of path.entries()) {
      const found = this.#childOf(node, step);
      if (found === undefined) return offset;
      node = this.#behind(found.value);
      const isKey = at === 'key' && depth === path.length - 1;
      offset = (isKey ? undefined : startOf(node)) ?? startOf(found.key) ?? offset;
    }
    return offset;
  }

  #behind(node: unknown): unknown {
    return isAlias(node) ? this.#behind(this.#targets.get(node)) : node;
  }

  #childOf(node: unknown, step: PropertyKey): Child | undefined {
    if (isSeq(node)) {
      const item = typeof step === 'number' ? node.items[step] : undefined;
      return item === undefined ? undefined : { key: item, value: item };
    }
    return isMap(node) && typeof step === 'string' ? this.#childrenOf(node).get(step) : undefined;
  }

  #childrenOf(map: YAMLMap): ReadonlyMap<string, Child> {
    const known = this.#children.get(map);
    if (known !== undefined) return known;
    const children = new Map<string, Child>();
    for (const pair of map.items) {
      const name = keyText(pair.key);
      if (name !== undefined && !children.has(name)) children.set(name, pair);
    }
    this.#children.set(map, children);
    return children;
  }
}
