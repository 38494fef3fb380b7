import type { Outcome } from '../types/outcome.ts';
import { errorCode, errorMessage, isTransient } from './aws-errors.ts';

/**
 * SageMaker answers "not found" by a ValidationException, as it does every other refusal: only the text tells.
 * It says the same of an endpoint, of its configuration and of a model: what was asked for tells them apart.
 * Newer calls have an error of its own for it.
 */
export const isMissing = (error: unknown): boolean =>
  errorCode(error) === 'ResourceNotFound' ||
  (errorCode(error) === 'ValidationException' &&
    /could not find|does not exist|cannot find/i.test(errorMessage(error)));

const isInProgress = (error: unknown): boolean =>
  errorCode(error) === 'ValidationException' && /in[- ]progress|creating|updating/i.test(errorMessage(error));

/** The name is taken: somebody else, or an earlier attempt, was quicker. */
export const isTaken = (error: unknown): boolean =>
  errorCode(error) === 'ValidationException' && /already exist/i.test(errorMessage(error));

/**
 * Application Auto Scaling is eventually consistent: a target that was just registered may not be found yet, and
 * two writes may meet.
 */
const SETTLING = new Set(['ObjectNotFoundException', 'ConcurrentUpdateException']);

/** True where the same call may succeed soon. */
export const mayPass = (error: unknown): boolean =>
  isInProgress(error) || isTransient(error) || SETTLING.has(errorCode(error));

/** What a refused stop comes to. */
export function refusal(error: unknown, at: Date): Outcome {
  if (isMissing(error)) {
    return { status: 'skipped', at, code: 'Gone', detail: 'It no longer exists.' };
  }
  return {
    status: 'failed',
    at,
    code: errorCode(error),
    detail: errorMessage(error),
    retry: mayPass(error),
  };
}

/** Something that an endpoint needs to be created again is gone. */
export class PartMissing extends Error {
  override readonly name: 'EndpointConfigMissing' | 'ModelMissing';

  constructor(name: PartMissing['name'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}
