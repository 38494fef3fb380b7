/**
 * The text that AWS Budgets publishes, in the form that was captured in January 2026. The amounts are made
 * up on purpose where a test asks that nobody believes them.
 */
export function budgetsText(of: {
  readonly account: string;
  readonly budgetName: string;
  readonly type: 'ACTUAL' | 'FORECASTED';
  readonly date: Date;
  /** As written: `$4,000.00`. */
  readonly limit: string;
  readonly threshold: string;
  readonly amount: string;
}): { readonly subject: string; readonly message: string } {
  const { account, budgetName, type, date, limit, threshold, amount } = of;
  const day = date.toLocaleDateString('en-US', {
    month: 'long',
    day: 'numeric',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return {
    subject: `AWS Budgets: ${budgetName} has exceeded your alert threshold`,
    message: [
      `AWS Budget Notification ${day}`,
      `AWS Account ${account}`,
      '',
      'Dear AWS Customer,',
      '',
      `You requested that we alert you when the ${type} Cost associated with your ${budgetName} budget is greater than ` +
        `${threshold} for the current month. The ${type} Cost associated with this budget is ${amount}. You can find ` +
        'additional details below and by accessing the AWS Budgets dashboard [1].',
      '',
      `Budget Name: ${budgetName}`,
      'Budget Type: Cost',
      `Budgeted Amount: ${limit}`,
      `Alert Type: ${type}`,
      `Alert Threshold: > ${threshold}`,
      `${type} Amount: ${amount}`,
      '',
      '[1] https://console.aws.amazon.com/costmanagement/home#/budgets',
      '',
    ].join('\n'),
  };
}
