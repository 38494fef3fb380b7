import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { BudgetEnforcer, type BudgetEnforcerProps } from './budget-enforcer.ts';

export interface EnforcerStackProps extends StackProps, BudgetEnforcerProps {}

/** A stack of the enforcer alone, whose outputs name what people and scripts ask for. */
export class EnforcerStack extends Stack {
  readonly enforcer: BudgetEnforcer;

  constructor(scope: Construct, id: string, props: EnforcerStackProps) {
    super(scope, id, props);
    this.enforcer = new BudgetEnforcer(this, 'Enforcer', props);
    const { enforcer } = this;
    const outputs = {
      SignalsTopicArn: enforcer.signalsTopic.topicArn,
      AlertsTopicArn: enforcer.alertsTopic.topicArn,
      FallbackTopicArn: enforcer.fallbackTopic.topicArn,
      LedgerTableName: enforcer.ledger.tableName,
      SweepFunctionName: enforcer.sweep.functionName,
      BudgetAlertFunctionName: enforcer.budgetAlert.functionName,
      EnforceFunctionName: enforcer.enforce.functionName,
      RequestFunctionName: enforcer.request.functionName,
      LaunchGuardFunctionName: enforcer.launchGuard.handler.functionName,
      GateFunctionArn: enforcer.gate.arn,
      GateFunctionName: enforcer.gate.handler.functionName,
      OperatorPolicyArn: enforcer.operatorPolicy.managedPolicyArn,
      WakeGroupName: enforcer.schedules.environment.WAKE_GROUP,
      CommandsQueueUrl: enforcer.commands.queue.queueUrl,
      CommandsDeadLettersUrl: enforcer.commands.deadLetters.queueUrl,
      SignalsDeadLettersUrl: enforcer.signals.deadLetters.queueUrl,
      LaunchesDeadLettersUrl: enforcer.launchGuard.launches.deadLetters.queueUrl,
      ReportsBucketName: enforcer.reports.bucket.bucketName,
      ReportFunctionName: enforcer.reports.handler.functionName,
      ReportsDeadLettersUrl: enforcer.reports.deadLetters.queueUrl,
      ...(enforcer.reports.link === undefined
        ? {}
        : {
            ReportLinkFunctionName: enforcer.reports.link.handler.functionName,
            ReportLinkUrl: enforcer.reports.link.url.url,
          }),
      DashboardName: enforcer.dashboard.dashboardName,
      ...(enforcer.slack === undefined
        ? {}
        : {
            NotifyFunctionName: enforcer.slack.notify.functionName,
            ChatFunctionName: enforcer.slack.chat.functionName,
            SlackRequestUrl: enforcer.slack.url.url,
            AlertsDeadLettersUrl: enforcer.slack.alerts.deadLetters.queueUrl,
            RequestsDeadLettersUrl: enforcer.slack.requests.deadLetters.queueUrl,
          }),
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
