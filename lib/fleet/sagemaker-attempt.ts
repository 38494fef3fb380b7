import type { Outcome } from '../types/outcome.ts';
import type { ResourceState } from '../types/resource.ts';
import { errorCode, errorMessage, failure } from './aws-errors.ts';

/**
 * "Not found" of notebook instances, Studio apps, spaces and jobs. Some operations have an error of their own for it,
 * others a ValidationException of which only the text tells (`RecordNotFound`, `Requested resource not found.`).
 */
export const isAbsent = (error: unknown): boolean =>
  errorCode(error) === 'ResourceNotFound' ||
  (errorCode(error) === 'ValidationException' &&
    /RecordNotFound|could not find|not found|does not exist/i.test(errorMessage(error)));

export interface StopAttempt {
  readonly at: Date;
  /** Saves and stops. @returns what people are told. */
  readonly act: () => Promise<string>;
  /** What it is now; `undefined` where it is gone. */
  readonly look: () => Promise<ResourceState | undefined>;
  /** `false` where nothing brings it back. */
  readonly restorable?: false;
}

/** What becomes of a stop. Where SageMaker refuses, the resource tells more than the text: it is looked at again. */
export async function attemptStop({ at, act, look, ...rest }: StopAttempt): Promise<Outcome> {
  try {
    return { status: 'taken', at, detail: await act(), ...rest };
  } catch (error) {
    if (isAbsent(error)) return gone(at);
    switch (isRefusal(error) ? await lookOrGiveUp(look) : 'failed') {
      case undefined:
        return gone(at);
      case 'stopped':
        return { status: 'skipped', at, code: 'AlreadyStopped', detail: 'It was stopped already.' };
      case 'transitional':
        return failure(error, at, true);
      case 'running':
      case 'failed':
        return failure(error, at);
    }
  }
}

/** What a restore finds that has nothing to do. */
export const alreadyRunning = (at: Date): Outcome => ({
  status: 'skipped',
  at,
  code: 'AlreadyRunning',
  detail: 'It runs or starts already, so there was nothing to start.',
});

export const gone = (at: Date, detail = 'It no longer exists.'): Outcome => ({
  status: 'skipped',
  at,
  code: 'Gone',
  detail,
});

/** Said of the state that it is in, not of who asks. */
const isRefusal = (error: unknown): boolean =>
  ['ValidationException', 'ResourceInUse', 'ConflictException'].includes(errorCode(error));

async function lookOrGiveUp(look: StopAttempt['look']): Promise<ResourceState | undefined> {
  try {
    return await look();
  } catch {
    return 'failed';
  }
}
