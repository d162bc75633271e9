import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { root } from '../../support/index.js';
import { LANES, MESSAGES, samplesOf } from './wire.mjs';

// A version that is not released yet may still change what it says: `node test/integration/compat/record.mjs v0.1.0`, after the build.
interface Recorded {
  readonly tag: string;
  readonly lanes: Readonly<Record<string, string>>;
  readonly messages: Readonly<Record<string, { readonly shape: object; readonly samples: readonly unknown[] }>>;
}

const recorded = globSync('test/integration/compat/fixtures/*.json', { cwd: root })
  .sort()
  .map((file) => JSON.parse(readFileSync(join(root, file), 'utf8')) as Recorded);
const ajv = new Ajv2020({ validateFormats: false, strict: false });

it('there is a version to be held against', () => {
  expect(recorded.map(({ tag }) => tag)).not.toEqual([]);
});

describe.each(recorded)('$tag and this version, of which either may be upgraded first', ({ lanes, messages }) => {
  it('have the same operations and more, each in the lane where the other looks for it', () => {
    expect(LANES).toMatchObject(lanes);
    expect(Object.keys(MESSAGES)).toEqual(expect.arrayContaining(Object.keys(messages)));
  });

  it.each(Object.entries(messages))('what the other says is understood, with all that is in it: %s', (name, { samples }) => {
    for (const sample of samples) expect(MESSAGES[name]?.safeParse(sample)).toMatchObject({ success: true, data: sample });
  });

  it.each(Object.entries(messages))('what this one says is understood by the other: %s', (name, { shape }) => {
    const schema = MESSAGES[name];
    const accepts = ajv.compile(shape);
    for (const sample of schema ? samplesOf(schema) : []) expect(accepts(sample) ? [] : accepts.errors, JSON.stringify(sample)).toEqual([]);
  });
});
