import type { Dimension as DimensionKey, Expression } from '@aws-sdk/client-cost-explorer';
import type { Charge, CostMatch, SharedRule } from '../policy/allocation.ts';
import { isPattern, matchesText, meansOnlyUntagged } from './match.ts';
import { namesOfService } from './services.ts';

/*
 * Rules as filters of Cost Explorer. It compares whole values alone, so what a pattern means is looked up first. Of each
 * place, a dimension or a tag, a line has one value at most: what two rules ask of one place says whether they can ever
 * mean the same cost.
 */

/** Something of a line of the bill that Cost Explorer filters by. */
export type Place =
  | { readonly of: 'dimension'; readonly key: DimensionKey }
  | { readonly of: 'tag'; readonly key: string };

export const placeText = ({ of, key }: Place): string => `${of} ${key}`;

/** What a filter can be made of. */
export interface Known {
  readonly tagKey: string;
  /** Kinds of charges of the span, by the name that Cost Explorer has for them. */
  readonly recordTypes: ReadonlyMap<string, Charge>;
  /** All values of the places that patterns ask for, by `placeText`. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** By `placeText`; all must hold, one value of each. `''` is not to carry the tag. */
export type Terms = ReadonlyMap<string, { readonly place: Place; readonly values: ReadonlySet<string> }>;

/** What is asked of Cost Explorer for a rule; `undefined` as the rule = for what no rule means. */
export interface RuleFilter {
  readonly rule: SharedRule | undefined;
  readonly filter: Expression | undefined;
}

interface Wanted {
  readonly place: Place;
  readonly patterns: readonly string[];
}

const dimension = (key: DimensionKey): Place => ({ of: 'dimension', key });

function wantedOf(match: CostMatch, tagKey: string): readonly Wanted[] {
  const of = (place: Place, patterns: readonly string[] | undefined): readonly Wanted[] =>
    patterns === undefined ? [] : [{ place, patterns }];
  return [
    ...of({ of: 'tag', key: tagKey }, match.project),
    ...of(dimension('SERVICE'), match.service),
    ...of(dimension('LINKED_ACCOUNT'), match.account),
    ...of(dimension('REGION'), match.region),
    ...of(dimension('USAGE_TYPE'), match.usageType),
    ...Object.entries(match.tags ?? {}).flatMap(([key, patterns]) => of({ of: 'tag', key }, patterns)),
  ];
}

/** The places of which all values must be looked up, each once, because a rule names them by a pattern. */
export function placesOfPatterns(rules: readonly SharedRule[], tagKey: string): readonly Place[] {
  const places = rules.flatMap(({ match }) =>
    wantedOf(match, tagKey).flatMap(({ place, patterns }) => (patterns.some(isPattern) ? [place] : [])),
  );
  return [...new Map(places.map((place) => [placeText(place), place])).values()];
}

/** `undefined` where nothing of the span can match. */
export function termsOf(match: CostMatch, { tagKey, recordTypes, values }: Known): Terms | undefined {
  const terms = new Map<string, { readonly place: Place; readonly values: ReadonlySet<string> }>();
  const require = (place: Place, wanted: readonly string[]) => {
    const before = terms.get(placeText(place))?.values;
    terms.set(placeText(place), {
      place,
      values: new Set(before === undefined ? wanted : wanted.filter((value) => before.has(value))),
    });
  };
  if (meansOnlyUntagged(match)) require({ of: 'tag', key: tagKey }, ['']);
  for (const { place, patterns } of wantedOf(match, tagKey)) {
    const known = values.get(placeText(place)) ?? [];
    require(place, patterns.flatMap((pattern) => {
      const isService = place.of === 'dimension' && place.key === 'SERVICE';
      if (!isPattern(pattern)) return isService ? namesOfService(pattern) : [pattern];
      return known.filter((value) =>
        isService
          ? namesOfService(value).some((name) => matchesText(pattern, name))
          : matchesText(pattern, value),
      );
    }));
  }
  const { charge } = match;
  if (charge !== undefined) {
    const called = [...recordTypes].filter(([, kind]) => charge.includes(kind)).map(([name]) => name);
    require(dimension('RECORD_TYPE'), called);
  }
  return [...terms.values()].every(({ values: some }) => some.size > 0) ? terms : undefined;
}

const isApart = (a: ReadonlySet<string>, b: ReadonlySet<string> | undefined): boolean =>
  b !== undefined && [...a].every((value) => !b.has(value));

const isIn = (a: ReadonlySet<string> | undefined, b: ReadonlySet<string>): boolean =>
  a !== undefined && [...a].every((value) => b.has(value));

/** True where no cost can be meant by both. */
function areDisjoint(a: Terms, b: Terms): boolean {
  return [...a].some(([place, { values }]) => isApart(values, b.get(place)?.values));
}

/** True where each cost that `inner` means is meant by `outer` too. */
function isWithin(inner: Terms, outer: Terms): boolean {
  return [...outer].every(([place, { values }]) => isIn(inner.get(place)?.values, values));
}

/**
 * One filter for each rule that can match anything, and one for all that no rule matches: together they mean every cost
 * once. A rule is not asked for what an earlier one has.
 */
export function filtersOf(rules: readonly SharedRule[], known: Known): readonly RuleFilter[] {
  const before: Terms[] = [];
  const filters: RuleFilter[] = [];
  for (const rule of rules) {
    const terms = termsOf(rule.match, known);
    if (terms === undefined || before.some((earlier) => isWithin(terms, earlier))) continue;
    const others = before.filter((earlier) => !areDisjoint(terms, earlier));
    filters.push({ rule, filter: every([...expressionsOf(terms), ...others.map(none)]) });
    before.push(terms);
  }
  return [...filters, { rule: undefined, filter: every(before.map(none)) }];
}

const none = (terms: Terms): Expression => ({ Not: every(expressionsOf(terms)) });

const expressionsOf = (terms: Terms): Expression[] =>
  [...terms.values()].map(({ place, values }): Expression => {
    const Values = [...values].sort();
    if (place.of === 'dimension') return { Dimensions: { Key: place.key, Values } };
    return values.has('')
      ? { Tags: { Key: place.key, MatchOptions: ['ABSENT'] } }
      : { Tags: { Key: place.key, Values } };
  });

/** All of them; Cost Explorer refuses an `And` of fewer than two. */
export function every(expressions: readonly (Expression | undefined)[]): Expression | undefined {
  const flat = expressions.flatMap((one) => (one === undefined ? [] : (one.And ?? [one])));
  const [only, ...more] = flat;
  return more.length === 0 ? only : { And: flat };
}
