import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { deriveSecret, expand, keyedHash } from './derive.js';

describe('expand', () => {
  it('is HKDF-SHA256 with an empty salt, as in RFC 5869 test case 3', () => {
    const secret = Buffer.alloc(22, 0x0b).toString('latin1');
    expect(expand(secret, '', 42).toString('hex')).toBe('8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8');
  });
});

describe('a derived secret', () => {
  it('is the same each time and another for each purpose and each secret', () => {
    expect(deriveSecret('s', 'rpc')).toBe(deriveSecret('s', 'rpc'));
    expect(new Set([deriveSecret('s', 'rpc'), deriveSecret('s', 'storage'), deriveSecret('t', 'rpc')]).size).toBe(3);
  });

  it('carries 256 bits as base64url', () => {
    expect(deriveSecret('s', 'rpc')).toMatch(/^[\w-]{43}$/);
  });

  it('is not the key that seals for the same purpose', () => {
    expect(deriveSecret('s', 'rpc')).not.toBe(expand('s', 'portcullis:rpc:v1', 32).toString('base64url'));
  });

  it('cannot come from an empty secret', () => {
    expect(() => deriveSecret('', 'rpc')).toThrow('is empty');
  });
});

describe('a keyed hash', () => {
  it('is HMAC-SHA256 under the key of its purpose, as base64url', () => {
    const key = expand('s', 'portcullis-hash:code:v1', 32);
    expect(keyedHash('s', 'code')('ABC日')).toBe(createHmac('sha256', key).update('ABC日', 'utf8').digest('base64url'));
  });

  it('differs by secret, purpose and data', () => {
    const hashes = [keyedHash('s', 'code')('a'), keyedHash('t', 'code')('a'), keyedHash('s', 'link')('a'), keyedHash('s', 'code')('b')];
    expect(new Set(hashes).size).toBe(4);
  });
});
