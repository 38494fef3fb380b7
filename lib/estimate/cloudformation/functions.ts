import { show } from '../../policy/words.ts';
import { childOf, type TemplateNode } from './node.ts';
import { ABSENT, joined, lazyList, plain, textValue, unknown, type Value, whyNoText } from './value.ts';

/** Whether a condition holds; where that is not known, why. */
export type Truth = boolean | { readonly why: string };

/** What functions look things up in. */
export interface Lookup {
  resolve(node: TemplateNode): Value;
  /** A parameter, a pseudo parameter or a resource by its name. */
  ref(name: string): Value;
  attribute(logicalId: string, attribute: string): Value;
  condition(name: string): Truth;
  mapping(name: string): TemplateNode | undefined;
  exported(name: string): Value;
}

type Call = (argument: TemplateNode, lookup: Lookup) => Value;

/** The functions of CloudFormation, each by its long name. Those of conditions are values too: `true`, `false`. */
const FUNCTIONS: Readonly<Record<string, Call>> = {
  Ref: (argument, lookup) => withText(lookup.resolve(argument), (name) => lookup.ref(name)),
  'Fn::GetAtt': (argument, lookup) => {
    const value = lookup.resolve(argument);
    const names = value.kind === 'list' ? value.items() : splitOnce(value);
    const [logicalId = ABSENT, ...rest] = names;
    return withText(logicalId, (id) =>
      withText(joined(rest.flatMap((one, index) => (index === 0 ? [one] : [textValue('.'), one]))), (name) =>
        lookup.attribute(id, name),
      ),
    );
  },
  'Fn::Sub': (argument, lookup) => {
    const [text, names] = argument.kind === 'list' ? argument.items : [argument];
    const found = text === undefined ? ABSENT : lookup.resolve(text);
    return withText(found, (template) => substituted(template, names, lookup));
  },
  'Fn::Join': (argument, lookup) => {
    const [between, list] = argumentsOf(argument, lookup);
    if (between === undefined || list === undefined) return unknown('Fn::Join lacks an argument');
    return withItems(list, (items) =>
      joined(
        items
          .filter(({ kind }) => kind !== 'absent')
          .flatMap((item, index) => (index === 0 ? [item] : [between, item])),
      ),
    );
  },
  'Fn::Split': (argument, lookup) => {
    const [between = ABSENT, source = ABSENT] = argumentsOf(argument, lookup);
    return withText(between, (delimiter) =>
      withText(source, (text) => lazyList(() => text.split(delimiter).map(textValue))),
    );
  },
  'Fn::Select': (argument, lookup) => {
    const [index = ABSENT, list = ABSENT] = argumentsOf(argument, lookup);
    return withText(index, (at) =>
      withItems(list, (items) => items[Number(at)] ?? unknown(`the list has no item ${at}`)),
    );
  },
  'Fn::If': (argument, lookup) => {
    const [name, yes, no] = argument.kind === 'list' ? argument.items : [];
    if (name?.kind !== 'scalar' || yes === undefined) return unknown('Fn::If lacks an argument');
    const truth = lookup.condition(name.text);
    if (typeof truth !== 'boolean') return unknown(`condition ${name.text} is open: ${truth.why}`);
    const branch = truth ? yes : no;
    return branch === undefined ? ABSENT : lookup.resolve(branch);
  },
  'Fn::FindInMap': (argument, lookup) => {
    const nodes = argument.kind === 'list' ? argument.items : [];
    const [name = ABSENT, first = ABSENT, second = ABSENT] = nodes
      .slice(0, 3)
      .map((one) => lookup.resolve(one));
    const otherwise = childOf(nodes[3], 'DefaultValue');
    const found = withText(name, (map) =>
      withText(first, (top) =>
        withText(second, (key) => {
          const node = childOf(childOf(lookup.mapping(map), top), key);
          return node === undefined
            ? unknown(`mapping ${map} has no ${show(key)} of ${show(top)}`)
            : lookup.resolve(node);
        }),
      ),
    );
    return found.kind === 'unknown' && otherwise !== undefined ? lookup.resolve(otherwise) : found;
  },
  'Fn::ImportValue': (argument, lookup) =>
    withText(lookup.resolve(argument), (name) => lookup.exported(name)),
  'Fn::Base64': (argument, lookup) =>
    withText(lookup.resolve(argument), (text) => textValue(Buffer.from(text).toString('base64'))),
  'Fn::Length': (argument, lookup) =>
    withItems(lookup.resolve(argument), (items) => ({
      kind: 'scalar',
      value: items.length,
      text: String(items.length),
    })),
  'Fn::ToJsonString': (argument, lookup) =>
    textValue(JSON.stringify(plain(lookup.resolve(argument))) ?? 'null'),
  'Fn::GetAZs': () => unknown('the Availability Zones are known when it is deployed'),
  'Fn::Cidr': () => unknown('address ranges are not reckoned'),
  'Fn::Transform': () => unknown('a macro makes it when it is deployed'),
  Condition: (argument, lookup) => asValue(truthOfCall('Condition', argument, lookup)),
  'Fn::Equals': (argument, lookup) => asValue(truthOfCall('Fn::Equals', argument, lookup)),
  'Fn::And': (argument, lookup) => asValue(truthOfCall('Fn::And', argument, lookup)),
  'Fn::Or': (argument, lookup) => asValue(truthOfCall('Fn::Or', argument, lookup)),
  'Fn::Not': (argument, lookup) => asValue(truthOfCall('Fn::Not', argument, lookup)),
};

/** What a function gives. What Bursar does not know as a function of CloudFormation gives what is not known. */
export function callValue(name: string, argument: TemplateNode, lookup: Lookup): Value {
  const call = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  return call === undefined ? unknown(`${name} is no function that Bursar knows`) : call(argument, lookup);
}

/** Whether what is written as a condition holds. */
export function truthOf(node: TemplateNode, lookup: Lookup): Truth {
  if (node.kind === 'call') return truthOfCall(node.name, node.argument, lookup);
  const named = childOf(node, 'Condition');
  if (named?.kind === 'scalar') return lookup.condition(named.text);
  return node.kind === 'scalar' && typeof node.value === 'boolean'
    ? node.value
    : { why: 'it is no condition that Bursar knows' };
}

function truthOfCall(name: string, argument: TemplateNode, lookup: Lookup): Truth {
  const operands = argument.kind === 'list' ? argument.items : [argument];
  switch (name) {
    case 'Condition':
      return argument.kind === 'scalar'
        ? lookup.condition(argument.text)
        : { why: 'it is no condition that Bursar knows' };
    case 'Fn::Equals': {
      const [a = ABSENT, b = ABSENT] = operands.map((one) => lookup.resolve(one));
      if (a.kind === 'scalar' && b.kind === 'scalar') return a.text === b.text;
      const open = [a, b].find(({ kind }) => kind !== 'scalar') ?? ABSENT;
      return { why: open.kind === 'absent' || open.kind === 'scalar' ? 'it lacks a value' : whyNoText(open) };
    }
    case 'Fn::Not': {
      const [only] = operands;
      const truth = only === undefined ? { why: 'Fn::Not lacks its condition' } : truthOf(only, lookup);
      return typeof truth === 'boolean' ? !truth : truth;
    }
    // One that is false settles it, whatever is open of the others; of Or one that is true.
    case 'Fn::And':
      return settled(operands, lookup, false);
    case 'Fn::Or':
      return settled(operands, lookup, true);
    default: {
      const value = callValue(name, argument, lookup);
      if (value.kind === 'scalar' && /^(?:true|false)$/.test(value.text)) return value.text === 'true';
      return { why: value.kind === 'unknown' ? value.why : `${name} is no condition that Bursar knows` };
    }
  }
}

function settled(operands: readonly TemplateNode[], lookup: Lookup, by: boolean): Truth {
  let open: Truth | undefined;
  for (const operand of operands) {
    const truth = truthOf(operand, lookup);
    if (truth === by) return by;
    if (typeof truth !== 'boolean') open ??= truth;
  }
  return open ?? !by;
}

const asValue = (truth: Truth): Value =>
  typeof truth === 'boolean'
    ? { kind: 'scalar', value: truth, text: String(truth) }
    : unknown(`a condition is open: ${truth.why}`);

/** Goes on with a text; where it is none yet, the reason stays. */
function withText(value: Value, go: (text: string) => Value): Value {
  if (value.kind === 'scalar') return go(value.text);
  if (value.kind === 'absent') return unknown('a value is missing');
  return unknown(whyNoText(value));
}

function withItems(value: Value, go: (items: readonly Value[]) => Value): Value {
  if (value.kind === 'list') return go(value.items());
  if (value.kind === 'absent') return unknown('a list is missing');
  return value.kind === 'unknown' ? value : unknown('a list is missing');
}

/** The arguments of a function that takes a list of them. */
const argumentsOf = (argument: TemplateNode, lookup: Lookup): readonly Value[] =>
  argument.kind === 'list' ? argument.items.map((one) => lookup.resolve(one)) : [];

/** `Database.Endpoint.Port`: the resource, and its attribute with all further dots. */
function splitOnce(value: Value): readonly Value[] {
  if (value.kind !== 'scalar') return [value];
  const dot = value.text.indexOf('.');
  return dot < 0 ? [value] : [textValue(value.text.slice(0, dot)), textValue(value.text.slice(dot + 1))];
}

/** A text with its `${names}` filled in, of its own names first; `${!name}` stays as `${name}`. */
function substituted(template: string, names: TemplateNode | undefined, lookup: Lookup): Value {
  const pieces: Value[] = [];
  let end = 0;
  for (const match of template.matchAll(/\$\{(!?)([^}]*)\}/g)) {
    const [whole, escaped, name = ''] = match;
    if (match.index > end) pieces.push(textValue(template.slice(end, match.index)));
    end = match.index + whole.length;
    if (escaped === '!') {
      pieces.push(textValue(`\${${name}}`));
      continue;
    }
    const own = childOf(names, name.trim());
    if (own !== undefined) pieces.push(lookup.resolve(own));
    else pieces.push(looked(name.trim(), lookup));
  }
  if (end < template.length) pieces.push(textValue(template.slice(end)));
  return joined(pieces);
}

function looked(name: string, lookup: Lookup): Value {
  const dot = name.indexOf('.');
  return dot < 0 ? lookup.ref(name) : lookup.attribute(name.slice(0, dot), name.slice(dot + 1));
}
