import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { keyDescriptions } from './descriptions.js';
import { configurationJsonSchema } from './json-schema.js';
import { configurationKeys } from './keys.js';
import { configurationPage } from './reference.js';

const docs = (name: string): string => readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8');
const toRefresh = 'npx nx run @portcullis/contracts-configuration:docs writes it anew';

describe('the page of all keys', () => {
  it('is the one in docs', () => {
    expect(docs('configuration.md') === configurationPage(), toRefresh).toBe(true);
  });

  it('has its schema for editors beside it', () => {
    expect(docs('configuration.schema.json') === `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`, toRefresh).toBe(true);
  });

  it('describes every key, and nothing else', () => {
    expect(Object.keys(keyDescriptions).sort()).toEqual(Object.keys(configurationKeys).sort());
  });
});
