import * as z from 'zod';
import type { BudgetEnforcerProps } from './budget-enforcer.ts';
import { SetupError } from './setup-error.ts';

const SECONDS = 'must be whole seconds';
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
  sandboxClockAhead: z.coerce.number(SECONDS).int(SECONDS).nonnegative(SECONDS).optional(),
});

/**
 * Reads the CDK context of `bin/app.ts`: `policy`, `slackSecret`, `alertEmail` (several by commas),
 * `chatConcurrency`.
 * @throws {SetupError} with one line for each setting that is wrong.
 */
export function readSettings(context: (name: string) => unknown): BudgetEnforcerProps {
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
  return {
    policyFile: policy,
    ...(slackSecret === undefined ? {} : { slackSecretName: slackSecret }),
    ...(alertEmail === undefined ? {} : { alertEmails: alertEmail }),
    ...(chatConcurrency === undefined ? {} : { chatConcurrency }),
    ...(sandboxClockAhead === undefined ? {} : { sandboxClockAhead }),
  };
}
