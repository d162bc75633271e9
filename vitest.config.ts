import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['@portcullis/source', 'node'] } },
  test: {
    include: ['**/*.spec.{ts,mjs}'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    setupFiles: ['./test/support/setup.ts'],
    // Real parts on busy cores: what is waited for has a deadline of its own that says what did not come; this only ends what hangs.
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
