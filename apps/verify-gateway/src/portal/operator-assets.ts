import { type Language, LANGUAGES } from '@portcullis/domain-portal-texts';
import { hash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The files that an operator may bring (Authelia `server.asset_path`); never a picture that can hold a script. */
export type AssetName = 'logo.png' | 'favicon.ico' | `locales/${Language}/portal.json`;

export interface Asset {
  readonly bytes: Buffer;
  readonly type: string;
  /** RFC 9110 section 8.8.3. */
  readonly etag: string;
}

const MAX_BYTES = 1024 * 1024;

const typeOf = (name: AssetName): string =>
  name === 'logo.png' ? 'image/png' : name === 'favicon.ico' ? 'image/x-icon' : 'application/json; charset=utf-8';

/** The operator's own files, looked at anew each time: a changed one shows without a restart. */
export class OperatorAssets {
  constructor(private readonly directory: string | null) {}

  async has(name: AssetName): Promise<boolean> {
    if (this.directory === null) return false;
    const found = await stat(join(this.directory, name)).catch(() => null);
    return found !== null && found.isFile() && found.size <= MAX_BYTES;
  }

  /** What of it will not be shown, and why: for the log, once. */
  async problems(): Promise<readonly string[]> {
    const { directory } = this;
    if (directory === null) return [];
    const found = await stat(directory).catch(() => null);
    if (found?.isDirectory() !== true) return [`server.asset_path ${directory} is no folder: the portal shows its own logo and texts`];
    const [hasVector, hasLogo] = await Promise.all([exists(join(directory, 'logo.svg')), this.has('logo.png')]);
    const logo = hasVector && !hasLogo ? ['logo.svg in server.asset_path is not shown, for it could hold a script: bring logo.png'] : [];
    const texts = await Promise.all(Object.keys(LANGUAGES).map((language) => this.#textsProblem(`locales/${language as Language}/portal.json`)));
    return [...logo, ...texts.filter((problem) => problem !== null)];
  }

  async #textsProblem(name: AssetName): Promise<string | null> {
    const asset = await this.read(name);
    return asset === null || isJsonObject(asset.bytes.toString('utf8'))
      ? null
      : `${name} in server.asset_path is no JSON object: its texts are not used`;
  }

  async read(name: AssetName): Promise<Asset | null> {
    if (this.directory === null || !(await this.has(name))) return null;
    const bytes = await readFile(join(this.directory, name)).catch(() => null);
    return bytes === null ? null : { bytes, type: typeOf(name), etag: `"${hash('sha256', bytes, 'base64url')}"` };
  }
}

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => null)) !== null;

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
