import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: the local AWS of the end-to-end tests needs one for itself.
    maxWorkers: 2,
    reporters: ['default'],
  },
});
