import type { Path } from './node.ts';
import { NotKnown } from './not-known.ts';
import type { TemplateResource } from './resource.ts';

/** Where a literal stands that something takes its value from. */
export interface Origin {
  readonly file: string;
  readonly path: Path;
}

/** A literal, or what functions make of literals. */
export interface ScalarValue {
  readonly kind: 'scalar';
  readonly value: string | number | boolean;
  readonly text: string;
  /** Absent where no one literal holds it: it is put together, or was stated. */
  readonly origin?: Origin;
}

/** `Ref` or `Fn::GetAtt` of a resource: its value is known once the resource exists. */
export interface ReferenceValue {
  readonly kind: 'reference';
  readonly resource: TemplateResource;
  /** Absent of `Ref`. */
  readonly attribute?: string;
}

/** A text with references in it. */
export interface PiecesValue {
  readonly kind: 'pieces';
  readonly pieces: readonly (string | ReferenceValue)[];
}

export interface ListValue {
  readonly kind: 'list';
  items(): readonly Value[];
}

export interface MapValue {
  readonly kind: 'map';
  readonly keys: readonly string[];
  /** Absent where there is no such key. */
  get(key: string): Value;
  /** Where the value of a key starts in the text; of no such key, where the mapping does. */
  offsetOf(key: string): number;
  /** Every text that stands under a key, as written. */
  textsOf(key: string): readonly string[];
}

/** What cannot be known before it is deployed, or was not stated. */
export interface UnknownValue {
  readonly kind: 'unknown';
  /** Why, and how to state it where it can be; no full stop: `parameter Size has no default: state it with …`. */
  readonly why: string;
}

/** What something in a template comes to. */
export type Value =
  | ScalarValue
  | ReferenceValue
  | PiecesValue
  | ListValue
  | MapValue
  | UnknownValue
  /** Not there, or `AWS::NoValue`. */
  | { readonly kind: 'absent' };

export const ABSENT: Value = { kind: 'absent' };

export const unknown = (why: string): UnknownValue => ({ kind: 'unknown', why });

export const textValue = (text: string): ScalarValue => ({ kind: 'scalar', value: text, text });

/** A list whose items are found out when they are asked for, once. */
export function lazyList(make: () => readonly Value[]): ListValue {
  let items: readonly Value[] | undefined;
  return {
    kind: 'list',
    items: () => {
      items ??= make();
      return items;
    },
  };
}

/** Texts one after the other. What is one scalar by itself stays that scalar, with its origin. */
export function joined(values: readonly Value[]): Value {
  const [only] = values;
  if (only?.kind === 'scalar' && values.length === 1) return only;
  const pieces: (string | ReferenceValue)[] = [];
  for (const value of values) {
    switch (value.kind) {
      case 'scalar':
        pieces.push(value.text);
        break;
      case 'reference':
        pieces.push(value);
        break;
      case 'pieces':
        pieces.push(...value.pieces);
        break;
      case 'absent':
        break;
      case 'unknown':
        return value;
      case 'list':
      case 'map':
        return unknown('a list or a mapping stands where a text should');
    }
  }
  const merged: (string | ReferenceValue)[] = [];
  for (const piece of pieces) {
    const last = merged.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') merged[merged.length - 1] = last + piece;
    else merged.push(piece);
  }
  const [text = ''] = merged;
  return merged.length <= 1 && typeof text === 'string'
    ? textValue(text)
    : { kind: 'pieces', pieces: merged };
}

/** Why a value is not a text yet. */
export function whyNoText(value: Exclude<Value, ScalarValue | { readonly kind: 'absent' }>): string {
  switch (value.kind) {
    case 'unknown':
      return value.why;
    case 'reference':
      return `it is ${nameOf(value)}, which is known once that exists`;
    case 'pieces': {
      const first = value.pieces.find((piece) => typeof piece !== 'string');
      return first === undefined ? 'it is put together' : `${nameOf(first)} in it is known once that exists`;
    }
    case 'list':
      return 'it is a list';
    case 'map':
      return 'it is a mapping';
  }
}

const nameOf = ({ resource, attribute }: ReferenceValue): string =>
  attribute === undefined ? `the name of ${resource.logicalId}` : `${resource.logicalId}.${attribute}`;

/** How many values are written out of one template value, so that aliases of aliases do not grow without bound. */
const MAX_PLAIN = 50_000;

/**
 * A value written out, for what reads JSON. What is not known yet stands there by its name in `<>`, as in
 * `<TrainingRole.Arn>`.
 * @throws {NotKnown} where it comes to more values than anybody writes
 */
export function plain(value: Value): unknown {
  let left = MAX_PLAIN;
  return walk(value);

  function walk(one: Value): unknown {
    left -= 1;
    if (left < 0) throw new NotKnown(`It comes to more than ${MAX_PLAIN} values. Write it without aliases.`);
    switch (one.kind) {
      case 'scalar':
        return one.value;
      case 'reference':
      case 'pieces':
        return written(one);
      case 'list':
        return one
          .items()
          .filter(({ kind }) => kind !== 'absent')
          .map(walk);
      case 'map': {
        const found: Record<string, unknown> = Object.create(null);
        for (const key of one.keys) {
          const inner = one.get(key);
          if (inner.kind !== 'absent') found[key] = walk(inner);
        }
        return found;
      }
      case 'unknown':
        return `<${one.why}>`;
      case 'absent':
        return undefined;
    }
  }
}

/** A text in which what is not known yet stands by its name in `<>`. */
export const written = (value: ReferenceValue | PiecesValue): string =>
  (value.kind === 'reference' ? [value] : value.pieces)
    .map((piece) => (typeof piece === 'string' ? piece : `<${nameOf(piece)}>`))
    .join('');
