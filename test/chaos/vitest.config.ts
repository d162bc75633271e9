import { defineConfig } from 'vitest/config';

/** One fault at a time: what is counted is what the fault did. */
export default defineConfig({
  ssr: { resolve: { conditions: ['@portcullis/source', 'node'] } },
  test: { include: ['test/chaos/**/*.chaos.ts'], setupFiles: ['./test/support/setup.ts'], fileParallelism: false },
});
