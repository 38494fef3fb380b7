import type { Protection, Resource } from '../types/resource.ts';

const MANAGERS: ReadonlySet<Protection['code']> = new Set([
  'auto-scaling-group',
  'eks',
  'emr',
  'batch',
  'managed-elsewhere',
]);

/** What starts and replaces the resource by itself: a word at each of its launches would never end. */
export const managerOf = ({ protections }: Resource): Protection | undefined =>
  protections.find(({ code }) => MANAGERS.has(code));
