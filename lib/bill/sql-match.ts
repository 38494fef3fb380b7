import type { CostMatch, SharedRule } from '../policy/allocation.ts';
import { isPattern, matchesText, meansOnlyUntagged } from './match.ts';
import { namesOfService } from './services.ts';
import { allOf, anyOf, likePattern, literal } from './sql-dialect.ts';

/** Names of the columns of `costs` (`sql.ts`) that hold what a match asks for. */
export interface MatchNames {
  readonly tag: (key: string) => string;
}

/**
 * The number of the first rule that means a line, NULL where none does; as `firstMatch` of `match.ts` has it.
 * @param services all services of the bill: names of one service are looked up among them
 */
export function ruleSql(
  rules: readonly SharedRule[],
  services: readonly string[],
  names: MatchNames,
): string {
  if (rules.length === 0) return 'CAST(NULL AS VARCHAR)';
  const branches = rules.map(
    ({ match }, index) => `WHEN ${matchSql(match, services, names)} THEN '${index}'`,
  );
  return `CASE ${branches.join('\n    ')} END`;
}

function matchSql(match: CostMatch, services: readonly string[], names: MatchNames): string {
  const { project, service, charge, account, region, usageType, resource, tags } = match;
  const column = (name: string, patterns: readonly string[] | undefined): readonly string[] =>
    patterns === undefined ? [] : [textsSql(name, patterns)];
  return allOf([
    ...(meansOnlyUntagged(match) ? ["project = ''"] : []),
    ...column('project', project),
    ...(service === undefined ? [] : [serviceSql(service, services)]),
    ...(charge === undefined ? [] : [`charge IN (${charge.map(literal).join(', ')})`]),
    ...column('account', account),
    ...column('region', region),
    ...column('usage_type', usageType),
    ...column('resource', resource),
    ...Object.entries(tags ?? {}).flatMap(([key, patterns]) => column(names.tag(key), patterns)),
  ]);
}

/** One of these texts; `*` stands for any characters, and what is empty matches nothing. */
function textsSql(column: string, patterns: readonly string[]): string {
  const exact = patterns.filter((pattern) => !isPattern(pattern) && pattern !== '');
  return anyOf([
    ...(exact.length === 0 ? [] : [`${column} IN (${exact.map(literal).join(', ')})`]),
    ...patterns
      .filter(isPattern)
      .map((pattern) => `(${column} <> '' AND ${column} LIKE ${likePattern(pattern)})`),
  ]);
}

/** A service that bills call by several names is meant by any of them. */
function serviceSql(patterns: readonly string[], services: readonly string[]): string {
  const byOtherName = services.filter((service) => {
    const others = namesOfService(service).filter((name) => name !== service);
    return others.some((name) => patterns.some((pattern) => matchesText(pattern, name)));
  });
  return anyOf([
    textsSql('service', patterns),
    ...(byOtherName.length === 0 ? [] : [`service IN (${byOtherName.map(literal).join(', ')})`]),
  ]);
}
