import type { EC2ServiceException } from '@aws-sdk/client-ec2';
import { refused } from './ec2-errors.ts';

/** The part of a Describe call of EC2 that says what is asked for. */
export interface Asked {
  readonly ids?: readonly string[] | undefined;
  readonly filters?:
    | readonly { readonly Name?: string | undefined; readonly Values?: string[] | undefined }[]
    | undefined;
  readonly size?: number | undefined;
  readonly token?: string | undefined;
}

/** What can be described by one call. */
export interface Listing<T> {
  readonly all: () => Iterable<T>;
  readonly get: (id: string) => T | undefined;
  readonly unknown: (ids: readonly string[]) => EC2ServiceException;
  /** The filter that names ids, such as `instance-id`. */
  readonly idFilter: string;
  readonly tags: (one: T) => Readonly<Record<string, string>>;
  /** By filter: the value that one has; `undefined` = none. */
  readonly fields: Readonly<Record<string, (one: T) => string | undefined>>;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: { readonly NextToken?: string };
}

/**
 * One page of what a Describe call of EC2 asks for. Ids, by parameter or by filter, cost as much as there are of them.
 * One id that is not there refuses the call, where a filter only leaves it out (EC2 API reference, DescribeInstances).
 * @throws EC2ServiceException as EC2 does.
 */
export function list<T>({ ids = [], filters = [], size, token }: Asked, listing: Listing<T>): Page<T> {
  if (ids.length > 0 && size !== undefined) {
    throw refused(
      'InvalidParameterCombination',
      'The parameters for ids cannot be used with the parameter maxResults.',
    );
  }
  const tests = filters.map(({ Name = '', Values = [] }) => testOf(Name, Values, listing));
  const found: T[] = [];
  for (const one of candidates(ids, filters, listing)) {
    if (tests.every((test) => test(one))) found.push(one);
  }
  return pageOf(found, size, token);
}

function candidates<T>(
  ids: readonly string[],
  filters: NonNullable<Asked['filters']>,
  listing: Listing<T>,
): Iterable<T> {
  const find = (some: readonly string[]): T[] => [...new Set(some)].flatMap((id) => listing.get(id) ?? []);
  if (ids.length > 0) {
    const missing = ids.filter((id) => listing.get(id) === undefined);
    if (missing.length > 0) throw listing.unknown(missing);
    return find(ids);
  }
  const named = filters.find(({ Name, Values = [] }) => Name === listing.idFilter && !Values.some(isPattern));
  return named === undefined ? listing.all() : find(named.Values ?? []);
}

/** Values of a filter are alternatives; `*` and `?` stand for what they do in file names. */
function testOf<T>(
  name: string,
  values: readonly string[],
  { fields, tags }: Listing<T>,
): (one: T) => boolean {
  const plain = new Set(values.filter((value) => !isPattern(value)));
  const patterns = values.filter(isPattern).map(patternOf);
  const fits = (value: string | undefined): boolean =>
    value !== undefined && (plain.has(value) || patterns.some((pattern) => pattern.test(value)));
  if (name === 'tag-key') return (one) => Object.keys(tags(one)).some(fits);
  if (name.startsWith('tag:')) {
    const key = name.slice('tag:'.length);
    return (one) => (Object.hasOwn(tags(one), key) ? fits(tags(one)[key]) : false);
  }
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field === undefined) throw refused('InvalidParameterValue', `The filter '${name}' is invalid`);
  return (one) => fits(field(one));
}

const isPattern = (value: string): boolean => /[*?]/.test(value);

const patternOf = (value: string): RegExp =>
  new RegExp(
    `^${value
      .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );

/** A page of a list that is the same at the next call, as long as nobody changes what it was made of. */
export function pageOf<T>(all: readonly T[], size: number | undefined, token: string | undefined): Page<T> {
  const from = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(from) || from < 0) {
    throw refused('InvalidNextToken', `The token '${token}' is invalid`);
  }
  const to = from + (size ?? all.length);
  return { items: all.slice(from, to), next: to < all.length ? { NextToken: String(to) } : {} };
}
