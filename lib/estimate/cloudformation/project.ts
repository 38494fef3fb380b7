import { Fields } from './fields.ts';
import { orElse, type TemplateResource } from './resource.ts';
import { type Value, whyNoText } from './value.ts';

/** Where resources carry tags: a list of `{ Key, Value }` or a mapping. */
const TAG_PROPERTIES = ['Tags', 'HostedZoneTags', 'FileSystemTags', 'UserPoolTags'] as const;

/**
 * The project of a resource by its tag, then by that of its stack, then the one that is stated for all without. Where
 * its tag is not known, the sentence that says so.
 */
export function projectOf(resource: TemplateResource): {
  readonly project: string | undefined;
  readonly why?: string;
} {
  const { tags, world } = resource.stack.settings;
  const key = world.settings.projectTag;
  const own = tagOf(resource, key);
  if (own === undefined || own.kind === 'absent') {
    return { project: tags.get(key) ?? world.settings.defaultProject };
  }
  if (own.kind === 'scalar') return { project: own.text };
  return { project: undefined, why: `Its tag ${key} is not known: ${whyNoText(own)}.` };
}

function tagOf(resource: TemplateResource, key: string): Value | undefined {
  for (const name of TAG_PROPERTIES) {
    const value = orElse(() => resource.properties.value(name), undefined);
    if (value?.kind === 'map' && value.keys.includes(key)) return value.get(key);
    if (value?.kind !== 'list') continue;
    for (const item of value.items()) {
      if (item.kind !== 'map') continue;
      const tag = Fields.of(item, name);
      if (orElse(() => tag.text('Key'), undefined) === key) return tag.value('Value');
    }
  }
  return undefined;
}
