import type * as z from 'zod';
import type { Person, Request } from '../people/request.ts';
import { printable } from '../policy/words.ts';
import { UsageError } from './io.ts';
import { remoteError } from './remote-error.ts';
import type { RemoteOptions } from './remote-options.ts';
import { type SweepAnswer, SweepAnswerSchema } from './sweep-answer.ts';

/** A deployed Bursar. All methods throw `UsageError`, one line that says what is wrong and how to mend it. */
export interface Remote {
  readonly stack: string;
  readonly region: string;
  /** What a sweep would do now. Nothing is changed by it. */
  readonly dryRun: () => Promise<SweepAnswer>;
  readonly ask: <T>(request: Request, answer: z.ZodType<T>) => Promise<T>;
  /** Who asks, by the credentials in use. */
  readonly person: () => Promise<Person>;
}

/** The outputs of the stack that name its functions. */
const OUTPUTS = { sweep: 'SweepFunctionName', request: 'RequestFunctionName' } as const;
type FunctionOf = keyof typeof OUTPUTS;

/** Longer than a sweep may take (240 s), so that its answer is waited for. */
const PATIENCE = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 270_000, throwOnRequestTimeout: true },
} as const;

/**
 * Finds the functions of a deployed Bursar by the outputs of its stack. Needs `cloudformation:DescribeStacks` of
 * the stack and `lambda:InvokeFunction` of the two functions; STS needs no permission.
 */
export async function connect({ stack, region, profile }: RemoteOptions): Promise<Remote> {
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const config = {
    ...PATIENCE,
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
  };
  const cloudformation = new CloudFormationClient(config);
  const where = await cloudformation.config.region().catch(failed('Reading the stack', stack));
  const { Stacks = [] } = await cloudformation
    .send(new DescribeStacksCommand({ StackName: stack }))
    .catch(failed('Reading the stack', `${stack} in ${where}`));
  const [{ StackStatus: status = 'unknown', Outputs: outputs = [] } = {}] = Stacks;

  const nameOf = (which: FunctionOf): string => {
    const name = outputs.find(({ OutputKey }) => OutputKey === OUTPUTS[which])?.OutputValue;
    if (name !== undefined) return name;
    throw new UsageError(
      `The stack ${stack} in ${where} (${status}) has no output ${OUTPUTS[which]}: it is no Bursar, or an older one. Deploy this version, or name another stack by --stack.`,
    );
  };

  const invoke = async <T>(which: FunctionOf, payload: unknown, answer: z.ZodType<T>): Promise<T> => {
    const name = nameOf(which);
    const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
    const { FunctionError, Payload } = await new LambdaClient(config)
      .send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(payload) }))
      .catch(failed(`Calling the ${which} function`, name));
    const said = parseJson(Payload?.transformToString() ?? '');
    if (FunctionError !== undefined) throw functionFailed(which, name, said);
    const parsed = answer.safeParse(said);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new UsageError(
      `The ${which} function ${name} answered in another form (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}): it is of another version than this command line. Deploy this version.`,
    );
  };

  return {
    stack,
    region: where,
    dryRun: () => invoke('sweep', { dryRun: true }, SweepAnswerSchema),
    ask: (request, answer) => invoke('request', request, answer),
    person: async () => {
      const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
      const { Arn: arn = 'unknown' } = await new STSClient(config)
        .send(new GetCallerIdentityCommand({}))
        .catch(failed('Asking AWS who you are', ''));
      return { via: 'cli', id: arn, name: nameOfArn(arn).slice(0, 200) };
    },
  };
}

/** `ana` of `arn:aws:iam::1:user/ml/ana` and of `arn:aws:sts::1:assumed-role/Admin/ana`; `root` of the account itself. */
const nameOfArn = (arn: string): string => arn.split(/[/:]/).at(-1) || arn;

/** For `catch`: what AWS refused, as one line. */
const failed =
  (what: string, of: string) =>
  (error: unknown): never => {
    throw remoteError(error, what, of);
  };

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A function that threw or ran out of time: Lambda then answers `errorType` and `errorMessage`. */
function functionFailed(which: FunctionOf, name: string, said: unknown): UsageError {
  const field = (key: string): string => {
    const value = typeof said === 'object' && said !== null ? Reflect.get(said, key) : undefined;
    return typeof value === 'string' ? value.replace(/\s+/g, ' ').trim() : '';
  };
  const why = [field('errorType'), field('errorMessage')].filter((part) => part !== '').join(': ');
  const short = why.length > 300 ? `${why.slice(0, 300)}…` : why;
  return new UsageError(
    `Bursar's ${which} function failed${short === '' ? '' : `: ${printable(short)}`}. Its log: aws logs tail /aws/lambda/${name}`,
  );
}
