import { createCipheriv, createDecipheriv, createSecretKey, randomFillSync, type KeyObject } from 'node:crypto';
import { expand } from './derive.js';
import { SealError } from './seal-error.js';

export interface KeyRing {
  /** Sealed bytes of `plain`, 33 bytes longer. `aad` is not stored: the same text opens it again. */
  seal(plain: Uint8Array, aad: string): Buffer;
  /** The bytes that were sealed with this `aad`, or a SealError. */
  open(sealed: Uint8Array, aad: string): Buffer;
}

// version (1) | key id (4) | nonce (12) | tag (16) | ciphertext
const VERSION = 1;
const KEY_ID_AT = 1;
const NONCE_AT = 5;
const TAG_AT = 17;
const TEXT_AT = 33;
const KEY_BYTES = 32;
const ALGORITHM = 'aes-256-gcm';
// A tag length left open would let a forger choose a short one.
const OPTIONS = { authTagLength: TEXT_AT - TAG_AT };

/** AES-256-GCM with keys derived from `secrets` for this purpose: the first secret seals, all of them open. */
export function createKeyRing(secrets: readonly string[], purpose: string): KeyRing {
  const keys = secrets.map((secret) => deriveKey(secret, purpose));
  const [first] = keys;
  if (first === undefined) throw new TypeError(`the key ring of ${purpose} has no secret`);
  const keyOf = new Map(keys.toReversed().map(({ id, key }) => [id, key]));
  return {
    seal: (plain, aad) => seal(first, plain, aad),
    open: (sealed, aad) => open(keyOf, sealed, aad),
  };
}

interface Key {
  readonly id: number;
  readonly key: KeyObject;
}

// The id is further output of the same expansion: it names the key and says nothing about it.
function deriveKey(secret: string, purpose: string): Key {
  const bytes = expand(secret, `portcullis:${purpose}:v1`, KEY_BYTES + 4);
  return { id: bytes.readUInt32BE(KEY_BYTES), key: createSecretKey(bytes.subarray(0, KEY_BYTES)) };
}

function seal({ id, key }: Key, plain: Uint8Array, aad: string): Buffer {
  const sealed = Buffer.allocUnsafe(TEXT_AT + plain.length);
  sealed[0] = VERSION;
  sealed.writeUInt32BE(id, KEY_ID_AT);
  const nonce = randomFillSync(sealed.subarray(NONCE_AT, TAG_AT));
  const cipher = createCipheriv(ALGORITHM, key, nonce, OPTIONS).setAAD(Buffer.from(aad));
  cipher.update(plain).copy(sealed, TEXT_AT);
  cipher.final();
  cipher.getAuthTag().copy(sealed, TAG_AT);
  return sealed;
}

function open(keyOf: ReadonlyMap<number, KeyObject>, sealed: Uint8Array, aad: string): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (bytes.length > 0 && bytes[0] !== VERSION)
    throw new SealError('SEAL_VERSION', `sealed with layout ${bytes.readUInt8()}, this one is ${VERSION}`);
  if (bytes.length < TEXT_AT) throw new SealError('SEAL_CORRUPT', 'the sealed bytes are cut short');
  const key = keyOf.get(bytes.readUInt32BE(KEY_ID_AT));
  if (key === undefined) throw new SealError('SEAL_UNKNOWN_KEY', 'sealed with a key that is not in the ring');
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(NONCE_AT, TAG_AT), OPTIONS)
    .setAAD(Buffer.from(aad))
    .setAuthTag(bytes.subarray(TAG_AT, TEXT_AT));
  const plain = decipher.update(bytes.subarray(TEXT_AT));
  try {
    decipher.final();
  } catch (cause) {
    throw new SealError('SEAL_CORRUPT', 'the sealed bytes were altered or belong elsewhere', { cause });
  }
  return plain;
}
