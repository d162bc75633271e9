import { afterAll, describe, expect, it } from 'vitest';
import { createDigests } from './create-digests.js';
import type { DigestOptions } from './digest-options.js';

const digests = createDigests({ slots: 2 });
afterAll(() => digests.close());

const PLAIN = 'password';
const WIDE = 'pässwörd 日本🙂';

/** Made by go-crypt 0.14.15 (what Authelia makes and checks), passlib 1.7.4, and crypt(3) of glibc. */
const KNOWN: readonly (readonly [maker: string, password: string, digest: string])[] = [
  ['go-crypt', PLAIN, '$argon2id$v=19$m=1024,t=2,p=4$NIjUcJfhOYpQ/ArG0kToDg$FUmIzn4GyH3nRBBmXzNaS2EyDHIvq2DQwEJHsZzSpvU'],
  ['go-crypt', WIDE, '$argon2id$v=19$m=1024,t=2,p=4$bcXdOiwqyoCsjaJoXLt2OA$iAVlAPM4pIfFGFTcp8Dxp5zl8hnc+YjTy9bbXEkANEQ'],
  ['go-crypt', PLAIN, '$argon2i$v=19$m=1024,t=2,p=4$2d3Pfgmi0pLbEfyf8d5EVw$GvYtdo2zdQVsjnEkTdXbL7Ej+VyUjsGWno74AyWp/Lw'],
  ['go-crypt', WIDE, '$argon2i$v=19$m=1024,t=2,p=4$pyxm7sMlYua+grBrdkwTnQ$p5Yp5aJJ+lZnZ6oR6BBITU4HHGmKxI5MYmpjEyWc2sQ'],
  ['go-crypt', PLAIN, '$argon2d$v=19$m=1024,t=2,p=4$/F4XSpvixRXbSBiTL8CVUw$f6Y5FV6xvt7V4ATrnlEXlR7QeWJ7ysQjwZ7l2RlZoR0'],
  ['go-crypt', WIDE, '$argon2d$v=19$m=1024,t=2,p=4$eJJeNHk11Y+2x4DOfD565Q$/YIH0NLpMz94Drx6bi/oFUUIIYjPNZK53mTavY6IZgE'],
  ['go-crypt', PLAIN, '$argon2id$v=19$m=1020,t=1,p=3$WMZazoekKAph8dc$XQqRqfsfupn5pBCi6+RjZklYCFIeNF4Wn85PsSLsWwm9AiKEAbEYqt7hiDxl5qhNrxnMiMyVqVLb'],
  ['passlib', WIDE, '$argon2id$v=19$m=512,t=2,p=2$bu3dG+O8lzKG0NrbGyMEQA$6hQ/a5VIvEO5PeEY4V57oarh68OgoA7LXgGICbxbRUA'],
  ['passlib', WIDE, '{ARGON2}$argon2id$v=19$m=512,p=2,t=2$bu3dG+O8lzKG0NrbGyMEQA$6hQ/a5VIvEO5PeEY4V57oarh68OgoA7LXgGICbxbRUA'],

  ['go-crypt', PLAIN, '$2b$10$BmtC7llYhwTWPNXlY.gExe2n3hAO09YdXfFYG0ROA2f2FRR0Arw5G'],
  ['go-crypt', WIDE, '$2b$10$YWUUa7jWnu0UjP9VvqFAU.1tgYR/KBWA3qCulcC0YEmmlrUFD0pfy'],
  ['passlib', PLAIN, '$2$04$g2munEPB/Q0op7wiTDGQm.0TYo/3QGYhCBLDbGAu0ZR6gA4woQ32O'],
  ['passlib', WIDE, '$2$04$vc4U5k8cJFdr2EDZZBHCVePp.JplY7KBYQ9hQ7CIyVvH0d1yKkfnG'],
  ['passlib', PLAIN, '$2a$04$FchJO8g.Vi7BarqZkOpFTOAvyXDlM8LGYwmgoLL8byzPEn0WT0cZe'],
  ['passlib', WIDE, '$2a$04$7VA5wpY2XwehRoAc77CuvOgSc0v8u5t4L29UVw7DfdQUmZJcWBCue'],
  ['passlib', PLAIN, '$2y$04$zBBkP4m65xGbKBR1dFVTiOR61DfUMERQpY9U9ztF5z.2EWXhmenUS'],
  ['passlib', WIDE, '$2y$04$rEG/7PuWrR2lhhc.aWby9.ZIgGF5kuUxaivfkp6p64EWtK8/X7DWK'],
  ['bcrypt for Python', 'pässwörd', '$2x$04$abcdefghijklmnopqrstuuyx2n0Zzopyr9QuYTMCfOJJOj526QVoC'],
  ['bcrypt for Python', 'x'.repeat(72), '{CRYPT}$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i'],
  ['go-crypt', PLAIN, '$bcrypt-sha256$v=2,t=2b,r=10$FCeOYTKxwfJ7L7VA2WkSBe$fX4QAi4yk/fTISdHlM16NaPb4gFko1C'],
  ['go-crypt', WIDE, '$bcrypt-sha256$v=2,t=2b,r=10$Yh3QsJx8lQedFA8rpiwLpe$4Xp8aYLOevp44lE9MVui3RB.fGFMpDy'],
  ['passlib', WIDE, '$bcrypt-sha256$v=2,t=2b,r=4$Rc4Qh8NONhGAvsV/xdtQ3e$ETPr30dHF5e4Z4a1tN6StdPWw/JJLI6'],

  ['go-crypt', PLAIN, '$pbkdf2$100000$wDLjTg042tLpLvu0RFmsEw$rGa1ZISAm73dBmis9K2NeA3J6uA'],
  ['passlib', WIDE, '$pbkdf2$1000$ydl7jxECwNg7JySE8D5n7A$Y/9qCvuncMNX6H.Hb/wRi3pRsHI'],
  ['passlib', WIDE, '$pbkdf2-sha1$1000$ydl7jxECwNg7JySE8D5n7A$Y/9qCvuncMNX6H.Hb/wRi3pRsHI'],
  ['go-crypt', PLAIN, '$pbkdf2-sha224$100000$oYhBpjRf6fYOfAWqRYrjOQ$rZqy6zCAJl.XNhaKrX7IV3belm.gafyrIkYSTQ'],
  ['go-crypt', PLAIN, '$pbkdf2-sha256$100000$SNFNTcbSJ0OFJ6OHGPSFew$rhI6opw9yg/HSRaA7SzNFgVvHfTGj5TtKzp8R0W6pr8'],
  ['passlib', WIDE, '$pbkdf2-sha256$1000$MsbYG6MUAgAgZEwpJSRECA$Qlfw/3B0WPNMh2PtzyECRv4vQIbr3OuGTGkqvYIT1bM'],
  ['go-crypt', PLAIN, '$pbkdf2-sha384$100000$iOyhEUK91hUIo8SqN6dsxg$wv1ACOce9aDi3aP23gLqemcqlkk4MEQx/VI2XDtiqL1inheyFpQ399rhfr8rtsHm'],
  [
    'go-crypt',
    WIDE,
    '$pbkdf2-sha512$100000$pmQAK9RwzjKMFqPLy2gqFg$H47/oYDYm0s8PR9B8rG1baG/F4Lhx8uM6MpKqMgWxrZgYHoxdygL9T1RWCL3ihhRiHi29Jj75An9yhv/0LKYaw',
  ],

  ['go-crypt', PLAIN, '$scrypt$ln=10,r=8,p=2$GKx9C8BOiVZYFtRudDljVA$vX9eFZyrOdJA75sczGlOd0BIDG5kRGigpY+XRqSHyyc'],
  ['passlib', WIDE, '$scrypt$ln=10,r=8,p=1$Rwjh/L/3ntNai/Feq9Wa0w$5uK9tJ32cciEcTcBfy4RWYCBPfGA5qsVVTCda0gFPy0'],

  ['go-crypt', PLAIN, '$5$rounds=1000$rWzvg24lZlleRDiR$QHtIrZP0aHkESDuKrhAi2qbTf.MCoTPvx.HtJegUsS4'],
  ['go-crypt', WIDE, '$5$rounds=1000$tpLRNgB5yUJmfTUA$amHYLCAyv4f2Cu48rAgYJPmF4OPmsBhR0RPR9HlivV1'],
  ['go-crypt', PLAIN, '$6$rounds=1000$EppnmTcjKb0dDlCz$q05UBCJq3jkUcMK9x6/GUEhvFoVbnEeT3aujdIvpAWWbWtaAFsMAigAf8H4FFRYkt9VzemXO6to.Ul7uI2AW60'],
  ['crypt(3)', PLAIN, '$5$rounds=1000$a$eSkQcHrw2Ew1h8KBMRueAkeQNqFFx6sRi/vGTeV/5G1'],
  ['crypt(3)', WIDE, '$6$rounds=1400$anotherlongsalts$ZOoLOTWirgMe6K37lwVYSHr5M5BHqGCaL90ZIFvcxIu9OsyKP8jTsIY82RLep3mHlldo3KchGQsZ7qyFMNfWg0'],
  ['crypt(3)', PLAIN, '$6$$bLTg4cpho8PIUrjfsE7qlU08Qx2UEfw..xOc6I1wpGVtyVYToGrr7BzRdAAnEr5lYFr1Z9WcCf1xNZ1HG9qFW1'],
  ['crypt(3)', 'x'.repeat(64), '$6$saltstringsaltst$BxJWcUd0tXs1iEjFlcvq6rCQEr9pIbsvCazGRYpfz6/BBngYUp59czAgNN4rPk7/wps3fGXtgkzPyk7AgjZH40'],
  ['crypt(3)', 'x', '$5$rounds=1000$saltstring$s6A9K90fpv3yUqOP.baGbgOqQ5pQniJkMNlrTrnXwn.'],
  ['crypt(3)', 'x'.repeat(31), '$5$rounds=1000$saltstring$KCtvfyVUxv1zEqFJhLFt.xruH2X31flT3iT0siKVZ62'],
  ['crypt(3)', 'x'.repeat(32), '$5$rounds=1000$saltstring$8uRt7LAoBu4RRi8ETZlb0dls3g.AF5JsD9wnLYcya.6'],
  ['crypt(3)', 'x'.repeat(33), '$5$rounds=1000$saltstring$kdrMxL6TH4KLVkjTse9jQqTY8jXCvEB3qdu123JmPS9'],
  ['crypt(3)', 'x'.repeat(64), '$5$rounds=1000$saltstring$V3QgEL3OA4u6OD0uXIpsUwlG5wE4n939UNJOglGmT23'],
  ['crypt(3)', 'x'.repeat(200), '$5$rounds=1000$saltstring$4eRJ2tl7h8FcfGR9Gne.9eAgo4Gn9aazhcM6Lvs0Y.A'],
  ['crypt(3)', 'x'.repeat(63), '$6$rounds=1000$saltstring$ZsMXB0saHB.1548J1VNl3kqx4Uhb1pf0HyHqgMuixJ.0ljo.971qgdmwh.YbvYuqV4Mbt.fJD4FIaGY.U0R/w1'],
  ['crypt(3)', 'x'.repeat(64), '$6$rounds=1000$saltstring$xGXl7uexPsVIxPLg8Z17ZyOSy4gaC5.ZSRC09wWA/T7m950.J69IUGk3Ond7lqyZnuFHbIQzpYFo8.xf/LnND0'],
  ['crypt(3)', 'x'.repeat(65), '$6$rounds=1000$saltstring$ug1lUCwkXEmF1uvXvgqkzsh7UPMK5MXjnBiX34ZCw44Gi0zhH2suqPIk6QX7W9aWeNaaHMVZPUbRohhUK.SDx.'],
  ['crypt(3)', 'x'.repeat(128), '$6$rounds=1000$saltstring$hBsgChBSIGQBFfhl4MgxTHrJrRDxyXsFTRJyT/q1KnfmvpciS0oTgAw8X5D6TsIpCgyO7kNmmD9x/emc5YoqY/'],
];

describe('a digest', () => {
  it.each(KNOWN)('of %s opens to its password %j alone: %s', async (_, password, digest) => {
    expect(await digests.verify(digest, password)).toBe(true);
    expect(await digests.verify(digest, `${password}x`)).toBe(false);
    expect(await digests.verify(digest, password.slice(0, -1))).toBe(false);
    expect(await digests.verify(digest, '')).toBe(false);
  });

  it('of bcrypt does not open to a longer password with the same beginning, nor to one with NUL', async () => {
    const digest = '$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i';
    expect(await digests.verify(digest, 'x'.repeat(73))).toBe(false);
    const once = await digests.make({ algorithm: 'bcrypt', variant: 'standard', cost: 4 }, 'ab');
    expect(await digests.verify(once, 'ab\0ab')).toBe(false);
  });

  it.each([
    '',
    'password',
    '$argon2id$v=19$m=65540,t=3,p=4$your_hashed_password_here',
    '$argon2id$v=16$m=1024,t=2,p=4$bcXdOiwqyoCsjaJoXLt2OA$iAVlAPM4pIfFGFTcp8Dxp5zl8hnc+YjTy9bbXEkANEQ',
    '$argon2id$v=19$m=1024,p=4$bcXdOiwqyoCsjaJoXLt2OA$iAVlAPM4pIfFGFTcp8Dxp5zl8hnc+YjTy9bbXEkANEQ',
    '$2b$10$short',
    '$2b$1x$BmtC7llYhwTWPNXlY.gExe2n3hAO09YdXfFYG0ROA2f2FRR0Arw5G',
    '$bcrypt-sha256$2a,12$FCeOYTKxwfJ7L7VA2WkSBe$fX4QAi4yk/fTISdHlM16NaPb4gFko1C',
    '$pbkdf2-sha256$1000$MsbYG6MUAgAgZEwpJSRECA$',
    '$scrypt$ln=10,r=8,p=1$Rwjh/L/3ntNai/Feq9Wa0w$',
    '$6$salt$short',
    '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7',
    '$1$O3JMY.Tw$AdLnLjQ/5jXF9.MTp3gHv/',
    '{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=',
  ])('that is none is a fault, not a wrong password: %j', async (text) => {
    await expect(digests.verify(text, 'password')).rejects.toMatchObject({ name: 'DigestsError', code: 'DIGESTS_UNSUPPORTED' });
  });
});

const CHEAP: readonly (readonly [DigestOptions, RegExp])[] = [
  [
    { algorithm: 'argon2', variant: 'argon2id', iterations: 1, memoryKib: 64, parallelism: 2, keyLength: 32, saltLength: 16 },
    /^\$argon2id\$v=19\$m=64,t=1,p=2\$[\w+/]{22}\$[\w+/]{43}$/,
  ],
  [
    { algorithm: 'argon2', variant: 'argon2d', iterations: 2, memoryKib: 64, parallelism: 1, keyLength: 4, saltLength: 8 },
    /^\$argon2d\$v=19\$m=64,t=2,p=1\$[\w+/]{11}\$[\w+/]{6}$/,
  ],
  [{ algorithm: 'bcrypt', variant: 'standard', cost: 4 }, /^\$2b\$04\$[\w./]{53}$/],
  [{ algorithm: 'bcrypt', variant: 'sha256', cost: 4 }, /^\$bcrypt-sha256\$v=2,t=2b,r=4\$[\w./]{22}\$[\w./]{31}$/],
  [{ algorithm: 'pbkdf2', variant: 'sha1', iterations: 1000, saltLength: 16 }, /^\$pbkdf2\$1000\$[\w./]{22}\$[\w./]{27}$/],
  [{ algorithm: 'pbkdf2', variant: 'sha512', iterations: 1000, saltLength: 8 }, /^\$pbkdf2-sha512\$1000\$[\w./]{11}\$[\w./]{86}$/],
  [
    { algorithm: 'scrypt', variant: 'scrypt', iterations: 5, blockSize: 8, parallelism: 1, keyLength: 32, saltLength: 16 },
    /^\$scrypt\$ln=5,r=8,p=1\$[\w+/]{22}\$[\w+/]{43}$/,
  ],
  [{ algorithm: 'sha2crypt', variant: 'sha256', iterations: 1000, saltLength: 16 }, /^\$5\$rounds=1000\$[\w./]{16}\$[\w./]{43}$/],
  [{ algorithm: 'sha2crypt', variant: 'sha512', iterations: 5000, saltLength: 8 }, /^\$6\$[\w./]{8}\$[\w./]{86}$/],
];

describe('a new digest', () => {
  it.each(CHEAP)('of %o is written as others write it, opens to its password, and is never made twice', async (options, shape) => {
    const [first, second] = await Promise.all([digests.make(options, WIDE), digests.make(options, WIDE)]);
    expect(first).toMatch(shape);
    expect(second).not.toBe(first);
    expect(await digests.verify(first, WIDE)).toBe(true);
    expect(await digests.verify(first, PLAIN)).toBe(false);
  });

  it('of scrypt may take more memory than Node grants by itself', async () => {
    const digest = await digests.make(
      { algorithm: 'scrypt', variant: 'scrypt', iterations: 16, blockSize: 8, parallelism: 1, keyLength: 32, saltLength: 16 },
      PLAIN,
    );
    expect(await digests.verify(digest, PLAIN)).toBe(true);
  });

  it('is not made where bcrypt would read the beginning of the password alone', async () => {
    const bcrypt = { algorithm: 'bcrypt', variant: 'standard', cost: 4 } as const;
    await expect(digests.make(bcrypt, 'é'.repeat(37))).rejects.toMatchObject({ code: 'DIGESTS_PASSWORD_TOO_LONG' });
    const sha256 = { ...bcrypt, variant: 'sha256' } as const;
    const long = await digests.make(sha256, 'é'.repeat(37));
    expect(await digests.verify(long, 'é'.repeat(37))).toBe(true);
    expect(await digests.verify(long, `${'é'.repeat(37)}x`)).toBe(false);
  });
});

describe('hashing', () => {
  it.each(['$2b$10$BmtC7llYhwTWPNXlY.gExe2n3hAO09YdXfFYG0ROA2f2FRR0Arw5G', '$6$rounds=50000$salt$' + 'x'.repeat(86)])(
    'leaves the event loop its turns: %s',
    async (digest) => {
      let turns = 0;
      let done = false;
      const verified = digests.verify(digest, 'wrong').finally(() => (done = true));
      const turn = (): void => {
        turns += 1;
        if (!done) setImmediate(turn);
      };
      turn();
      await verified;
      expect(turns).toBeGreaterThan(10);
    },
  );

  it('is refused as busy beyond its slots and its line, and counted meanwhile', async () => {
    const narrow = createDigests({ slots: 1, maxWaiting: 1 });
    const digest = '$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i';
    const first = narrow.verify(digest, 'a');
    const second = narrow.verify(digest, 'b');
    await expect(narrow.verify(digest, 'c')).rejects.toMatchObject({ code: 'DIGESTS_BUSY' });
    expect([narrow.busy(), narrow.waiting()]).toEqual([1, 1]);
    await Promise.all([first, second]);
    expect([narrow.busy(), narrow.waiting()]).toEqual([0, 0]);
  });
});
