import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OperatorAssets } from './operator-assets.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'portcullis-assets-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const texts = (language: string, text: string): void => {
  mkdirSync(join(directory, 'locales', language), { recursive: true });
  writeFileSync(join(directory, 'locales', language, 'portal.json'), text);
};

describe("what of the operator's files will not be shown is told", () => {
  const problems = (path: string | null = directory): Promise<readonly string[]> => new OperatorAssets(path).problems();

  it('of none, and of good ones, there is nothing to tell', async () => {
    expect(await problems(null)).toEqual([]);
    writeFileSync(join(directory, 'logo.png'), 'x');
    writeFileSync(join(directory, 'logo.svg'), 'x');
    texts('de', '{"sign_in.title":"Herein"}');
    texts('tlh', 'no JSON, and no language of ours');
    expect(await problems()).toEqual([]);
  });

  it('a folder that is not there', async () => {
    expect(await problems(join(directory, 'nowhere'))).toEqual([
      `server.asset_path ${join(directory, 'nowhere')} is no folder: the portal shows its own logo and texts`,
    ]);
  });

  it('a logo that could hold a script', async () => {
    writeFileSync(join(directory, 'logo.svg'), '<svg/>');
    expect(await problems()).toEqual(['logo.svg in server.asset_path is not shown, for it could hold a script: bring logo.png']);
  });

  it.each(['{', '[]', 'null', '"x"'])('texts that are %j', async (text) => {
    texts('fr', text);
    expect(await problems()).toEqual(['locales/fr/portal.json in server.asset_path is no JSON object: its texts are not used']);
  });
});
