import type { Change, ChangeItem } from '../estimate.ts';
import { readDocument } from './document.ts';
import { readResource } from './registry.ts';
import { Stack, type StackSettings } from './stack.ts';
import { textValue } from './value.ts';
import { World, type WorldSettings } from './world.ts';

/** What a template is read with. */
export interface TemplateOptions extends WorldSettings {
  /** The name of the stack; ids of items begin with it, so it must be the same on every branch. */
  readonly name: string;
  readonly region: string;
  /** Absent: what depends on the account is not known. */
  readonly account?: string;
  /** Stated parameters, by name. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Tags that the stack is deployed with. */
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * Reads a CloudFormation template, JSON or YAML: every resource that costs money, with what it costs by. Parameters,
 * mappings, conditions and functions are filled in as far as they are known; what is not known of a price is a
 * sentence in `unpriced`, with how to state it. What a false condition leaves out is not there.
 * @param file the file's name, for messages and places
 * @throws {PolicyError} where it is no template or states usage wrongly, with the place; never anything else
 */
export function readTemplate(text: string, file: string, options: TemplateOptions): Change {
  const world = new World(options);
  addStack(world, text, file, {
    id: options.name,
    name: options.name,
    region: options.region,
    ...(options.account === undefined ? {} : { account: options.account }),
    parameters: new Map(
      Object.entries(options.parameters ?? {}).map(([name, value]) => [name, textValue(value)]),
    ),
    tags: new Map(Object.entries(options.tags ?? {})),
  });
  return readWorld(world);
}

/** Adds a stack of its own to what is read. @throws {PolicyError} where it is no template */
export function addStack(
  world: World,
  text: string,
  file: string,
  settings: Omit<StackSettings, 'world' | 'depth'>,
): void {
  world.add(new Stack(readDocument(text, file), { ...settings, world, depth: 0 }));
}

/** Reads every stack of a change, those that are nested in them among them. */
export function readWorld(world: World): Change {
  // Nested stacks join the world as they are met, behind those that they are met in.
  for (let at = 0; at < world.stacks.length; at++) {
    for (const resource of world.stacks[at]?.resources.values() ?? []) void resource.nested;
  }
  const items: ChangeItem[] = [];
  let free = 0;
  for (const stack of world.stacks) {
    for (const resource of stack.resources.values()) {
      if (resource.made === false) continue;
      const found = readResource(resource);
      items.push(...found);
      if (found.length === 0) free += 1;
    }
    if (stack.gaps.length > 0) items.push(gapItem(stack));
  }
  return { items, free };
}

/** What stands for resources that a stack may have and does not show. */
const gapItem = (stack: Stack): ChangeItem => ({
  id: `${stack.settings.id}/Resources`,
  type: 'AWS::CloudFormation::Macro',
  project: stack.settings.world.settings.defaultProject,
  place: { file: stack.document.file, line: 1, col: 1 },
  frequency: 'month',
  parts: [],
  unpriced: stack.gaps,
});
