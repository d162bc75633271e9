import { DigestsError } from './digests-error.js';

/** One algorithm with its parameters. Salts and hashes are in the encoding they have in the digest. */
export interface Recipe {
  newSalt(): string;
  /** As long as a hash, and the hash of nothing. */
  randomHash(): string;
  hash(password: string, salt: string): Promise<string>;
  write(salt: string, hash: string): string;
  /** Whether the hash depends on the whole password, so that no other password has the same. */
  tellsApart(password: string): boolean;
}

/** A digest taken apart. */
export interface Stored {
  readonly recipe: Recipe;
  readonly salt: string;
  readonly hash: string;
}

/** The `count` fields between the `$` of a digest. */
export function fieldsOf(text: string, count: number): readonly string[] {
  const fields = text.split('$').slice(1);
  if (fields.length !== count) throw unsupported();
  return fields;
}

/** The whole number behind `key=` in `m=65536,t=3,p=4`. */
export function parameterOf(parameters: string | undefined, key: string): number {
  const pair = parameters?.split(',').find((candidate) => candidate.startsWith(`${key}=`));
  return wholeNumber(pair?.slice(key.length + 1));
}

export function wholeNumber(text: string | undefined): number {
  if (text === undefined || !/^\d+$/.test(text)) throw unsupported();
  return Number(text);
}

export function unsupported(): DigestsError {
  return new DigestsError('DIGESTS_UNSUPPORTED', 'this is not a digest that can be checked');
}
