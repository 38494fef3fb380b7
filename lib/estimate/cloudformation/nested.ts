import { readDocument } from './document.ts';
import { projectOf } from './project.ts';
import { orElse, type TemplateResource } from './resource.ts';
import { Stack } from './stack.ts';
import type { Value } from './value.ts';

/** Deeper nests are left alone: a template may name itself. */
const MAX_DEPTH = 8;

/** The stack that a resource is, where its template is at hand; its parameters may still be unknown. */
export function nestedStack(resource: TemplateResource): Stack | undefined {
  const { settings, document } = resource.stack;
  const path = pathOf(resource);
  if (path === undefined || settings.depth >= MAX_DEPTH || resource.made === false) return undefined;
  const found = settings.world.settings.nested?.(path, document.file);
  if (found === undefined) return undefined;
  const parameters = orElse(() => resource.properties.fields('Parameters'), undefined);
  const { project } = projectOf(resource);
  const { projectTag } = settings.world.settings;
  const stack = new Stack(readDocument(found.text, found.file), {
    ...settings,
    id: resource.id,
    name: `${settings.name}-${resource.logicalId}`,
    parameters: new Map<string, Value>(parameters?.keys.map((key) => [key, parameters.value(key)])),
    // CloudFormation hands the tags of a nested stack down.
    tags: project === undefined ? settings.tags : new Map([...settings.tags, [projectTag, project]]),
    depth: settings.depth + 1,
  });
  settings.world.add(stack);
  return stack;
}

/** The CDK writes where it has put the template; a template that is not packaged yet names a file. */
function pathOf(resource: TemplateResource): string | undefined {
  const asset = resource.metadata('aws:asset:path');
  if (asset.kind === 'scalar') return asset.text;
  const url = orElse(() => resource.properties.text('TemplateURL'), undefined);
  return url === undefined || /^[a-z0-9+]+:\/\//i.test(url) ? undefined : url;
}
