// node test/integration/compat/record.mjs v1.2.3: keeps what this version says over the wire, in the queue and in Redis, for later ones to be held against. At a release, after the build.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LANES, MESSAGES, samplesOf, shapeOf } from './wire.mjs';

const [tag] = process.argv.slice(2);
if (!/^v\d+\.\d+\.\d+$/.test(tag ?? '')) {
  console.error('Which tag? For instance: node test/integration/compat/record.mjs v0.1.0');
  process.exit(1);
}
const messages = Object.fromEntries(Object.entries(MESSAGES).map(([name, schema]) => [name, { shape: shapeOf(schema), samples: samplesOf(schema) }]));
const file = join(import.meta.dirname, 'fixtures', `${tag}.json`);
writeFileSync(file, `${JSON.stringify({ tag, lanes: LANES, messages })}\n`);
console.log(`${Object.keys(messages).length} messages kept in ${file}`);
