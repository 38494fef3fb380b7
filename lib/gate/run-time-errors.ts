/*
 * The errors of the gate at run time. A state machine catches them by their names, which are a part of its contract
 * (docs/gate-at-run-time.md).
 */

/** What was asked cannot be understood, or cannot be answered as it is: one clear sentence. Asking again does not help. */
export class GateInputError extends Error {
  override readonly name = 'GateInputError';
}

/** The job may not start, and whoever asked wants that as an error. */
export class OverBudget extends Error {
  override readonly name = 'OverBudget';
}

/** What the project has spent is not known now, so that nothing may pass. Asking again later may help. */
export class GateNotReady extends Error {
  override readonly name = 'GateNotReady';
}
