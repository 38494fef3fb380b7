import type { ChangeItem } from '../estimate.ts';
import type { TemplateResource } from './resource.ts';

/** How resources of some types are read. A new type is one file with such a reader, and a line in `registry.ts`. */
export interface TypeReader {
  /** As CloudFormation names them. */
  readonly types: readonly string[];
  /** What a resource costs by; empty where it costs nothing by itself. May throw `NotKnown`. */
  readonly read: (resource: TemplateResource) => readonly ChangeItem[];
}
