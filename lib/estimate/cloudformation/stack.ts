import { PolicyError } from '../../policy/policy-error.ts';
import { show } from '../../policy/words.ts';
import type { TemplateDocument } from './document.ts';
import { Fields } from './fields.ts';
import { callValue, type Lookup, type Truth, truthOf } from './functions.ts';
import { childOf, LOOP_PREFIX, type MapNode, type TemplateNode, textsOf } from './node.ts';
import { TemplateResource } from './resource.ts';
import { ABSENT, lazyList, textValue, unknown, type Value } from './value.ts';
import type { World } from './world.ts';

/** What a template is read with. */
export interface StackSettings {
  /** What its items' ids begin with. */
  readonly id: string;
  /** `AWS::StackName`. */
  readonly name: string;
  readonly region: string;
  /** Absent where nobody has said in which account it goes. */
  readonly account?: string;
  /** Stated parameters, by name. */
  readonly parameters: ReadonlyMap<string, Value>;
  /** Tags of the whole stack, which its resources get. */
  readonly tags: ReadonlyMap<string, string>;
  readonly world: World;
  /** How many stacks it is nested in. */
  readonly depth: number;
}

/** Loops within loops write more resources than anybody deploys: CloudFormation takes 500. */
const MAX_RESOURCES = 10_000;

/** The names that a loop gives, by its identifier. */
type Loop = ReadonlyMap<string, string>;

const NO_LOOP: Loop = new Map();

/** A template, with what its parameters, mappings and conditions come to. */
export class Stack {
  readonly settings: StackSettings;
  readonly document: TemplateDocument;
  readonly resources: ReadonlyMap<string, TemplateResource>;
  /** Why there may be more resources than those, one sentence each. */
  readonly gaps: readonly string[];
  readonly #truths = new Map<string, Truth>();
  readonly #open = new Set<string>();
  readonly #scope: Scope;

  /** @throws {PolicyError} where a condition depends on itself, or a resource is none */
  constructor(document: TemplateDocument, settings: StackSettings) {
    this.document = document;
    this.settings = settings;
    this.#scope = new Scope(this, NO_LOOP);
    const gaps: string[] = [];
    const resources = new Map<string, TemplateResource>();
    this.resources = resources;
    const conditions = childOf(document.root, 'Conditions');
    if (conditions?.kind === 'map') for (const name of conditions.entries.keys()) this.condition(name);
    this.#addResources(childOf(document.root, 'Resources'), NO_LOOP, resources, gaps);
    gaps.push(...this.#macros());
    this.gaps = gaps;
  }

  resolve(node: TemplateNode): Value {
    return this.#scope.resolve(node);
  }

  /** Whether a condition of the template holds; where that is not known, why. */
  condition(name: string): Truth {
    const known = this.#truths.get(name);
    if (known !== undefined) return known;
    const conditions = childOf(this.document.root, 'Conditions');
    const node = childOf(conditions, name);
    if (node === undefined) return { why: `no condition ${name} stands in the template` };
    if (this.#open.has(name)) {
      const { line, col } = this.document.placeOf(node.offset);
      const message = `Condition ${show(name)} depends on itself. Write it without that.`;
      throw new PolicyError(this.document.file, [{ line, col, message }]);
    }
    this.#open.add(name);
    const truth = truthOf(node, this.#scope);
    this.#open.delete(name);
    this.#truths.set(name, truth);
    return truth;
  }

  parameter(name: string): Value | undefined {
    const node = childOf(childOf(this.document.root, 'Parameters'), name);
    if (node === undefined) return undefined;
    const type = textOf(childOf(node, 'Type')) ?? 'String';
    const stored = type.startsWith('AWS::SSM::Parameter::Value');
    const mend = `state it with --parameter ${name}=value`;
    const stated = this.settings.parameters.get(name);
    const written = childOf(node, 'Default');
    const value = stated ?? (written === undefined ? undefined : this.resolve(written));
    if (value === undefined || value.kind === 'absent') {
      return unknown(`parameter ${name} has no default: ${mend}`);
    }
    // What the store holds has no other way in than to be stated; a name of the store begins with a slash.
    if (stored && (stated === undefined || (value.kind === 'scalar' && value.text.startsWith('/')))) {
      const where = value.kind === 'scalar' ? ` (${value.text})` : '';
      return unknown(`parameter ${name} is looked up in Parameter Store${where}: ${mend}`);
    }
    if (value.kind === 'scalar' && /^(?:CommaDelimitedList|List<)/.test(type)) {
      return lazyList(() => value.text.split(',').map((one) => textValue(one.trim())));
    }
    return value;
  }

  /** What another stack may read of this one. */
  output(name: string): Value {
    const value = childOf(childOf(childOf(this.document.root, 'Outputs'), name), 'Value');
    return value === undefined
      ? unknown(`stack ${this.settings.id} has no output ${name}`)
      : this.resolve(value);
  }

  /** The outputs that have a name in the whole region, by that name. */
  *exports(): Generator<readonly [string, Value]> {
    const outputs = childOf(this.document.root, 'Outputs');
    if (outputs?.kind !== 'map') return;
    for (const [name, { node }] of outputs.entries) {
      const exported = childOf(childOf(node, 'Export'), 'Name');
      const value = exported === undefined ? ABSENT : this.resolve(exported);
      if (value.kind === 'scalar') yield [value.text, this.output(name)];
    }
  }

  mapping(name: string): TemplateNode | undefined {
    return childOf(childOf(this.document.root, 'Mappings'), name);
  }

  /** What the Serverless Application Model says for all resources of a sort, such as `Function`. */
  globals(sort: string): Fields {
    const node = childOf(childOf(this.document.root, 'Globals'), sort);
    return Fields.of(node === undefined ? ABSENT : this.resolve(node), 'Globals');
  }

  #addResources(
    node: TemplateNode | undefined,
    loop: Loop,
    found: Map<string, TemplateResource>,
    gaps: string[],
  ): void {
    if (node?.kind === 'call') {
      gaps.push(`\`Resources\` is made by ${node.name} when it is deployed.`);
      return;
    }
    if (node?.kind !== 'map') return;
    for (const [key, { node: inner, keyOffset }] of node.entries) {
      if (key.startsWith(LOOP_PREFIX)) {
        this.#addLoop(key, inner, loop, found, gaps);
      } else if (key.startsWith('Fn::')) {
        gaps.push(`Resources are added by ${key} when it is deployed.`);
      } else if (inner.kind === 'map' && textOf(childOf(inner, 'Type')) !== undefined) {
        const logicalId = filled(key, loop);
        const scope = loop.size === 0 ? this.#scope : new Scope(this, loop);
        found.set(logicalId, new TemplateResource(logicalId, inner, keyOffset, this, scope));
        if (found.size > MAX_RESOURCES) {
          throw this.#mistake(keyOffset, `More than ${MAX_RESOURCES} resources. CloudFormation takes 500.`);
        }
      } else {
        const message = `Resource ${show(key)} has no type. Give it a \`Type\`, such as AWS::EC2::Instance.`;
        throw this.#mistake(keyOffset, message);
      }
    }
  }

  /** `Fn::ForEach::Name: [Identifier, [values], { Key${Identifier}: resource }]`. */
  #addLoop(
    key: string,
    node: TemplateNode,
    loop: Loop,
    found: Map<string, TemplateResource>,
    gaps: string[],
  ): void {
    const [identifier, values, body] = node.kind === 'list' ? node.items : [];
    const list = values === undefined ? ABSENT : new Scope(this, loop).resolve(values);
    if (identifier?.kind !== 'scalar' || body === undefined || list.kind !== 'list') {
      gaps.push(`The loop ${key} is not known: ${list.kind === 'unknown' ? list.why : 'it lacks a list'}.`);
      return;
    }
    for (const item of list.items()) {
      if (item.kind !== 'scalar') {
        gaps.push(`The loop ${key} is not known: ${item.kind === 'unknown' ? item.why : 'it lacks a text'}.`);
        continue;
      }
      this.#addResources(body, new Map([...loop, [identifier.text, item.text]]), found, gaps);
    }
  }

  /** Macros that may add resources. Those of AWS itself are read as they stand. */
  #macros(): readonly string[] {
    const node = childOf(this.document.root, 'Transform');
    if (node === undefined) return [];
    const names = (node.kind === 'list' ? node.items : [node]).map(
      (one) => textOf(one) ?? textOf(childOf(one, 'Name')) ?? 'Fn::Transform',
    );
    return names
      .filter((name) => !KNOWN_TRANSFORMS.some((known) => name.startsWith(known)))
      .map((name) => `Macro ${name} may add or change resources when it is deployed.`);
  }

  #mistake(offset: number, message: string): PolicyError {
    const { line, col } = this.document.placeOf(offset);
    return new PolicyError(this.document.file, [{ line, col, message }]);
  }
}

const KNOWN_TRANSFORMS = [
  'AWS::Serverless-',
  'AWS::LanguageExtensions',
  'AWS::SecretsManager-',
  'AWS::CodeDeploy',
];

const textOf = (node: TemplateNode | undefined): string | undefined =>
  node?.kind === 'scalar' && node.value !== null ? node.text : undefined;

/** `Bucket${Name}` with the names of the loops; `&{Name}` leaves out what a logical id cannot hold. */
function filled(text: string, loop: Loop): string {
  let done = text;
  for (const [name, value] of loop) {
    done = done.replaceAll(`\${${name}}`, value);
    done = done.replaceAll(`&{${name}}`, value.replace(/[^A-Za-z0-9]/g, ''));
  }
  return done;
}

/** A stack as one resource sees it: with the names that its loops give. */
export class Scope implements Lookup {
  readonly #stack: Stack;
  readonly #loop: Loop;
  readonly #known = new Map<TemplateNode, Value>();

  constructor(stack: Stack, loop: Loop) {
    this.#stack = stack;
    this.#loop = loop;
  }

  /** What a node comes to; found out once. */
  resolve(node: TemplateNode): Value {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    // Met again before it is known, it would go round for ever.
    this.#known.set(node, unknown('it depends on itself'));
    const value = this.#make(node);
    this.#known.set(node, value);
    return value;
  }

  condition(name: string): Truth {
    return this.#stack.condition(name);
  }

  mapping(name: string): TemplateNode | undefined {
    return this.#stack.mapping(name);
  }

  exported(name: string): Value {
    return (
      this.#stack.settings.world.exported(name) ??
      unknown(`it is imported from a stack that is no part of this change (${name})`)
    );
  }

  ref(name: string): Value {
    const looped = this.#loop.get(name);
    if (looped !== undefined) return textValue(looped);
    const { settings } = this.#stack;
    switch (name) {
      case 'AWS::NoValue':
        return ABSENT;
      case 'AWS::Region':
        return textValue(settings.region);
      case 'AWS::StackName':
        return textValue(settings.name);
      case 'AWS::Partition':
        return textValue(partitionOf(settings.region));
      case 'AWS::URLSuffix':
        return textValue(settings.region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com');
      case 'AWS::AccountId':
        return settings.account === undefined
          ? unknown('the account is known when it is deployed')
          : textValue(settings.account);
      case 'AWS::StackId':
      case 'AWS::NotificationARNs':
        return unknown(`${name} is known when it is deployed`);
    }
    const parameter = this.#stack.parameter(name);
    if (parameter !== undefined) return parameter;
    const resource = this.#stack.resources.get(name);
    return resource === undefined
      ? unknown(`no parameter or resource ${name} stands in the template`)
      : { kind: 'reference', resource };
  }

  attribute(logicalId: string, attribute: string): Value {
    const resource = this.#stack.resources.get(filled(logicalId, this.#loop));
    if (resource === undefined) return unknown(`no resource ${logicalId} stands in the template`);
    const nested = attribute.startsWith('Outputs.') ? resource.nested : undefined;
    return nested === undefined
      ? { kind: 'reference', resource, attribute }
      : nested.output(attribute.slice('Outputs.'.length));
  }

  #make(node: TemplateNode): Value {
    switch (node.kind) {
      case 'scalar':
        return this.#scalar(node.value, node);
      case 'list':
        return lazyList(() => node.items.map((item) => this.resolve(item)));
      case 'map':
        return this.#map(node);
      case 'call':
        return callValue(node.name, node.argument, this);
    }
  }

  #scalar(value: string | number | boolean | null, node: TemplateNode & { readonly kind: 'scalar' }): Value {
    if (value === null) return ABSENT;
    const text = filled(node.text, this.#loop);
    if (text !== node.text) return textValue(text);
    const dynamic = /\{\{resolve:[^}]*\}\}/.exec(text);
    if (dynamic !== null) return unknown(`${dynamic[0]} is looked up when it is deployed`);
    return { kind: 'scalar', value, text, origin: { file: this.#stack.document.file, path: node.path } };
  }

  #map(node: MapNode): Value {
    return {
      kind: 'map',
      keys: [...node.entries.keys()],
      get: (key) => {
        const inner = node.entries.get(key)?.node;
        return inner === undefined ? ABSENT : this.resolve(inner);
      },
      offsetOf: (key) => node.entries.get(key)?.node.offset ?? node.offset,
      textsOf: (key) => textsOf(node.entries.get(key)?.node),
    };
  }
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
