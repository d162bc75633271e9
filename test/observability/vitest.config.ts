import { defineConfig } from 'vitest/config';

/** One fault at a time, watched by one Prometheus. */
export default defineConfig({
  ssr: { resolve: { conditions: ['@portcullis/source', 'node'] } },
  test: { include: ['test/observability/**/*.watch.ts'], setupFiles: ['./test/support/setup.ts'], fileParallelism: false },
});
