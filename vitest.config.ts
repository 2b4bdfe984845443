import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Need brokers, `npm run test:kafka`, and databases, `npm run test:sinks`.
    exclude: [...configDefaults.exclude, 'test/kafka/**', 'test/**/*.sinks.test.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    typecheck: { enabled: false },
  },
});
