import { defineConfig } from 'vitest/config';

/** What takes minutes: run by `npm run test:scale`. */
export default defineConfig({
  ssr: { resolve: { conditions: ['@portcullis/source', 'node'] } },
  test: { include: ['test/scale/**/*.scale.ts'], setupFiles: ['./test/support/setup.ts'], fileParallelism: false },
});
