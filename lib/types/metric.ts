/** Where Bursar's own metrics live in CloudWatch. The handlers write them, the dashboard and alarms read them. */
export const METRICS_NAMESPACE = 'Bursar';

/** Every metric of Bursar as a whole, all counts. */
export const METRICS = {
  /** Resources taken out of service. */
  stopped: 'Stopped',
  /** Resources whose owners were warned of a stop. */
  warned: 'Warned',
  /** Resources that were brought back. */
  restored: 'Restored',
  /** Resources that people kept from a stop. */
  kept: 'Kept',
  /** Decisions held for a human. */
  held: 'Held',
  /** Decisions that failed for good or for now. */
  failed: 'Failed',
  /** Resources that a sweep saw running. */
  running: 'Running',
  /** Metrics asked of CloudWatch; $0.01 per 1,000. */
  metricsRequested: 'MetricsRequested',
  /** Sweeps that came to their end. */
  sweepCompleted: 'SweepCompleted',
  /** Daily test alerts that Slack took: the way to people works. */
  canaryArrived: 'CanaryArrived',
  /** Jobs that the gate let through at run time. */
  gatePassed: 'GatePassed',
  /** Jobs that it did not let through. */
  gateRefused: 'GateRefused',
  /** Times that it could not answer. Lambda counts answers that are errors by its contract as failures as well. */
  gateFailed: 'GateFailed',
} as const;

/** The dimension of what is written for each project. */
export const PROJECT_DIMENSION = 'Project';

/** Every metric that Bursar writes for each project of the policy, in USD but for the coverage. */
export const PROJECT_METRICS = {
  /** Billed by AWS this month, gross of credits. */
  billed: 'BilledSpend',
  /** Not billed yet this month, by price × time. */
  estimated: 'EstimatedSpend',
  /** The monthly budget. */
  limit: 'Budget',
  /** USD an hour of what runs now. */
  burn: 'BurnRate',
  /** Percent of its resources that carry all required tags. */
  tagCoverage: 'TagCoverage',
} as const;
