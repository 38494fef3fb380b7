import type { ChangeItem } from '../estimate.ts';
import type { Fields } from './fields.ts';
import { NotKnown } from './not-known.ts';
import { type TemplateResource, unpriced } from './resource.ts';
import { plain, type Value, whyNoText, written } from './value.ts';
import type { JobContext } from './world.ts';

/**
 * A definition that stands in a property as an object or as the text of JSON, as plain values. What of the text is
 * known once it is deployed stands in it by its name in `<>`.
 * @throws {NotKnown} where it is elsewhere, or no JSON
 */
export function definitionOf(fields: Fields, name: string): unknown {
  const value = fields.value(name);
  if (value.kind === 'map') return plain(value);
  const text = textOf(value);
  if (text === undefined) {
    const why = value.kind === 'absent' ? 'it is missing' : value.kind === 'scalar' ? '' : whyNoText(value);
    throw new NotKnown(`\`${name}\` is not known: ${why}.`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new NotKnown(`\`${name}\` is no JSON, so the jobs in it are not known.`);
  }
}

function textOf(value: Value): string | undefined {
  if (value.kind === 'scalar') return value.text;
  return value.kind === 'pieces' || value.kind === 'reference' ? written(value) : undefined;
}

/**
 * The items of a definition; where nobody reads such, one that says so. What is stated of the resource as a whole holds for
 * each of them, but for what all of it costs.
 */
export function itemsOf(
  resource: TemplateResource,
  what: JobContext['what'],
  definition: unknown,
): readonly ChangeItem[] {
  const read = resource.stack.settings.world.settings.readPipeline;
  const { monthly: _, ...stated } = resource.stated;
  const item = resource.item(unpriced('What its jobs cost is not known. State it: monthly: 120 USD.'));
  if (read === undefined) return [item];
  return read(definition, {
    what,
    id: item.id,
    place: resource.placeOf(),
    region: resource.region,
    project: item.project,
    statedOf: (step) => ({ ...stated, ...resource.statedOfPart(step) }),
  });
}
