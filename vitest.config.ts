import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['@portcullis/source', 'node'] } },
  test: {
    include: ['**/*.spec.{ts,mjs}'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    setupFiles: ['./test/support/setup.ts'],
  },
});
