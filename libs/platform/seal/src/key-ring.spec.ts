import { createDecipheriv, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createKeyRing } from './key-ring.js';

const PLAIN = Buffer.from('{"name":"日本","level":2}');

/** HKDF-SHA256 by the text of RFC 5869 (empty salt), as a second opinion on the keys. */
function hkdfBlock(secret: string, info: string): Buffer {
  const pseudorandomKey = createHmac('sha256', Buffer.alloc(32)).update(secret).digest();
  return createHmac('sha256', pseudorandomKey)
    .update(info)
    .update(Buffer.from([1]))
    .digest();
}

describe('a key ring', () => {
  const ring = createKeyRing(['first secret'], 'session');

  it.each([
    ['an empty text', Buffer.alloc(0)],
    ['a short text', PLAIN],
    ['64 KiB', Buffer.alloc(65_536, 7)],
  ])('gives back %s as it was sealed', (_, plain) => {
    const sealed = ring.seal(plain, 'portcullis:session:abc');
    expect(ring.open(sealed, 'portcullis:session:abc')).toEqual(plain);
    expect(sealed.length).toBe(plain.length + 33);
  });

  it('lays out version, key id, nonce, tag and ciphertext under a key of HKDF-SHA256', () => {
    const sealed = ring.seal(PLAIN, 'here');
    const decipher = createDecipheriv('aes-256-gcm', hkdfBlock('first secret', 'portcullis:session:v1'), sealed.subarray(5, 17));
    decipher.setAAD(Buffer.from('here')).setAuthTag(sealed.subarray(17, 33));
    expect(Buffer.concat([decipher.update(sealed.subarray(33)), decipher.final()])).toEqual(PLAIN);
    expect(sealed[0]).toBe(1);
  });

  it('never seals the same text to the same bytes', () => {
    const sealed = new Set(Array.from({ length: 100 }, () => ring.seal(PLAIN, '').toString('hex')));
    expect(sealed.size).toBe(100);
  });

  it('leaves nothing of the text readable', () => {
    expect(ring.seal(PLAIN, '').toString('latin1')).not.toContain('name');
  });

  it('opens bytes that lie in the middle of a larger buffer', () => {
    const sealed = ring.seal(PLAIN, 'a');
    const larger = new Uint8Array(sealed.length + 20);
    larger.set(sealed, 10);
    expect(ring.open(larger.subarray(10, 10 + sealed.length), 'a')).toEqual(PLAIN);
  });

  it('refuses bytes whose place, ciphertext, tag or nonce is another', () => {
    const sealed = ring.seal(PLAIN, 'portcullis:session:abc');
    expect(() => ring.open(sealed, 'portcullis:session:abd')).toThrow(expect.objectContaining({ code: 'SEAL_CORRUPT' }));
    for (let at = 5; at < sealed.length; at += 1) {
      const altered = Buffer.from(sealed);
      altered[at]! ^= 1;
      expect(() => ring.open(altered, 'portcullis:session:abc'), `byte ${at}`).toThrow(expect.objectContaining({ code: 'SEAL_CORRUPT' }));
    }
  });

  it('refuses every shorter part of the bytes', () => {
    const sealed = ring.seal(PLAIN, 'a');
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => ring.open(sealed.subarray(0, length), 'a'), `${length} bytes`).toThrow(expect.objectContaining({ code: 'SEAL_CORRUPT' }));
    }
  });

  it.each([0, 2, 123, 255])('refuses layout %i by its own code', (version) => {
    const sealed = ring.seal(PLAIN, 'a');
    sealed[0] = version;
    expect(() => ring.open(sealed, 'a')).toThrow(expect.objectContaining({ code: 'SEAL_VERSION' }));
  });

  it('opens what each of its secrets sealed, and seals with the first', () => {
    const old = createKeyRing(['old'], 'session');
    const rotated = createKeyRing(['new', 'old'], 'session');
    expect(rotated.open(old.seal(PLAIN, 'a'), 'a')).toEqual(PLAIN);
    expect(createKeyRing(['new'], 'session').open(rotated.seal(PLAIN, 'a'), 'a')).toEqual(PLAIN);
    expect(() => old.open(rotated.seal(PLAIN, 'a'), 'a')).toThrow(expect.objectContaining({ code: 'SEAL_UNKNOWN_KEY' }));
  });

  it('does not open what the same secret sealed for another purpose', () => {
    expect(() => createKeyRing(['first secret'], 'rpc').open(ring.seal(PLAIN, 'a'), 'a')).toThrow(
      expect.objectContaining({ code: 'SEAL_UNKNOWN_KEY' }),
    );
  });

  it('cannot be made without a secret', () => {
    expect(() => createKeyRing([], 'session')).toThrow('the key ring of session has no secret');
    expect(() => createKeyRing(['a', ''], 'session')).toThrow('is empty');
  });
});
