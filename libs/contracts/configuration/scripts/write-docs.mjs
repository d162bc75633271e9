// Writes docs/configuration.md and docs/configuration.schema.json from the built tables.
import { writeFileSync } from 'node:fs';
import { configurationJsonSchema } from '../dist/json-schema.js';
import { configurationPage } from '../dist/reference.js';

const docs = new URL('../../../../docs/', import.meta.url);
writeFileSync(new URL('configuration.md', docs), configurationPage());
writeFileSync(new URL('configuration.schema.json', docs), `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`);
