import { StateAnswerSchema } from '../people/answer.ts';
import { nearest } from '../policy/nearest.ts';
import { printable, show } from '../policy/words.ts';
import type { Usd } from '../types/money.ts';
import { UsageError } from './io.ts';
import type { Remote } from './remote.ts';
import { sightsOf } from './sweep-answer.ts';

/** A resource that can be named by its id. */
export interface Known {
  readonly arn: string;
  readonly id: string;
  readonly project: string | undefined;
  readonly size?: string | undefined;
  readonly hourly?: Usd | undefined;
}

/** The request Lambda takes at most this many at once. */
const MAX_ARNS = 100;

/** Service, region and account are read by nobody here: the enforcer knows its own. */
const ARN = /^arn:[^:\s]+:[^:\s]+:[^:\s]*:[^:\s]*:\S+$/;

export const isArn = (word: string): boolean => word.startsWith('arn:');

/** All that a sweep sees and all that can be restored. */
export const knownResources = async (remote: Remote): Promise<readonly Known[]> =>
  withRestorable(remote, sightsOf(await remote.dryRun()));

/** What a sweep saw, and what can be restored: an endpoint that was shut down is seen by no sweep. */
export async function withRestorable(remote: Remote, seen: readonly Known[]): Promise<readonly Known[]> {
  const { state } = await remote.ask({ ask: 'state' }, StateAnswerSchema);
  const restorable: readonly Known[] = state.restorable.map(({ arn, id, project }) => ({ arn, id, project }));
  return [...new Map([...restorable, ...seen].map((one) => [one.arn, one])).values()];
}

/**
 * The ARNs of resources that were named by ARN or by id, each once. `known` is asked for only where there are ids.
 * @throws UsageError where a word names none or several
 */
export async function resolveArns(
  words: readonly string[],
  known: () => Promise<readonly Known[]>,
): Promise<readonly string[]> {
  const resources = words.every(isArn) ? [] : await known();
  return checkArns(words.map((word) => (isArn(word) ? word : arnOfId(word, resources))));
}

/** @throws UsageError where one is no ARN, or there are too many */
export function checkArns(arns: readonly string[]): readonly string[] {
  const wrong = arns.find((arn) => !ARN.test(arn));
  if (wrong !== undefined) throw new UsageError(`${show(wrong)} is no whole ARN.`);
  const once = [...new Set(arns)];
  if (once.length > MAX_ARNS) {
    throw new UsageError(`These are ${once.length} resources. Name at most ${MAX_ARNS} at once.`);
  }
  return once;
}

function arnOfId(id: string, resources: readonly Known[]): string {
  const found = resources.filter((one) => one.id === id);
  const [first] = found;
  if (first === undefined) throw new UsageError(unknownId(id, resources));
  if (found.length > 1) throw new UsageError(ambiguous(id, found));
  return first.arn;
}

/** The message for a word that could mean several things. */
export function ambiguous(word: string, found: readonly Known[]): string {
  return [`${show(word)} names ${found.length} resources. Name one by its ARN:`, ...found.map(line)].join(
    '\n',
  );
}

const line = ({ arn, project }: Known): string =>
  printable(`  ${arn}${project === undefined ? '' : `  (${project})`}`);

function unknownId(id: string, resources: readonly Known[]): string {
  const meant = nearest(
    id,
    resources.map((one) => one.id),
  );
  const mend =
    meant === undefined ? 'bursar status lists them; an ARN always works.' : `Did you mean ${meant}?`;
  return `Bursar sees no resource ${show(id)}. ${mend}`;
}
