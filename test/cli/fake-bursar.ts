import { type LoopbackAnswer, serveLoopback } from '../../lib/sandbox/loopback.ts';

/** What a function of the fake answers: its payload, or the failure that Lambda reports. */
export type Answer = { readonly payload: unknown } | { readonly error: unknown };

export interface FakeBursar {
  readonly env: Readonly<Record<string, string>>;
  /** What the two functions were asked, in order. */
  readonly asked: { readonly name: string; readonly payload: unknown }[];
  /** Changes what is answered. */
  readonly behave: (behaviour: Partial<Behaviour>) => void;
  readonly stop: () => Promise<void>;
}

export interface Behaviour {
  /** Outputs of the stack; `undefined` = there is no such stack. */
  readonly outputs: Readonly<Record<string, string>> | undefined;
  /** An error that every AWS API answers with. */
  readonly refuse: { readonly status: number; readonly code: string; readonly message: string } | undefined;
  readonly caller: string;
  readonly sweep: (payload: unknown) => Answer;
  readonly request: (payload: Readonly<Record<string, unknown>>) => Answer;
}

/** Functions of the names that the fake's stack has. */
const OUTPUTS = { SweepFunctionName: 'the-sweep', RequestFunctionName: 'the-request' };

export const CALLER = 'arn:aws:sts::123456789012:assumed-role/MlEngineer/ana';

/** A sweep that sees nothing. */
const NOTHING = { at: '2026-11-25T10:30:00.000Z', decisions: {}, verdicts: {}, decided: [], leftAlone: [] };

const START: Behaviour = {
  outputs: OUTPUTS,
  refuse: undefined,
  caller: CALLER,
  sweep: () => ({ payload: NOTHING }),
  request: () => ({ error: { errorType: 'Error', errorMessage: 'the test says nothing of this' } }),
};

/** CloudFormation, STS and Lambda on a loopback port, as far as the command line speaks to them. */
export async function startFakeBursar(): Promise<FakeBursar> {
  const asked: { name: string; payload: unknown }[] = [];
  let now = START;
  const server = await serveLoopback(async ({ path, body }) => {
    if (now.refuse !== undefined) return refusal(now.refuse, path);
    const [, name] = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(path) ?? [];
    if (name !== undefined) {
      const payload: Readonly<Record<string, unknown>> = JSON.parse(body);
      asked.push({ name, payload });
      return invoked(name === OUTPUTS.SweepFunctionName ? now.sweep(payload) : now.request(payload));
    }
    const query = new URLSearchParams(body);
    if (query.get('Action') === 'GetCallerIdentity') return xml(identity(now.caller));
    if (query.get('Action') !== 'DescribeStacks') throw new Error(`nothing is known of ${path} ${body}`);
    const stack = query.get('StackName') ?? '';
    return now.outputs === undefined
      ? refusal(
          { status: 400, code: 'ValidationError', message: `Stack with id ${stack} does not exist` },
          path,
        )
      : xml(stacks(stack, now.outputs));
  });
  return {
    asked,
    env: {
      AWS_ENDPOINT_URL: server.url,
      AWS_ACCESS_KEY_ID: 'AKIAFAKE',
      AWS_SECRET_ACCESS_KEY: 'fake',
      AWS_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    behave: (behaviour) => {
      asked.length = 0;
      now = { ...START, ...behaviour };
    },
    stop: server.stop,
  };
}

const xml = (body: string): LoopbackAnswer => ({
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body,
});

const identity = (arn: string): string =>
  `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>${arn}</Arn><UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;

function stacks(name: string, outputs: Readonly<Record<string, string>>): string {
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  return `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member><StackName>${name}</StackName><StackStatus>UPDATE_COMPLETE</StackStatus><CreationTime>2026-11-01T00:00:00Z</CreationTime><Outputs>${members.join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
}

/** As the query protocol of CloudFormation and STS has errors, and as the REST protocol of Lambda has them. */
function refusal(
  { status, code, message }: { readonly status: number; readonly code: string; readonly message: string },
  path: string,
): LoopbackAnswer {
  if (path.includes('/functions/')) {
    return {
      status,
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
      body: JSON.stringify({ message }),
    };
  }
  return {
    status,
    headers: { 'content-type': 'text/xml' },
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  };
}

const invoked = (answer: Answer): LoopbackAnswer =>
  'error' in answer
    ? { status: 200, headers: { 'x-amz-function-error': 'Unhandled' }, body: JSON.stringify(answer.error) }
    : { status: 200, body: JSON.stringify(answer.payload) };
