import { createGuardrails, generateSync } from 'otplib';
import { describe, expect, it } from 'vitest';
import { encodeTotpSecret, matchStep, normalizeCode, otpauthUrl, parseTotpSecret, type TotpKey } from './totp-code.js';

// The secrets of RFC 6238 appendix B: the digits 1 to 0 over and over, as long as the hash.
const digits = (length: number): string => encodeTotpSecret(Buffer.from('1234567890'.repeat(7).slice(0, length)));
const SHA1: TotpKey = { algorithm: 'SHA1', digits: 8, periodS: 30, secret: digits(20) };
const SHA256: TotpKey = { ...SHA1, algorithm: 'SHA256', secret: digits(32) };
const SHA512: TotpKey = { ...SHA1, algorithm: 'SHA512', secret: digits(64) };

describe('a code', () => {
  it.each([
    ['SHA1', SHA1, 59, '94287082'],
    ['SHA1', SHA1, 1_111_111_109, '07081804'],
    ['SHA1', SHA1, 20_000_000_000, '65353130'],
    ['SHA256', SHA256, 59, '46119246'],
    ['SHA256', SHA256, 1_234_567_890, '91819424'],
    ['SHA512', SHA512, 59, '90693936'],
    ['SHA512', SHA512, 2_000_000_000, '38618901'],
  ])('of %s is that of RFC 6238', (_, key, seconds, code) => {
    expect(matchStep(key, code, 0, seconds * 1000)).toBe(Math.floor(seconds / 30));
  });

  it.each([
    [-2, 1, false],
    [-1, 1, true],
    [0, 1, true],
    [1, 1, true],
    [2, 1, false],
    [-1, 0, false],
    [0, 0, true],
    [2, 2, true],
  ])('%i steps away is accepted with skew %i: %s', (away, skew, accepted) => {
    const key: TotpKey = { ...SHA1, digits: 6, periodS: 60 };
    const step = 28_000_000;
    const code = generateSync({ secret: key.secret, period: 60, epoch: (step + away) * 60 });
    // The first and the last moment of a step decide alike.
    for (const second of [0, 59.999]) expect(matchStep(key, code, skew, (step * 60 + second) * 1000)).toBe(accepted ? step + away : null);
  });

  it('of a short secret that was stored elsewhere still counts', () => {
    const key: TotpKey = { algorithm: 'SHA1', digits: 6, periodS: 30, secret: 'JBSWY3DPEHPK3PXP' };
    const code = generateSync({ secret: key.secret, epoch: 0, guardrails: createGuardrails({ MIN_SECRET_BYTES: 1 }) });
    expect(matchStep(key, code, 0, 0)).toBe(0);
  });
});

describe('what a person types', () => {
  it.each([
    ['123456', 6, '123456'],
    ['123 456', 6, '123456'],
    [' 123-456\n', 6, '123456'],
    ['１２３４５６', 6, '123456'],
    ['1234 5678', 8, '12345678'],
    ['12345678', 6, null],
    ['12345', 6, null],
    ['abcdef', 6, null],
    ['١٢٣٤٥٦', 6, null],
    ['', 6, null],
    [`${' '.repeat(100)}123456`, 6, null],
  ])('%j as a code of %i digits is %s', (typed, count, code) => {
    expect(normalizeCode(typed, count)).toBe(code);
  });

  it.each([
    ['GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'],
    ['gezd gnbv gy3t qojq gezd gnbv gy3t qojq====', 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'],
    ['JBSWY3DPEHPK3PXP', null],
    ['GEZDGNBVGY3TQOJQGEZDGNBVGY3TQ018', null],
    ['', null],
  ])('%j as a secret is %s', (typed, secret) => {
    expect(parseTotpSecret(typed)).toBe(secret);
  });
});

it('writes the text of the QR code with everything escaped', () => {
  expect(otpauthUrl({ algorithm: 'SHA1', digits: 6, periodS: 30, secret: 'ABC' }, 'Authelia', 'bob')).toBe(
    'otpauth://totp/Authelia:bob?algorithm=SHA1&digits=6&issuer=Authelia&period=30&secret=ABC',
  );
  expect(otpauthUrl(SHA256, 'My & Co', 'a:b@example.com')).toMatch(/^otpauth:\/\/totp\/My%20%26%20Co:a%3Ab%40example\.com\?.*&issuer=My%20%26%20Co&/);
});
