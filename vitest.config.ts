import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Needs brokers: `npm run test:kafka`.
    exclude: [...configDefaults.exclude, 'test/kafka/**'],
    pool: 'forks',
    testTimeout: 60_000,
    typecheck: { enabled: false },
  },
});
