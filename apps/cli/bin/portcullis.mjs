#!/usr/bin/env node
// Committed so that npm can link it before anything is built.
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(`portcullis needs Node 24 or later; this is ${process.versions.node}. Run it as: npx --no-install portcullis …`);
  process.exit(1);
}
if (!existsSync(main)) {
  console.error('portcullis is not built yet. Run: npm run build');
  process.exit(1);
}
await import(main.href);
