import { LineCounter } from 'yaml';
import { PolicyError, type Problem } from '../../policy/policy-error.ts';
import type { Place } from '../estimate.ts';
import { childOf, type MapNode, type TemplateNode } from './node.ts';
import { NotJson, readJson } from './read-json.ts';
import { NotYaml, readYamlNodes } from './read-yaml.ts';

/** CloudFormation takes templates of up to 1 MB; a larger file is refused unread, so that no input takes long. */
const MAX_MIB = 4;

/** Enough for any template: state machines written out are the deepest. */
const MAX_DEPTH = 100;

/** A template as written. */
export interface TemplateDocument {
  readonly file: string;
  readonly root: MapNode;
  /** Line and column of an offset, both from 1. */
  placeOf(offset: number): Required<Place>;
}

/**
 * Reads the text of a template, JSON or YAML.
 * @param file the file's name, for messages and places
 * @throws {PolicyError} with the mistake and its place, where it is no template; never anything else
 */
export function readDocument(text: string, file: string): TemplateDocument {
  const refuse = (message: string): PolicyError => new PolicyError(file, [{ line: 1, col: 1, message }]);
  if (text.length > MAX_MIB * 1024 * 1024) {
    throw refuse(`The file is larger than ${MAX_MIB} MiB. CloudFormation takes templates of up to 1 MB.`);
  }
  const lines = linesOf(text);
  const placeOf = (offset: number): Required<Place> => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), col: Math.max(col, 1) };
  };
  const root = read(text, (message, offset) => {
    const { line, col } = placeOf(offset);
    return new PolicyError(file, [{ line, col, message }]);
  });
  if (root === undefined || (root.kind === 'scalar' && root.text === '')) {
    throw refuse('The file is empty. Name a CloudFormation template.');
  }
  if (root.kind !== 'map' || childOf(root, 'Resources')?.kind === undefined) {
    throw refuse(
      'No CloudFormation template: it has no `Resources`. Name a template, or the folder cdk.out.',
    );
  }
  const resources = childOf(root, 'Resources');
  if (resources?.kind !== 'map' && resources?.kind !== 'call') {
    throw refuse('No CloudFormation template: `Resources` must be a mapping of logical ids.');
  }
  return { file, root, placeOf };
}

function read(
  text: string,
  problem: (message: string, offset: number) => PolicyError,
): TemplateNode | undefined {
  const isJson = /^\uFEFF?\s*[{[]/.test(text);
  let fault: NotJson | undefined;
  if (isJson) {
    try {
      return readJson(text, MAX_DEPTH);
    } catch (error) {
      if (!(error instanceof NotJson)) throw error;
      fault = error;
    }
  }
  try {
    // What starts with a bracket may be YAML after all.
    return readYamlNodes(text, MAX_DEPTH);
  } catch (error) {
    if (fault !== undefined) throw problem(`Not valid JSON: ${fault.message}`, fault.offset);
    if (error instanceof NotYaml) throw problem(error.message, error.offset);
    throw error;
  }
}

function linesOf(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  return lines;
}

/** A node as plain values, and where its mistakes stand: what a schema is held against. */
export function sourceOf(node: TemplateNode, { placeOf }: TemplateDocument) {
  const at = (offset: number, message: string): Problem => {
    const { line, col } = placeOf(offset);
    return { line, col, message };
  };
  return {
    value: plainOf(node),
    complete: true,
    problems: [],
    problemAt: (path: readonly PropertyKey[], message: string, which: 'key' | 'value' = 'value'): Problem => {
      let here = node;
      let offset = node.offset;
      for (const [depth, step] of path.entries()) {
        const entry = here.kind === 'map' && typeof step === 'string' ? here.entries.get(step) : undefined;
        if (entry === undefined) break;
        here = entry.node;
        offset = which === 'key' && depth === path.length - 1 ? entry.keyOffset : entry.node.offset;
      }
      return at(offset, message);
    },
  };
}

/** A node as plain values, functions as they are written; objects have no prototype. */
function plainOf(node: TemplateNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(plainOf);
    case 'call':
      return `!${node.name}`;
    case 'map': {
      const plain: Record<string, unknown> = Object.create(null);
      for (const [key, { node: inner }] of node.entries) plain[key] = plainOf(inner);
      return plain;
    }
  }
}
