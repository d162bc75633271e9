import { describe, expect, it } from 'vitest';
import { describeDigestProblem, parseDigest } from './digest.js';

const SALT = 'c29tZXNhbHRzb21lc2FsdA';
const KEY = 'RdescudvJCsgt3ub+b1dWRWJTmaaJObGRdescudvJCs';
const BCRYPT = 'abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ0123.';
const SHA256 = 'x'.repeat(43);
const SHA512 = 'x'.repeat(86);

describe('a digest that can be checked', () => {
  it.each<[string, object]>([
    [`$argon2id$v=19$m=65536,t=3,p=4$${SALT}$${KEY}`, { algorithm: 'argon2', variant: 'argon2id', memoryKib: 65536, iterations: 3, parallelism: 4 }],
    [`$argon2i$v=19$m=8,t=1,p=1$${SALT}$${KEY}`, { algorithm: 'argon2', variant: 'argon2i', memoryKib: 8, iterations: 1, parallelism: 1 }],
    [
      `$argon2d$v=19$m=4194304,p=2,t=1$${SALT}$${KEY}`,
      { algorithm: 'argon2', variant: 'argon2d', memoryKib: 4194304, iterations: 1, parallelism: 2 },
    ],
    [`$argon2id$v=19$t=3,m=65536,p=4$${SALT}$${KEY}`, { algorithm: 'argon2', variant: 'argon2id', memoryKib: 65536, iterations: 3, parallelism: 4 }],
    [`$2$10$${BCRYPT}`, { algorithm: 'bcrypt', variant: 'standard', cost: 10 }],
    [`$2a$04$${BCRYPT}`, { algorithm: 'bcrypt', variant: 'standard', cost: 4 }],
    [`$2b$31$${BCRYPT}`, { algorithm: 'bcrypt', variant: 'standard', cost: 31 }],
    [`$2x$12$${BCRYPT}`, { algorithm: 'bcrypt', variant: 'standard', cost: 12 }],
    [`$2y$12$${BCRYPT}`, { algorithm: 'bcrypt', variant: 'standard', cost: 12 }],
    [`$bcrypt-sha256$v=2,t=2b,r=12$${BCRYPT.slice(0, 22)}$${BCRYPT.slice(22)}`, { algorithm: 'bcrypt', variant: 'sha256', cost: 12 }],
    [`$pbkdf2$1000$c2FsdA$aGFzaA`, { algorithm: 'pbkdf2', variant: 'sha1', iterations: 1000 }],
    [`$pbkdf2-sha1$1000$c2FsdA$aGFzaA`, { algorithm: 'pbkdf2', variant: 'sha1', iterations: 1000 }],
    [`$pbkdf2-sha224$1000$c2FsdA$aGFzaA`, { algorithm: 'pbkdf2', variant: 'sha224', iterations: 1000 }],
    [
      `$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk`,
      { algorithm: 'pbkdf2', variant: 'sha256', iterations: 29000 },
    ],
    [`$pbkdf2-sha384$1$$aGFzaA`, { algorithm: 'pbkdf2', variant: 'sha384', iterations: 1 }],
    [`$pbkdf2-sha512$310000$c2FsdA$aGFzaA`, { algorithm: 'pbkdf2', variant: 'sha512', iterations: 310000 }],
    [`$scrypt$ln=16,r=8,p=1$${SALT}$${KEY}`, { algorithm: 'scrypt', variant: 'scrypt', iterations: 16, blockSize: 8, parallelism: 1 }],
    [`$5$salt$${SHA256}`, { algorithm: 'sha2crypt', variant: 'sha256', iterations: 5000 }],
    [`$5$rounds=535000$salt$${SHA256}`, { algorithm: 'sha2crypt', variant: 'sha256', iterations: 535000 }],
    [`$6$$${SHA512}`, { algorithm: 'sha2crypt', variant: 'sha512', iterations: 5000 }],
    [`$6$rounds=50000$0123456789abcdef$${SHA512}`, { algorithm: 'sha2crypt', variant: 'sha512', iterations: 50000 }],
  ])('%s is read with its parameters', (text, digest) => {
    expect(parseDigest(text)).toEqual({ text, ...digest });
    expect(describeDigestProblem(text)).toBe('a digest that can be checked');
  });

  it.each(['{CRYPT}', '{ARGON2}'])('is read without the wrapper %s', (wrapper) => {
    const text = `$argon2id$v=19$m=65536,t=3,p=4$${SALT}$${KEY}`;
    expect(parseDigest(wrapper + text)).toEqual(parseDigest(text));
  });
});

describe('what is not one', () => {
  it.each([
    ['$argon2id$v=19$m=65540,t=3,p=4$your_hashed_password_here', 'a placeholder where the salt and the hash of an argon2id digest belong'],
    ['$argon2id$v=19$m=65540,t=3,p=4$user_hashed_password_here', 'a placeholder where the salt and the hash of an argon2id digest belong'],
    ['$argon2id$v=19$m=65536,t=3,p=4$...', 'a placeholder where the salt and the hash of an argon2id digest belong'],
    ['$2y$12$<your hash>', 'a placeholder where the salt and the hash of a bcrypt digest belong'],
    ['$6$rounds=50000$salt$CHANGEME', 'a placeholder where the salt and the hash of a sha512-crypt digest belong'],
    ['', 'empty'],
    ['secret', 'not a digest; a password in plain text is not accepted'],
    ['rqXexS6ZhobKA', 'a password in plain text or a DES digest; neither is accepted'],
    [` $2y$12$${BCRYPT}`, 'a text with blanks around it'],
    [`$2y$12$${BCRYPT}\n`, 'a bcrypt digest with blanks around it'],
    [`$$2y$$12$$${BCRYPT}`, 'a text with every $ doubled, as one writes it in a Compose file; here each $ is written once'],
    ['{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', 'an SSHA digest of a directory, which is too weak'],
    ['{sha}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', 'an unsalted SHA digest of a directory, which is too weak'],
    [`{PBKDF2-SHA256}10000$abc$def`, 'a digest in the form of a directory ({PBKDF2-SHA256}) that is not known; only {CRYPT} and {ARGON2} are'],
    ['{CRYPT}$1$O3JMY.Tw$AdLnLjQ/5jXF9.MTp3gHv/', 'an MD5-crypt digest, which is too weak'],
    ['_J9..CCCCXBrJUJV154M', 'an extended DES digest, which is too weak'],
    ['$3$$8846f7eaee8fb117ad06bdd830b7586c', 'an NT hash, which is too weak'],
    ['$7$CU..../....saltsalt$6ww5SAK0/7p9WW5plCUlfgXj06fa/soUcEzZCxs/ntD', 'an scrypt digest in the form of crypt(3), which cannot be checked here'],
    ['$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7', 'a yescrypt digest, which cannot be checked here'],
    ['$1$O3JMY.Tw$AdLnLjQ/5jXF9.MTp3gHv/', 'an MD5-crypt digest, which is too weak'],
    ['$apr1$TqI9WECO$LHZB2DqRlk9nObiB6vJG9.', "a digest of Apache's MD5, which is too weak"],
    ['$sha1$480000$fzQ3$QzE', 'a SHA1-crypt digest, which is too weak'],
    ['$plaintext$secret', 'a password in plain text'],
    ['$whirlpool$abc', 'a digest of a family that is not known'],
    ['$toString$abc', 'a digest of a family that is not known'],
    [`$argon2id$m=65536,t=3,p=4$${SALT}$${KEY}`, 'an argon2id digest that is cut short or altered'],
    [`$argon2id$v=16$m=65536,t=3,p=4$${SALT}$${KEY}`, 'an argon2id digest that is cut short or altered'],
    [`$argon2id$v=19$m=65536,t=3$${SALT}$${KEY}`, 'an argon2id digest that is cut short or altered'],
    [`$argon2id$v=19$m=65536,t=3,p=4,p=4$${SALT}$${KEY}`, 'an argon2id digest that is cut short or altered'],
    [`$argon2id$v=19$m=65536,t=3,p=4$${SALT}`, 'an argon2id digest that is cut short or altered'],
    [`$argon2id$v=19$m=65536,t=3,p=4$${SALT}$${KEY}AA`, 'an argon2id digest that is cut short or altered'],
    [`$argon2id$v=19$m=65536,t=3,p=4$${SALT}$${KEY}=`, 'an argon2id digest that is cut short or altered'],
    [`$2y$12$${BCRYPT}x`, 'a bcrypt digest that is cut short or altered'],
    [`$bcrypt-sha256$2a,12$${BCRYPT.slice(0, 22)}$${BCRYPT.slice(22)}`, 'a bcrypt-sha256 digest that is cut short or altered'],
    [`$scrypt$ln=16,r=8,p=1$${SALT}$`, 'an scrypt digest that is cut short or altered'],
    [`$6$saltsaltsaltsalts$${SHA512}`, 'a sha512-crypt digest that is cut short or altered'],
    [`$argon2id$v=19$m=31,t=3,p=4$${SALT}$${KEY}`, 'an argon2id digest with m of 31, which must lie between 32 and 4194304'],
    [`$argon2id$v=19$m=67108864,t=3,p=4$${SALT}$${KEY}`, 'an argon2id digest with m of 67108864, which must lie between 32 and 4194304'],
    [`$argon2id$v=19$m=65536,t=0,p=4$${SALT}$${KEY}`, 'an argon2id digest with t of 0, which must lie between 1 and 4294967295'],
    [`$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$${KEY}`, 'an argon2id digest with a salt in bytes of 4, which must lie between 8 and 1024'],
    [`$argon2id$v=19$m=65536,t=3,p=4$${SALT}$aGFz`, 'an argon2id digest with a hash in bytes of 3, which must lie between 4 and 1024'],
    [`$2b$03$${BCRYPT}`, 'a bcrypt digest with a cost of 3, which must lie between 4 and 31'],
    [`$2b$32$${BCRYPT}`, 'a bcrypt digest with a cost of 32, which must lie between 4 and 31'],
    [`$pbkdf2-sha512$0$c2FsdA$aGFzaA`, 'a pbkdf2-sha512 digest with iterations of 0, which must lie between 1 and 2147483647'],
    [`$scrypt$ln=30,r=8,p=1$${SALT}$${KEY}`, 'an scrypt digest with memory in KiB of 1073741824, which must lie between 0 and 4194304'],
    [`$6$rounds=999$salt$${SHA512}`, 'a sha512-crypt digest with rounds of 999, which must lie between 1000 and 999999999'],
  ])('%j is named for what it is', (text, problem) => {
    expect(parseDigest(text)).toBeNull();
    expect(describeDigestProblem(text)).toBe(problem);
  });

  it('is read in linear time, however long', () => {
    expect(parseDigest(`$scrypt$ln=16,r=8,p=1$${'A'.repeat(200_000)}`)).toBeNull();
    expect(parseDigest(`$argon2id$v=19$${'m=1,'.repeat(50_000)}$`)).toBeNull();
  });
});
