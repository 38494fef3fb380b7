import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledge.ts';

export interface HandlerProps<Environment> {
  /** File in `lambdas/` without its extension. */
  readonly file: string;
  readonly description: string;
  /** Typed by the schema that the handler reads it with: a missing variable does not compile. */
  readonly environment: Environment;
  readonly timeout: Duration;
  /** MiB; also sets the share of a CPU. */
  readonly memory: number;
  /** Kept for this Lambda, and the most that it may have of them at once. Absent = none kept, no limit of its own. */
  readonly reservedConcurrency?: number | undefined;
  /** Where an event ends that was handed over asynchronously and failed at every try; absent = it is dropped. */
  readonly deadLetters?: IQueue;
}

/**
 * A Lambda of Bursar: Node 24 on arm64, one ESM bundle with the SDK inside, its own role without managed
 * policies, logs kept for three months, traced by X-Ray.
 */
export class Handler<
  Environment extends Readonly<Record<string, string | undefined>>,
> extends NodejsFunction {
  override readonly role: Role;
  /** MiB. */
  readonly memory: number;

  constructor(scope: Construct, id: string, props: HandlerProps<Environment>) {
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(scope, `${id}Role`, {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Bursar: ${props.description}`,
    });
    super(scope, id, {
      entry: fileURLToPath(
        new URL(`../../lambdas/${props.file}${extname(import.meta.url)}`, import.meta.url),
      ),
      description: `Bursar: ${props.description}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memory,
      timeout: props.timeout,
      ...(props.reservedConcurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: props.reservedConcurrency }),
      ...(props.deadLetters === undefined ? {} : { deadLetterQueue: props.deadLetters }),
      tracing: Tracing.ACTIVE,
      environment: defined(props.environment),
      logGroup,
      role,
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        bundleAwsSDK: true,
        minify: true,
        keepNames: true,
        mainFields: ['module', 'main'],
        // Some dependencies are CommonJS and require Node's own modules.
        banner: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
      },
    });
    this.role = role;
    this.memory = props.memory;
    logGroup.grantWrite(role);
    acknowledgeWildcards(role, {
      'Resource::*': 'X-Ray and the listing calls take no resource in a policy.',
      'Action::kms:GenerateDataKey*':
        'What CDK grants to publish to an encrypted topic or queue; one key alone.',
      'Action::kms:ReEncrypt*': 'What CDK grants to use an encrypted table; one key alone.',
    });
  }
}

const defined = (environment: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
