import * as z from 'zod';
import { FORMS } from '../policy/forms.ts';
import type { BudgetEnforcerProps } from './budget-enforcer.ts';
import { SetupError } from './setup-error.ts';

const SECONDS = 'must be whole seconds';
const TRUTH = 'must be true or false';
const TARGETS = 'must be ids of accounts, organizational units or the root, separated by commas';
/** Source: CloudFormation, `AWS::Organizations::Policy`, `TargetIds`. */
const SCP_TARGET = /^(r-[0-9a-z]{4,32}|\d{12}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$/;
const CONCURRENCY = 'must be a whole number above 0, or none';

/** What `cdk deploy -c name=value` can set; all of it text. */
const SettingsSchema = z.object({
  policy: z.string().min(1, 'must name a file').default('bursar.yaml'),
  slackSecret: z.string().min(1, 'must name a secret').optional(),
  alertEmail: z
    .string()
    .transform((text) => text.split(',').map((address) => address.trim()))
    .pipe(z.array(z.email('must be e-mail addresses, separated by commas')))
    .optional(),
  chatConcurrency: z
    .union(
      [z.literal('none'), z.coerce.number(CONCURRENCY).int(CONCURRENCY).positive(CONCURRENCY)],
      CONCURRENCY,
    )
    .optional(),
  region: z.string().regex(FORMS.region, 'must be an AWS region, such as eu-west-1').optional(),
  scp: z
    .union([z.boolean(), z.literal(['true', 'false']).transform((text) => text === 'true')], TRUTH)
    .optional(),
  scpTargets: z
    .string()
    .transform((text) => text.split(',').map((id) => id.trim()))
    .pipe(z.array(z.string().regex(SCP_TARGET, TARGETS)))
    .optional(),
  sandboxClockAhead: z.coerce.number(SECONDS).int(SECONDS).nonnegative(SECONDS).optional(),
});

/** All that `bin/app.ts` makes stacks of. */
export interface Settings {
  readonly enforcer: BudgetEnforcerProps;
  /** Where the stacks are deployed. Absent = wherever the CDK deploys by default. */
  readonly region?: string;
  /** Absent = no stack for the management account of an organization. */
  readonly scp?: { readonly targets: readonly string[] };
}

/**
 * Reads the CDK context of `bin/app.ts`: `policy`, `slackSecret`, `alertEmail` (several by commas),
 * `chatConcurrency`, `region`, `scp`, `scpTargets` (several by commas).
 * @throws {SetupError} with one line for each setting that is wrong.
 */
export function readSettings(context: (name: string) => unknown): Settings {
  const given = Object.fromEntries(
    Object.keys(SettingsSchema.shape).flatMap((name) => {
      const value = context(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const read = SettingsSchema.safeParse(given);
  if (!read.success) {
    throw new SetupError(
      read.error.issues.map(({ path, message }) => `-c ${path.join('.')}=…: ${message}`).join('\n'),
    );
  }
  const { policy, slackSecret, alertEmail, chatConcurrency, sandboxClockAhead } = read.data;
  const { region, scp = false, scpTargets } = read.data;
  if (scpTargets !== undefined && !scp)
    throw new SetupError('-c scpTargets=…: is for the stack that -c scp=true makes; give both');
  return {
    enforcer: {
      policyFile: policy,
      ...(slackSecret === undefined ? {} : { slackSecretName: slackSecret }),
      ...(alertEmail === undefined ? {} : { alertEmails: alertEmail }),
      ...(chatConcurrency === undefined ? {} : { chatConcurrency }),
      ...(sandboxClockAhead === undefined ? {} : { sandboxClockAhead }),
    },
    ...(region === undefined ? {} : { region }),
    ...(scp ? { scp: { targets: scpTargets ?? [] } } : {}),
  };
}
