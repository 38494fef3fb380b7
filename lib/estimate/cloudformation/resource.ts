import { PolicyError } from '../../policy/policy-error.ts';
import type { ChangeItem, InstanceChoice, Place, PricePart } from '../estimate.ts';
import { MONTH_HOURS } from '../estimate.ts';
import { readStated, type StatedUsage, statedUsage } from '../usage-file.ts';
import { sourceOf } from './document.ts';
import { Fields } from './fields.ts';
import type { Truth } from './functions.ts';
import { nestedStack } from './nested.ts';
import { childOf, type MapNode } from './node.ts';
import { NotKnown } from './not-known.ts';
import { projectOf } from './project.ts';
import type { Scope, Stack } from './stack.ts';
import { ABSENT, type Value } from './value.ts';

/** What a resource costs by, as read. */
export interface Costs {
  readonly parts: readonly PricePart[];
  readonly unpriced: readonly string[];
  readonly choice?: InstanceChoice;
}

export const NO_COSTS: Costs = { parts: [], unpriced: [] };

/** One part of a price, by itself. */
export const costs = (...parts: readonly PricePart[]): Costs => ({ parts, unpriced: [] });

/** A sentence in place of a price. */
export const unpriced = (...sentences: readonly string[]): Costs => ({ parts: [], unpriced: sentences });

/** Costs one after the other, each found by itself: of one that is not known the reason stands in its place. */
export function together(...steps: readonly (() => Costs)[]): Costs {
  const parts: PricePart[] = [];
  const sentences: string[] = [];
  let choice: InstanceChoice | undefined;
  for (const step of steps) {
    try {
      const found = step();
      parts.push(...found.parts);
      sentences.push(...found.unpriced);
      choice ??= found.choice;
    } catch (error) {
      if (!(error instanceof NotKnown)) throw error;
      sentences.push(error.message);
    }
  }
  return { parts, unpriced: [...new Set(sentences)], ...(choice === undefined ? {} : { choice }) };
}

/** What is read of a value, or what stands in for it where it is not known. */
export function orElse<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotKnown) return otherwise;
    throw error;
  }
}

/** Of one of several things that a resource is made of. */
export interface PartOf {
  /** What its id adds to that of the resource: the name of a variant. */
  readonly name?: string;
  /** Where it stands in the text. */
  readonly offset?: number | undefined;
  /** The resource whose text that is; absent = this one. */
  readonly in?: TemplateResource;
}

/** A resource of a template, with its functions filled in as far as they are known. */
export class TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  readonly stack: Stack;
  readonly #node: MapNode;
  readonly #keyOffset: number;
  readonly #scope: Scope;
  #stated: StatedUsage | undefined;
  #nested: { readonly stack: Stack | undefined } | undefined;

  constructor(logicalId: string, node: MapNode, keyOffset: number, stack: Stack, scope: Scope) {
    this.logicalId = logicalId;
    this.#node = node;
    this.#keyOffset = keyOffset;
    this.stack = stack;
    this.#scope = scope;
    const type = childOf(node, 'Type');
    this.type = type?.kind === 'scalar' ? type.text : '';
  }

  /** The same on every branch: `Stack/LogicalId`. */
  get id(): string {
    return `${this.stack.settings.id}/${this.logicalId}`;
  }

  get region(): string {
    return this.stack.settings.region;
  }

  /** Whether its condition holds; true where it has none. */
  get made(): Truth {
    const condition = childOf(this.#node, 'Condition');
    return condition?.kind === 'scalar' ? this.stack.condition(condition.text) : true;
  }

  /** Its properties; what is not known of them throws `NotKnown` when it is read. */
  get properties(): Fields {
    return Fields.of(this.#valueOf('Properties'), 'Properties');
  }

  metadata(name: string): Value {
    const node = childOf(childOf(this.#node, 'Metadata'), name);
    return node === undefined ? ABSENT : this.#scope.resolve(node);
  }

  /** The stack that it is, where its template is at hand. */
  get nested(): Stack | undefined {
    if (this.type !== 'AWS::CloudFormation::Stack') return undefined;
    if (this.#nested === undefined) {
      // Two nested stacks may wait for each other's outputs.
      this.#nested = { stack: undefined };
      this.#nested = { stack: nestedStack(this) };
    }
    return this.#nested.stack;
  }

  /**
   * What is stated of it, or of a part of it: in its metadata, then in the usage file by its logical id, its CDK path
   * and its id.
   */
  statedOf(part?: string, base?: StatedUsage): StatedUsage {
    const path = this.metadata('aws:cdk:path');
    const names = [
      this.logicalId,
      ...(path.kind === 'scalar' ? [path.text.replace(/\/Resource$/, ''), path.text] : []),
      this.id,
    ];
    const whole = statedUsage(this.#usage, names, { ...base, ...this.#statedInMetadata() });
    return part === undefined ? whole : { ...whole, ...this.statedOfPart(part) };
  }

  /** What is stated of a part of it by itself. */
  statedOfPart(part: string): StatedUsage {
    return statedUsage(this.#usage, [`${this.logicalId}/${part}`, `${this.id}/${part}`]);
  }

  get #usage() {
    return this.stack.settings.world.settings.usage;
  }

  /** What is stated of it as a whole. */
  get stated(): StatedUsage {
    return this.statedOf();
  }

  /** Hours of a month that it runs, as stated. */
  get hours(): number {
    return this.stated.hours ?? MONTH_HOURS;
  }

  /** An item of the change: this resource, or a part of it. */
  item(found: Costs, part: PartOf = {}, stated: StatedUsage = this.statedOf(part.name)): ChangeItem {
    const { project, why } = projectOf(this);
    const base = {
      id: part.name === undefined ? this.id : `${this.id}/${part.name}`,
      type: this.type,
      project,
      place: this.placeOf(part),
      frequency: 'month' as const,
    };
    if (stated.monthly !== undefined) {
      const what = 'as stated, a month';
      return { ...base, parts: [{ per: 'stated', cost: stated.monthly, what }], unpriced: [] };
    }
    const { made } = this;
    const doubt =
      typeof made === 'boolean' ? [] : [`Counted as made, which its condition leaves open: ${made.why}.`];
    return {
      ...base,
      ...found,
      unpriced: [...found.unpriced, ...doubt, ...(why === undefined ? [] : [why])],
    };
  }

  placeOf({ offset, in: other = this }: PartOf = {}): Required<Place> {
    return other.stack.document.placeOf(offset ?? other.#keyOffset);
  }

  #valueOf(name: string): Value {
    const node = childOf(this.#node, name);
    return node === undefined ? ABSENT : this.#scope.resolve(node);
  }

  #statedInMetadata(): StatedUsage {
    if (this.#stated !== undefined) return this.#stated;
    const node = childOf(childOf(this.#node, 'Metadata'), 'Bursar');
    if (node === undefined) {
      this.#stated = {};
    } else {
      const { document } = this.stack;
      const { stated, problems } = readStated(sourceOf(node, document).value, sourceOf(node, document));
      if (problems.length > 0) throw new PolicyError(document.file, problems);
      this.#stated = stated;
    }
    return this.#stated;
  }
}
