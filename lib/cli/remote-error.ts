import { printable } from '../policy/words.ts';
import { UsageError } from './io.ts';

/**
 * What the AWS SDK threw, as one line that says how to mend it. The names are those of the SDK's credential
 * providers (`@smithy/property-provider`), and of the common errors of the AWS APIs.
 * @param what was tried, such as `Reading the stack`
 * @param of on what; may be empty
 * @param denied a sentence that says how to be allowed, where AWS says that one is not
 */
export function remoteError(error: unknown, what: string, of: string, denied?: string): UsageError {
  const { name, message } = facts(error);
  const told = explain(name, message);
  const mend = denied !== undefined && isDenied(name) ? ` ${denied}` : '';
  return new UsageError(`${what}${of === '' ? '' : ` ${of}`}: ${told}${mend}`, { cause: error });
}

/**
 * What AWS, or the way to it, said at the bottom of an error; `undefined` of an error of another kind, such as a fault of
 * this program.
 */
export function awsFailure(error: unknown): unknown {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth += 1) {
    if ('$metadata' in at || '$fault' in at || WAY_TO_AWS.has(facts(at).name)) return at;
    if (/region is missing/i.test(at.message)) return at;
  }
  return undefined;
}

/**
 * What went wrong while an account was read: what AWS refused as one line, what is a fault of this program as it is.
 * @param denied a sentence that says how to be allowed
 */
export function readingError(error: unknown, account: string, denied: string): unknown {
  if (error instanceof UsageError) return error;
  const failure = awsFailure(error);
  return failure === undefined ? error : remoteError(failure, 'Reading the account', account, denied);
}

/** That prices could not be read, one sentence with the first of them; none where all could. By price. */
export function priceNotes(failed: ReadonlyMap<string, unknown>, denied: string): readonly string[] {
  const [first] = failed;
  if (first === undefined) return [];
  const [price, error] = first;
  const of = failed.size === 1 ? 'A price' : `${failed.size} prices`;
  return [remoteError(error, `${of} could not be read`, `(${price})`, denied).message];
}

const isDenied = (name: string): boolean => DENIED.has(name);

const DENIED: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'AuthorizationError',
]);

const WAY_TO_AWS: ReadonlySet<string> = new Set([
  'CredentialsProviderError',
  'TokenProviderError',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'TimeoutError',
]);

interface Facts {
  /** The error's name, or its system code, such as `ECONNREFUSED`. */
  readonly name: string;
  /** One line that ends in a full stop. */
  readonly message: string;
}

function facts(error: unknown): Facts {
  if (!(error instanceof Error)) return { name: 'Error', message: sentence(String(error)) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const name = error.name === 'Error' || error.name === 'AggregateError' ? (code ?? error.name) : error.name;
  return { name, message: sentence(error.message) };
}

const sentence = (text: string): string => {
  const line = printable(text.replace(/\s+/g, ' ').trim());
  return line === '' || /[.!?]$/.test(line) ? line : `${line}.`;
};

/** EC2 adds a text of a thousand letters that only AWS can read. */
const withoutCode = (message: string): string =>
  message.replace(/ ?Encoded authorization failure message: ?\S+/, '');

function explain(name: string, message: string): string {
  if (/region is missing/i.test(message)) return 'No AWS region is set. Give --region, or set AWS_REGION.';
  switch (name) {
    case 'CredentialsProviderError':
      return `No AWS credentials were found. Sign in, or set AWS_PROFILE or give --profile. ${message}`.trim();
    case 'TokenProviderError':
      return `The AWS session has ended. Run aws sso login. ${message}`.trim();
    case 'ExpiredToken':
    case 'ExpiredTokenException':
    case 'RequestExpired':
      return 'The AWS session has expired. Sign in again.';
    case 'InvalidClientTokenId':
    case 'UnrecognizedClientException':
    case 'SignatureDoesNotMatch':
    case 'InvalidSignatureException':
    case 'IncompleteSignature':
      return `AWS does not accept the credentials (${name}). Sign in again.`;
    case 'AccessDenied':
    case 'AccessDeniedException':
    case 'UnauthorizedOperation':
    case 'AuthorizationError':
      return `AWS does not allow it. ${withoutCode(message)}`;
    case 'ValidationError':
      return /does not exist/.test(message)
        ? 'There is no such stack in this account and region. Deploy it, or name another by --stack, --region or --profile.'
        : message;
    case 'ResourceNotFoundException':
      return `It is gone. Deploy Bursar again. ${message}`;
    case 'TooManyRequestsException':
    case 'ThrottlingException':
    case 'Throttling':
      return 'AWS is being asked too much at once. Wait a minute, then run it again.';
    case 'ECONNREFUSED':
    case 'ECONNRESET':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ETIMEDOUT':
    case 'TimeoutError':
      return `AWS cannot be reached (${name}). Check the network and the region.`;
    default:
      return `${name}: ${message}`;
  }
}
