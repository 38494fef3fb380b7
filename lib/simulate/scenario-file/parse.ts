import { dirname, isAbsolute, join } from 'node:path';
import { checkTogether } from '../../policy/checks.ts';
import { problemsOf } from '../../policy/issues.ts';
import { parsePolicy, toPolicy } from '../../policy/parse.ts';
import type { Policy } from '../../policy/policy.ts';
import { PolicyError, type Problem } from '../../policy/policy-error.ts';
import { PARSE, PolicyFileSchema } from '../../policy/schema.ts';
import { readYaml, type Source } from '../../policy/source.ts';
import { show } from '../../policy/words.ts';
import type { Scenario } from '../scenario.ts';
import { buildScenario } from './build.ts';
import { checkScenario } from './check.ts';
import { partsOf } from './parts.ts';
import { PARSE_SCENARIO, ScenarioFileSchema } from './schema.ts';

/** A larger file is refused unread, so that no input takes long. */
const MAX_KIB = 256;

/**
 * Reads and checks a scenario, and the policy that it names.
 * @param file the file’s name: for messages, and what the policy’s path starts from
 * @param readText the text of a file; it may throw, which is a mistake of the scenario
 * @throws {PolicyError} with every mistake and its place, of the scenario; or of its policy, where the scenario itself
 * has none; never anything else
 */
export function parseScenario(text: string, file: string, readText: (path: string) => string): Scenario {
  const refuse = (message: string): PolicyError => new PolicyError(file, [{ line: 1, col: 1, message }]);
  if (text.length > MAX_KIB * 1024 || Buffer.byteLength(text) > MAX_KIB * 1024) {
    throw refuse(`The file is larger than ${MAX_KIB} KiB. Write \`count\` for resources that are alike.`);
  }
  const source = readYaml(text);
  if (!source.complete) throw new PolicyError(file, source.problems);
  if (source.value === undefined || source.value === null) {
    throw refuse('The file is empty. Start it with version: 1, then add `name`, `policy`, `from` and `for`.');
  }
  const result = ScenarioFileSchema.safeParse(source.value, PARSE_SCENARIO);
  const parts = partsOf(source.value);
  const policy = policyOf(source, file, readText);
  const problems: readonly Problem[] = [
    ...source.problems,
    ...problemsOf(result.error?.issues ?? [], source),
    ...policy.problems,
    ...checkScenario(parts, policy.policy).map(({ path, message, at }) =>
      source.problemAt(path, message, at),
    ),
  ];
  if (problems.length > 0) {
    throw policy.error !== undefined && problems.length === policy.problems.length
      ? policy.error
      : new PolicyError(file, problems);
  }
  const scenario =
    result.data === undefined || policy.policy === undefined
      ? undefined
      : buildScenario(result.data, policy.policy, policy.file);
  if (scenario === undefined) throw refuse('This is no scenario. Compare it with an example in scenarios/.');
  return scenario;
}

interface ReadPolicy {
  readonly file: string;
  readonly policy?: Policy;
  /** Where the scenario stands. */
  readonly problems: readonly Problem[];
  /** What is wrong in a file of its own. */
  readonly error?: PolicyError;
}

function policyOf(source: Source, file: string, readText: (path: string) => string): ReadPolicy {
  const said = policyField(source.value);
  if (typeof said === 'string') return policyFrom(said, source, file, readText);
  const found = PolicyFileSchema.safeParse(said, PARSE).data;
  // The schema of the scenario tells what is wrong in the policy itself.
  const problems =
    typeof said !== 'object' || said === null
      ? []
      : checkTogether(said).map(({ path, message, at }) =>
          source.problemAt(['policy', ...path], message, at),
        );
  return found === undefined || problems.length > 0
    ? { file, problems }
    : { file, problems, policy: toPolicy(found) };
}

const policyField = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'policy' in value ? value.policy : undefined;

function policyFrom(
  path: string,
  source: Source,
  file: string,
  readText: (path: string) => string,
): ReadPolicy {
  const place = isAbsolute(path) ? path : join(dirname(file), path);
  const wrong = (message: string): readonly Problem[] => [source.problemAt(['policy'], message)];
  let text: string;
  try {
    text = readText(place);
  } catch (cause) {
    return { file: place, problems: wrong(whyUnreadable(place, cause)) };
  }
  try {
    return { file: place, problems: [], policy: parsePolicy(text, place) };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const { length } = error.problems;
    const [first] = error.problems;
    const what = length === 1 ? 'a mistake' : `${length + error.hidden} mistakes`;
    const message = `The policy file ${place} has ${what}, first at ${first?.line}:${first?.col}. Run bursar validate ${place}.`;
    return { file: place, problems: wrong(message), error };
  }
}

function whyUnreadable(place: string, cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  if (code === 'ENOENT') {
    return `There is no file ${show(place)}. Write the path of the policy as seen from this scenario.`;
  }
  const why = code ?? (cause instanceof Error ? cause.message : 'unknown error');
  return `${show(place)} cannot be read (${why.split('\n')[0]}). Name a policy file that can be read.`;
}
