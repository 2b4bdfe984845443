import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/sinks/**/*.sinks.test.ts'],
    globalSetup: ['test/sinks/support/install.ts'],
    pool: 'forks',
    // The databases work as well.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    typecheck: { enabled: false },
  },
});
