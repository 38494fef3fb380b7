import { type Command, Option } from 'commander';

/** Which Bursar is spoken to. */
export interface RemoteOptions {
  readonly stack: string;
  readonly region?: string;
  readonly profile?: string;
  readonly json?: boolean;
}

/** Gives a command that speaks to a deployed Bursar the options that say to which. */
export const withRemoteOptions = (command: Command): Command =>
  command
    .option('--json', 'print the result as JSON')
    .addOption(
      new Option('--stack <name>', 'the CloudFormation stack of Bursar')
        .env('BURSAR_STACK')
        .default('Bursar'),
    )
    .option('--region <region>', 'the AWS region of the stack (default: as the AWS SDKs find it)')
    .option('--profile <name>', 'the AWS profile (default: as the AWS SDKs find it)');
