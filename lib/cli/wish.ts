import { type OutcomeAnswer, OutcomesAnswerSchema, WishAnswerSchema } from '../people/answer.ts';
import type { Answered, Request } from '../people/request.ts';
import { chunks } from '../types/lists.ts';
import { EXIT, type ExitCode, type Io, UsageError } from './io.ts';
import { type Tell, withProgress } from './progress.ts';
import type { Remote } from './remote.ts';
import { idOfArn } from './sweep-answer.ts';
import { plainColumns, table } from './table.ts';

/** What somebody wants done, and is answered for each resource. */
export type Wish = Extract<
  Request,
  { ask: 'keep' | 'stop' | 'restore' | 'release' | 'unfreeze' | 'approve' }
>;

export interface WishOptions {
  readonly json: boolean;
  /** Wait until the enforcer has done it. */
  readonly wait: boolean;
}

/** What became of a wish for one resource, once it was waited for. */
interface Became {
  readonly answered: Answered;
  /** Absent where nothing was queued or nothing was waited for. */
  readonly outcome?: OutcomeAnswer;
}

/** How long outcomes are waited for. */
const WAIT_MS = 90_000;
/** The request Lambda answers for so many keys at once. */
const MAX_KEYS = 100;

/** Asks for it, waits for its outcome where wanted, and tells what became of each resource. */
export async function makeWish(
  io: Io,
  remote: Remote,
  wish: Wish,
  { json, wait }: WishOptions,
): Promise<ExitCode> {
  const { answered } = await remote.ask(wish, WishAnswerSchema);
  const became: readonly Became[] = wait
    ? await waitFor(io, remote, answered)
    : answered.map((one) => ({ answered: one }));
  const told = became.map((one) => ({
    ...tellingOf(one, wish.ask, wait),
    id: one.answered.arn === undefined ? '' : idOfArn(one.answered.arn),
  }));
  const ok = told.every(({ mood }) => mood !== 'bad');
  if (json) {
    const resources = became.map(({ answered: one, outcome }) => ({ ...one, outcome }));
    io.out(JSON.stringify({ ok, ask: wish.ask, id: wish.id, by: wish.by, resources }, null, 2));
  } else if (told.length === 0) io.out('Nothing to do.');
  else for (const line of lines(io, told)) io.out(line);
  return ok ? EXIT.ok : EXIT.no;
}

async function waitFor(io: Io, remote: Remote, answered: readonly Answered[]): Promise<readonly Became[]> {
  const keys = [
    ...new Set(answered.flatMap(({ status, key }) => (status === 'asked' && key !== undefined ? [key] : []))),
  ];
  const settled = new Map<string, OutcomeAnswer>();
  const until = io.now().getTime() + WAIT_MS;
  const poll = async (tell: Tell): Promise<void> => {
    for (let n = 0; settled.size < keys.length && io.now().getTime() < until; n++) {
      await io.sleep(n < 3 ? 1_000 : 3_000);
      const open = keys.filter((key) => !settled.has(key));
      for (const some of chunks(open, MAX_KEYS)) {
        const { outcomes } = await remote.ask({ ask: 'outcomes', keys: some }, OutcomesAnswerSchema);
        for (const key of some) {
          const outcome = outcomes[key];
          if (outcome !== undefined && isSettled(outcome)) settled.set(key, outcome);
        }
      }
      tell(settled.size);
    }
  };
  try {
    if (keys.length > 0)
      await withProgress(io, (done) => `Waiting for the enforcer: ${done} of ${keys.length} done`, poll);
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new UsageError(
      `It was asked for, but what became of it could not be read: ${cause.message} bursar audit tells it later.`,
      { cause },
    );
  }
  return answered.map((one) => {
    const outcome = one.key === undefined ? undefined : settled.get(one.key);
    return { answered: one, ...(outcome === undefined ? {} : { outcome }) };
  });
}

function isSettled({ status }: OutcomeAnswer): boolean {
  switch (status) {
    case 'taken':
    case 'skipped':
    case 'failed':
      return true;
    case 'intended':
    case 'unknown':
      return false;
  }
}

/** What people are told of one resource. */
interface Telling {
  readonly word: string;
  readonly mood: 'good' | 'same' | 'open' | 'bad';
  readonly text: string;
}

function tellingOf({ answered, outcome }: Became, ask: Wish['ask'], waited: boolean): Telling {
  const { status, text, key } = answered;
  switch (status) {
    case 'done':
      return { word: 'done', mood: 'good', text };
    case 'nothing-to-do':
      return { word: 'nothing to do', mood: 'same', text };
    case 'refused':
      return { word: 'refused', mood: 'bad', text };
    case 'needs-approval':
      return { word: 'needs approval', mood: 'bad', text };
    case 'asked':
      break;
  }
  if (outcome !== undefined) return tellingOfOutcome(outcome, ask, text);
  if (!waited || key === undefined) return { word: 'asked', mood: 'open', text };
  return {
    word: 'not yet',
    mood: 'bad',
    text: `${text} Still under way after ${WAIT_MS / 1000} s; bursar audit tells what became of it.`,
  };
}

function tellingOfOutcome({ status, code, detail }: OutcomeAnswer, ask: Wish['ask'], asked: string): Telling {
  const text = detail ?? asked;
  const coded = code === undefined ? text : `${code}: ${text}`;
  switch (status) {
    case 'taken':
      return { word: 'done', mood: 'good', text };
    case 'skipped':
      return isAsWished(code, ask)
        ? { word: 'nothing to do', mood: 'same', text }
        : { word: 'left alone', mood: 'bad', text: coded };
    case 'failed':
      return { word: 'failed', mood: 'bad', text: coded };
    case 'intended':
    case 'unknown':
      return { word: 'asked', mood: 'open', text };
  }
}

/** Left alone since all was as wished, or is becoming so; gone is as good as stopped, but not as restored. */
const isAsWished = (code: string | undefined, ask: Wish['ask']): boolean =>
  code !== undefined &&
  (code.startsWith('Already') || code === 'InProgress' || (code === 'Gone' && ask === 'stop'));

function lines(io: Io, told: readonly (Telling & { readonly id: string })[]): readonly string[] {
  const { green, red, yellow, dim } = io.outColours;
  const paints = { good: green, same: dim, open: yellow, bad: red } as const;
  const withIds = told.some(({ id }) => id !== '');
  return table(
    plainColumns(withIds ? 3 : 2),
    told.map(({ word, mood, id, text }) => [
      { text: word, paint: paints[mood] },
      ...(withIds ? [{ text: id }] : []),
      { text },
    ]),
    { width: io.width, indent: '' },
  );
}
