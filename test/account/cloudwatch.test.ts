import { afterAll, beforeAll, vi } from 'vitest';
import { onBoth } from './both.ts';
import { budgetsSuite } from './budgets-suite.ts';
import { cloudtrailSuite } from './cloudtrail-suite.ts';
import { cloudwatchSuite } from './cloudwatch-suite.ts';
import { costExplorerSuite } from './cost-explorer-suite.ts';
import { iamSuite } from './iam-suite.ts';
import { pricingSuite } from './pricing-suite.ts';
import { rdsSuite } from './rds-suite.ts';

onBoth('Metrics, databases, budgets, bills, roles, trails and prices', (side, name) => {
  // What is between two states in memory comes to its end when time is told to pass.
  beforeAll(() => {
    if (name === 'in memory') vi.useFakeTimers({ toFake: ['Date'], shouldAdvanceTime: true });
  });
  afterAll(() => {
    vi.useRealTimers();
  });
  cloudwatchSuite(side, name);
  rdsSuite(side, name);
  budgetsSuite(side, name);
  costExplorerSuite(side, name);
  iamSuite(side, name);
  cloudtrailSuite(side);
  pricingSuite(side);
});
