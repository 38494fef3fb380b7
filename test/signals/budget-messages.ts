/** Budgets notifications as captured from 2019 to 2026; account ids and amounts are examples. */
export interface BudgetMessage {
  readonly account: string;
  readonly name: string;
  readonly date: string;
  readonly sentence: string;
  readonly fields: readonly string[];
}

export const render = (message: BudgetMessage, eol = '\n'): string =>
  [
    `AWS Budget Notification ${message.date}`,
    `AWS Account ${message.account}`,
    '',
    'Dear AWS Customer,',
    '',
    message.sentence,
    '',
    `Budget Name: ${message.name}`,
    ...message.fields,
    '',
    '[1] https://console.aws.amazon.com/costmanagement/home#/budgets',
    '',
  ].join(eol);

const monthly = (name: string): BudgetMessage => ({
  account: '391613010373',
  name,
  date: 'January 28, 2026',
  sentence: `You requested that we alert you when the FORECASTED Cost associated with your ${name} budget is greater than $0.00 for the current month. The FORECASTED Cost associated with this budget is $0.95. You can find additional details below and by accessing the AWS Budgets dashboard [1].`,
  fields: [
    'Budget Type: Cost',
    'Budgeted Amount: $0.02',
    'Alert Type: FORECASTED',
    'Alert Threshold: > $0.00',
    'FORECASTED Amount: $0.95',
  ],
});

export const forecasted = monthly('test');
export const named = monthly;

export const daily: BudgetMessage = {
  account: '391613010373',
  name: 'My budget for the day',
  date: 'March 02, 2023',
  sentence:
    'You requested that we alert you when the ACTUAL Cost associated with your My budget for the day budget is greater than $0.75 per day. Yesterday, the ACTUAL Cost associated with this budget was $1.20. You can find additional details below and by accessing the AWS Budgets dashboard [1].',
  fields: [
    'Budget Type: Cost',
    'Budgeted Amount: $1.00',
    'Alert Type: ACTUAL',
    'Alert Threshold: > $0.75',
    'ACTUAL Amount: $1.20',
  ],
};

export const old: BudgetMessage = {
  account: '012345678901',
  name: 'monthly spend',
  date: 'July 30, 2019',
  sentence:
    'You requested that we alert you when the ACTUAL Cost associated with your monthly spend budget exceeds $12,345.00 for the current month. The ACTUAL Cost associated with this budget is $1,234,567.89.',
  fields: [
    'Budget Type: Cost',
    'Budgeted Amount: $12,345.00',
    'Alert Type: ACTUAL',
    'Alert Threshold: > $12,345.00',
    'ACTUAL Amount: $1,234,567.89',
  ],
};

export const billingBug: BudgetMessage = {
  ...monthly('bursar-recsys'),
  date: 'July 17, 2026',
  fields: [
    'Budget Type: Cost',
    'Budgeted Amount: $12,000.00',
    'Alert Type: FORECASTED',
    'Alert Threshold: > $12,000.00',
    'FORECASTED Amount: $183,965,812,157.54',
  ],
};
