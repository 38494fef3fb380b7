import { defineConfig } from 'vitest/config';

/** Where `.ci/run` wants its counts. */
const report = process.env.BURSAR_TEST_REPORT;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: the local AWS of the end-to-end tests needs one for itself.
    maxWorkers: 2,
    // The tracer of X-Ray would follow every promise there is, which the plays of test/scenarios make millions of.
    env: { AWS_XRAY_MANUAL_MODE: 'true' },
    reporters: report === undefined ? ['default'] : ['default', 'json'],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
  },
});
