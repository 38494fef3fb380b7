import { StateAnswerSchema } from '../people/answer.ts';
import { nearest } from '../policy/nearest.ts';
import { show } from '../policy/words.ts';
import { UsageError } from './io.ts';
import type { Remote } from './remote.ts';
import { sightsOf } from './sweep-answer.ts';
import { ambiguous, checkArns, isArn, type Known } from './targets.ts';
import type { Wish } from './wish.ts';

type What = Extract<Wish, { ask: 'restore' }>['what'];

/**
 * What the words of `bursar restore` name: resources by ARN or id, or one project.
 * @throws UsageError where a word names nothing that Bursar stopped, or several things
 */
export async function restorableOf(words: readonly string[], remote: Remote): Promise<What> {
  if (words.every(isArn)) return { arns: [...checkArns(words)] };
  const { state } = await remote.ask({ ask: 'state' }, StateAnswerSchema);
  const restorable: readonly Known[] = state.restorable.map(({ arn, id, project }) => ({ arn, id, project }));
  const named = new Set(
    restorable.flatMap(({ id, project }) => [id, ...(project === undefined ? [] : [project])]),
  );
  // What was restored before waits no more, and yet it is no mistake to name it again.
  const known = words.every((word) => isArn(word) || named.has(word))
    ? restorable
    : withSeen(restorable, sightsOf(await remote.dryRun()));
  const projects = new Set(known.flatMap(({ project }) => (project === undefined ? [] : [project])));
  const [word = ''] = words;
  const isId = known.some(({ id }) => id === word);
  if (words.length === 1 && projects.has(word)) {
    if (!isId) return { project: word };
    throw new UsageError(
      `${show(word)} is a project and a resource. Write --project ${word}, or name the resource by its ARN.`,
    );
  }
  return { arns: [...checkArns(words.map((one) => (isArn(one) ? one : arnOf(one, known, projects))))] };
}

const withSeen = (restorable: readonly Known[], seen: readonly Known[]): readonly Known[] => [
  ...new Map([...seen, ...restorable].map((one) => [one.arn, one])).values(),
];

function arnOf(word: string, known: readonly Known[], projects: ReadonlySet<string>): string {
  const found = known.filter(({ id }) => id === word);
  const [first] = found;
  if (found.length > 1) throw new UsageError(ambiguous(word, found));
  if (first !== undefined) return first.arn;
  if (projects.has(word)) {
    throw new UsageError(`${show(word)} is a project. Restore one project at a time, without resources.`);
  }
  const meant = nearest(word, [...known.map(({ id }) => id), ...projects]);
  throw new UsageError(
    `Bursar stopped nothing named ${show(word)} and sees no such resource or project. ${meant === undefined ? 'bursar status lists what can be restored.' : `Did you mean ${meant}?`}`,
  );
}
