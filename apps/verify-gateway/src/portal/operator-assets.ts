import type { Language } from '@portcullis/domain-portal-texts';
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

  async read(name: AssetName): Promise<Asset | null> {
    if (this.directory === null || !(await this.has(name))) return null;
    const bytes = await readFile(join(this.directory, name)).catch(() => null);
    return bytes === null ? null : { bytes, type: typeOf(name), etag: `"${hash('sha256', bytes, 'base64url')}"` };
  }
}
