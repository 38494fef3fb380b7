import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { BudgetEnforcerProps } from './budget-enforcer.ts';

/** Stops proceed whether or not anybody hears of them, so a stack that tells nobody says so at synth. */
export function warnOfSilence(
  scope: IConstruct,
  { slackSecretName, alertEmails = [] }: Pick<BudgetEnforcerProps, 'slackSecretName' | 'alertEmails'>,
): void {
  if (alertEmails.length > 0) return;
  if (slackSecretName === undefined) {
    Annotations.of(scope).addWarningV2(
      'bursar:nobody-is-told',
      'Nobody is told what is stopped: neither slackSecretName nor alertEmails is given. Give one of them ' +
        '(-c slackSecret=name-of-the-secret, -c alertEmail=you@example.com), or subscribe to the alertsTopic ' +
        'yourself and acknowledge this warning.',
    );
  } else {
    Annotations.of(scope).addWarningV2(
      'bursar:slack-alone',
      'Slack alone is told, so the alarm about alerts that Slack did not take would go to Slack itself. Give ' +
        'alertEmails as well (-c alertEmail=you@example.com).',
    );
  }
}
