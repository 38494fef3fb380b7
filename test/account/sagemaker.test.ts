import { afterAll, beforeAll, vi } from 'vitest';
import { onBoth } from './both.ts';
import { componentSuite } from './sagemaker-component-suite.ts';
import { endpointSuite } from './sagemaker-endpoint-suite.ts';
import { jobSuite } from './sagemaker-job-suite.ts';
import { notebookSuite } from './sagemaker-notebook-suite.ts';
import { scalingSuite } from './sagemaker-scaling-suite.ts';
import { toolsOf } from './sagemaker-tools.ts';

onBoth('SageMaker', (side, name) => {
  // In memory time passes when it is told to: what takes minutes on AWS takes them there as well.
  beforeAll(() => {
    if (name === 'in memory') vi.setSystemTime(new Date('2026-11-25T10:30:00.000Z'));
  });
  afterAll(() => {
    vi.useRealTimers();
  });
  const tools = toolsOf(side, name);
  endpointSuite(tools);
  componentSuite(tools);
  scalingSuite(tools);
  notebookSuite(tools);
  jobSuite(tools);
});
