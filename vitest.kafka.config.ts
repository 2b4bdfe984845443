import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/kafka/**/*.test.ts'],
    globalSetup: ['test/kafka/support/shared-brokers.ts'],
    pool: 'forks',
    // The brokers work as well.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    typecheck: { enabled: false },
  },
});
