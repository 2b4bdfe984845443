import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Need brokers, and databases: `npm run test:kafka`, `npm run test:sinks`.
    exclude: [...configDefaults.exclude, 'test/kafka/**', '**/*.sinks.test.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    typecheck: { enabled: false },
  },
});
