import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Ended } from './command.fixture.js';
import { Installation } from './installation.fixture.js';

// Some processes each.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

describe('storage copy', () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await Installation.make();
  });
  afterAll(() => installation.close());
  const at = (name: string): string => join(installation.directory, name);
  const type = (line: string): Promise<Ended> => installation.type(line);
  /** The same configuration with another line for the store. */
  function configuration(name: string, storage: string): string {
    writeFileSync(at(name), readFileSync(installation.file, 'utf8').replace(/^storage: .*$/mu, storage));
    return at(name);
  }

  it('is refused with another key, and says what stands in the way before anything is copied', async () => {
    await type('storage user totp generate john --no-qr');
    const other = configuration('key.yml', `storage: { encryption_key: another_key_of_the_tests_0123456, local: { path: ${at('key.sqlite3')} } }`);
    const refused = await type(`storage copy --to ${other}`);
    expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('another storage.encryption_key than the present one') });
    expect(existsSync(at('key.sqlite3'))).toBe(false);
    const file = `--sqlite.path ${at('db.sqlite3')}`;
    expect(await type(`storage copy ${file} --to ${other}`)).toMatchObject({ code: 1, err: expect.stringContaining('leave --sqlite.path') });
  });
});
