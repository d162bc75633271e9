import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';

/** The file of a secret cannot be read, is empty, or cannot be made. */
export class SecretFileError extends Error {
  readonly code = 'SECRET_FILE';
}

/**
 * The secret kept in a file: made once (mode 0600) when the file is not there, read ever after. Safe when several processes start
 * at once: a file appears whole under its name, and all of them return the one that came first.
 */
export function ensureSecretFile(path: string, make: () => string): { readonly secret: string; readonly created: boolean } {
  const existing = readSecret(path);
  if (existing !== undefined) return { secret: existing, created: false };
  const created = createOnce(path, `${make()}\n`);
  const secret = readSecret(path);
  if (secret === undefined) throw new SecretFileError(`${path} was removed while it was made`);
  return { secret, created };
}

/** False when another process made the file first: a link, unlike a rename, never replaces what is there. */
function createOnce(path: string, text: string): boolean {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    writeWhole(temporary, text);
    linkSync(temporary, path);
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    throw new SecretFileError(`${path} cannot be made: ${String(cause)}`, { cause });
  } finally {
    rmSync(temporary, { force: true });
  }
}

function readSecret(path: string): string | undefined {
  try {
    const secret = readFileSync(path, 'utf8').trim();
    if (secret !== '') return secret;
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw new SecretFileError(`${path} cannot be read: ${String(cause)}`, { cause });
  }
  throw new SecretFileError(`${path} is empty: put the secret back from a backup, or remove the file to have a new one made`);
}

function writeWhole(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}
