import { type Anomaly, parseAnomaly } from './anomaly.ts';
import { parseJsonDocument } from './json.ts';

/**
 * What an AWS message tells. `why` is one sentence for people. A budget's amounts are left out on purpose:
 * they are asked of `DescribeBudget`, the text is only a wake-up call.
 */
export type Signal =
  | { readonly type: 'budget'; readonly account: string; readonly budgetName: string }
  | { readonly type: 'anomaly'; readonly anomaly: Anomaly }
  | { readonly type: 'not-understood'; readonly why: string };

/** SNS carries 256 KiB; a text longer than that in characters cannot have come through it. */
const MAX_CHARACTERS = 262_144;
/** Source: Budgets API reference, `BudgetName`: 1 to 100 characters without `:` and `\`. */
const MAX_NAME_CHARACTERS = 100;

/**
 * Reads a message of AWS Budgets (plain text) or Cost Anomaly Detection (JSON). Never throws; the work is
 * linear in the length. The subject is not used: SNS cuts it at 100 characters, so it can hold half a name.
 */
export function readSignal(_subject: string | undefined, message: string): Signal {
  if (message.length > MAX_CHARACTERS) {
    return notUnderstood(`The message has ${message.length} characters, more than SNS can carry.`);
  }
  const document = parseJsonDocument(message);
  if (!document.json) return readBudgetText(message);
  const anomaly = parseAnomaly(document.value);
  return anomaly === undefined
    ? notUnderstood('The message is JSON, but not that of a cost anomaly.')
    : { type: 'anomaly', anomaly };
}

/** Takes the account and the name from their own lines, and only where each is named exactly one way. */
function readBudgetText(message: string): Signal {
  const accounts = new Set<string>();
  const names = new Set<string>();
  for (const line of message.split(/\r\n|\n|\r/)) {
    const text = line.trim();
    if (text.startsWith(ACCOUNT_FIELD)) accounts.add(text.slice(ACCOUNT_FIELD.length).trim());
    if (text.startsWith(NAME_FIELD)) names.add(text.slice(NAME_FIELD.length).trim());
  }
  const [account] = accounts;
  const [budgetName] = names;
  if (account === undefined && budgetName === undefined) {
    return notUnderstood('The message is neither an AWS Budgets notification nor a cost anomaly.');
  }
  if (account === undefined) return notUnderstood('The message names a budget but no AWS account.');
  if (budgetName === undefined) return notUnderstood('The message names an AWS account but no budget.');
  if (accounts.size > 1) return notUnderstood('The message names more than one AWS account.');
  if (names.size > 1) return notUnderstood('The message names more than one budget.');
  if (!/^\d{12}$/.test(account)) return notUnderstood('The AWS account in the message is not 12 digits.');
  const flaw = nameFlaw(budgetName);
  return flaw === undefined ? { type: 'budget', account, budgetName } : notUnderstood(flaw);
}

const ACCOUNT_FIELD = 'AWS Account ';
const NAME_FIELD = 'Budget Name:';

function nameFlaw(name: string): string | undefined {
  if (name === '') return 'The budget name in the message is empty.';
  if (name.length > 2 * MAX_NAME_CHARACTERS || [...name].length > MAX_NAME_CHARACTERS) {
    return `The budget name in the message is longer than ${MAX_NAME_CHARACTERS} characters.`;
  }
  if (/[:\\\p{Cc}]/u.test(name)) {
    return 'The budget name in the message holds a character that AWS does not allow in one.';
  }
  return undefined;
}

const notUnderstood = (why: string): Signal => ({ type: 'not-understood', why });
