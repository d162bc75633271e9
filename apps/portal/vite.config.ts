import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';
import { brotli } from './brotli.js';

/** No page of its own: the gateway renders them and finds these files by the manifest. Addresses are relative, for the portal may live under a path. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react(), brotli()],
  resolve: { conditions: ['@portcullis/source', ...defaultClientConditions] },
  build: {
    manifest: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { portal: 'src/main.tsx', icon: 'src/icon.svg' },
      // One file of what the first load cannot do without compresses better than six.
      output: { codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] } },
      checks: { bundlerTimings: false },
    },
  },
});
