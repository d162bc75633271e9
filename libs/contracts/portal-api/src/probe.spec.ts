import { describe, expect, it } from 'vitest';
import { PROBE_LIFE_MS, probeMark, readProbe } from './probe.js';

const NOW = 1_700_000_000_000;
const probe = { id: 'abcdefghijklmnopqrstuv', expiresAtMs: NOW + PROBE_LIFE_MS };
/** As long as a signature is; that it is one is for platform-seal to say. */
const sign = (text: string): string => text.replaceAll('.', '_').padEnd(43, 'x').slice(0, 43);
const isSigned = (text: string, signature: string): boolean => sign(text) === signature;
const mark = probeMark(probe, sign);

describe('a probe', () => {
  it('is found in a path, a header or an address', () => {
    for (const text of [mark, `/.${mark}%01`, `https://x.example.com/a/${mark}/b?c`]) expect(readProbe(text, NOW, isSigned)).toEqual(probe);
  });

  it.each<[string, string, number]>([
    ['no mark', '/a/b', NOW],
    ['an altered id', mark.replace('abc', 'abd'), NOW],
    ['an altered expiry', mark.replace(String(probe.expiresAtMs), String(probe.expiresAtMs + 1)), NOW],
    ['another signature', `${mark.slice(0, -1)}y`, NOW],
    ['an end that has come', mark, NOW + PROBE_LIFE_MS],
    ['an end too far away', mark, NOW - 2 * PROBE_LIFE_MS],
  ])('is none with %s', (_, text, now) => {
    expect(readProbe(text, now, isSigned)).toBeNull();
  });
});
