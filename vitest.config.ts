import { defineConfig } from 'vitest/config';

/** Where `.ci/run` wants its counts. */
const report = process.env.BURSAR_TEST_REPORT;

/** Tests that start servers or processes, or change what is of the whole process: each file has a process of its own. */
const ALONE = [
  'test/e2e/**',
  'test/package/**',
  'test/sandbox/**',
  'test/account/**',
  'test/stacks/{app,nag}.test.ts',
];

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: the local AWS of the end-to-end tests needs one for itself.
    maxWorkers: 2,
    // The tracer of X-Ray would follow every promise there is, which the plays of test/scenarios make millions of.
    env: { AWS_XRAY_MANUAL_MODE: 'true' },
    globalSetup: ['test/support/scratch-of-run.ts'],
    reporters: report === undefined ? ['default'] : ['default', 'json'],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
    projects: [
      {
        extends: true,
        test: { name: 'alone', include: ALONE.map((folder) => folder.replace(/\*\*$/, '**/*.test.ts')) },
      },
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: ALONE,
          // To load the SDK of AWS, zod and the others anew for each file takes longer than most of the tests.
          isolate: false,
          // CDK's own check of each template takes twice as long as to make it; test/stacks/{app,nag} have it.
          env: { CDK_VALIDATION: 'false' },
          setupFiles: ['test/support/leave-as-found.ts'],
        },
      },
    ],
  },
});
