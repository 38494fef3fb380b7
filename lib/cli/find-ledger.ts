import type { Ledger } from '../ledger/ledger.ts';
import { UsageError } from './io.ts';
import { remoteError } from './remote-error.ts';

export interface DeployedOptions {
  readonly stack: string;
  /** Of the stack; absent = as the AWS SDKs find it, or else the first of the policy. */
  readonly region?: string;
  readonly profile?: string;
  /** The regions of the policy. */
  readonly regions: readonly string[];
  /** What else may be done where its stack cannot be read, a sentence; `''` = nothing. Absent = to plan as if it were new. */
  readonly otherwise?: string;
}

/** The state of a deployed Bursar. */
export interface Deployed {
  readonly stack: string;
  readonly region: string;
  /** It may only be read: whatever would write throws. */
  readonly ledger: Ledger;
}

/** Where no stack is; for people. */
export interface NotDeployed {
  readonly stack: string;
  readonly region: string;
  readonly ledger: undefined;
}

const OUTPUT = 'LedgerTableName';
export const AS_IF_NEW = 'Give --new to plan as if Bursar were new here.';

/**
 * The ledger of a deployed Bursar, found by the output of its stack. Needs `cloudformation:DescribeStacks` of the
 * stack; to read the ledger then needs `dynamodb:GetItem` and
 * `dynamodb:Query`, and `kms:Decrypt` and `kms:DescribeKey` of its key.
 * @throws UsageError one line, where AWS does not answer, or the stack is no Bursar
 */
export async function findLedger({
  stack,
  region,
  profile,
  regions,
  otherwise = AS_IF_NEW,
}: DeployedOptions): Promise<Deployed | NotDeployed> {
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const { PATIENCE } = await import('../fleet/patience.ts');
  const config = {
    ...PATIENCE,
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
  };
  const where = await new CloudFormationClient(config).config.region().catch((error: unknown) => {
    const [first] = regions;
    if (first === undefined) throw remoteError(error, 'Finding the region of the stack', stack);
    return first;
  });
  const here = { ...config, region: where };
  const outputs = await new CloudFormationClient(here)
    .send(new DescribeStacksCommand({ StackName: stack }))
    .then(({ Stacks: [found] = [] }) => found?.Outputs ?? [])
    .catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw remoteError(error, 'Reading the stack', `${stack} in ${where}`, otherwise);
    });
  if (outputs === undefined) return { stack, region: where, ledger: undefined };
  const table = outputs.find(({ OutputKey }) => OutputKey === OUTPUT)?.OutputValue;
  if (table === undefined) {
    throw new UsageError(
      `The stack ${stack} in ${where} has no output ${OUTPUT}: it is no Bursar. Name its stack by --stack. ${otherwise}`.trimEnd(),
    );
  }
  const [{ DynamoDBClient }, { createLedger }, { readOnlyLedger }] = await Promise.all([
    import('@aws-sdk/client-dynamodb'),
    import('../ledger/dynamodb.ts'),
    import('../ledger/read-only.ts'),
  ]);
  return {
    stack,
    region: where,
    ledger: readOnlyLedger(createLedger(new DynamoDBClient(here), table)),
  };
}

/** CloudFormation answers a `ValidationError` for a stack that is not there, as for much else. */
const isMissing = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message);
