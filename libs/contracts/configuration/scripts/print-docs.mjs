// Prints docs/configuration.md (`page`) or docs/configuration.schema.json (`schema`) from the built tables.
import { configurationJsonSchema } from '../dist/json-schema.js';
import { configurationPage } from '../dist/reference.js';

process.stdout.write(process.argv[2] === 'schema' ? `${JSON.stringify(configurationJsonSchema(), null, 2)}\n` : configurationPage());
