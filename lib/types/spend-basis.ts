/**
 * What counts as spend, wherever AWS is asked for it: by the budgets of the stacks and by Cost Explorer, so that both
 * say the same of a project.
 *
 * Where nobody has Savings Plans or reservations, amortized cost is the same as unblended cost. Where somebody has,
 * unblended cost says nothing of a project: what a plan covers stands there at list price, its discount and its fee
 * carry no tag, and what a reservation covers costs nothing. Amortized cost gives each resource its share of the fees:
 * what the project really costs, and what a discount on list prices can be learned from.
 */
export const SPEND_METRIC = 'AmortizedCost';

/**
 * Left out of spend, so that a limit means what a project uses, whoever pays for it. Values of the dimension
 * `RECORD_TYPE` ("Charge type" in the console).
 */
export const NOT_SPEND = { dimension: 'RECORD_TYPE', values: ['Credit', 'Refund'] } as const;
