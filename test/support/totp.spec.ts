import { afterEach, describe, expect, it, vi } from 'vitest';
import { totp } from './totp.js';

describe('totp', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('gives the codes of RFC 6238, appendix B', () => {
    vi.useFakeTimers({ now: 59_000 });
    // The RFC's secret `12345678901234567890` in base32.
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    expect(totp(secret, 0, { digits: 8 })).toBe('94287082');
    vi.setSystemTime(1_111_111_109_000);
    expect(totp(secret, 0, { digits: 8 })).toBe('07081804');
    expect(totp(secret, 1, { digits: 8 })).toBe('14050471');
  });
});
