import { type CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { mapLimited } from '../types/lists.ts';

/** A Lambda of Bursar's. */
export interface OwnFunction {
  readonly name: string;
  readonly memoryMb: number;
}

/** What Bursar is made of, as far as it costs something by being there, or is measured. */
export interface OwnParts {
  readonly functions: readonly OwnFunction[];
  readonly alarms: number;
  readonly keys: number;
  /** Of Secrets Manager: the one of Slack, which no stack of Bursar's makes. */
  readonly secrets: number;
}

const OwnPartsSchema = z.object({
  functions: z.array(z.object({ name: z.string().min(1), memoryMb: z.number().positive() })),
  alarms: z.number().nonnegative(),
  keys: z.number().nonnegative(),
  secrets: z.number().nonnegative(),
});

/** The JSON text of the parts, for the environment of a Lambda. */
export const ownPartsText = (parts: OwnParts): string => JSON.stringify(parts);

/** Reads it back. @throws ZodError, SyntaxError where it is another text */
export const ownPartsOf = (text: string): OwnParts => OwnPartsSchema.parse(JSON.parse(text));

const LOOKS_AT_ONCE = 5;

/**
 * The parts of a deployed stack. Needs `cloudformation:ListStackResources` of the stack and
 * `lambda:GetFunctionConfiguration` of its functions.
 * @throws what AWS answers
 */
export async function partsOfStack(
  cloudFormation: CloudFormationClient,
  lambda: LambdaClient,
  stack: string,
): Promise<OwnParts> {
  const names: string[] = [];
  const counts = new Map<string, number>();
  for await (const { StackResourceSummaries: some = [] } of paginateListStackResources(
    { client: cloudFormation },
    { StackName: stack },
  )) {
    for (const { ResourceType: type = '', PhysicalResourceId: id } of some) {
      counts.set(type, (counts.get(type) ?? 0) + 1);
      if (type === 'AWS::Lambda::Function' && id !== undefined) names.push(id);
    }
  }
  const found = await mapLimited(names, LOOKS_AT_ONCE, async (name) => {
    const { MemorySize: memoryMb, Environment: environment } = await lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: name }),
    );
    const secret = environment?.Variables?.SLACK_SECRET_ID;
    return { name, memoryMb, secret };
  });
  return {
    functions: found.flatMap(({ name, memoryMb }) => (memoryMb === undefined ? [] : [{ name, memoryMb }])),
    alarms: counts.get('AWS::CloudWatch::Alarm') ?? 0,
    keys: counts.get('AWS::KMS::Key') ?? 0,
    secrets: new Set(found.flatMap(({ secret }) => secret ?? [])).size,
  };
}
