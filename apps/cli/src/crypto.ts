import { authenticationBackendSection } from '@portcullis/contracts-configuration';
import {
  describeDigestProblem,
  DIGEST_DEFAULTS,
  type DigestAlgorithm,
  type DigestOptions,
  digestOptionProblems,
  parseDigest,
} from '@portcullis/domain-passwords';
import { createDigests } from '@portcullis/platform-digests';
import { type Command, Option } from 'commander';
import { readConfiguration } from './config.js';
import { Failure, misused } from './failure.js';
import { askPassword } from './ask-password.js';
import { addCertificate } from './crypto-certificate.js';
import { addPair } from './crypto-pair.js';
import { examples, globalsOf } from './globals.js';
import { wholeNumber } from './whole-number.js';
import { CHARSETS, randomText } from './random-text.js';

interface PasswordOptions {
  readonly password?: string;
  readonly confirm?: boolean;
  readonly random?: boolean;
  readonly 'random.length': string;
  readonly 'random.charset': string;
  readonly 'random.characters'?: string;
}

type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** Flags of each algorithm (reference 6.4): the option's name in DigestOptions, and how it is written. */
const FLAGS: Readonly<Record<DigestAlgorithm, readonly (readonly [key: string, flags: string, text: string, choices?: readonly string[]])[]>> = {
  argon2: [
    ['variant', '-v, --variant <name>', 'which of them', ['argon2id', 'argon2i', 'argon2d']],
    ['iterations', '-i, --iterations <n>', 'passes over the memory'],
    ['memoryKib', '-m, --memory <KiB>', 'memory in KiB'],
    ['parallelism', '-p, --parallelism <n>', 'lanes'],
    ['keyLength', '-k, --key-size <bytes>', 'size of the hash'],
    ['saltLength', '-s, --salt-size <bytes>', 'size of the salt'],
  ],
  bcrypt: [
    ['variant', '-v, --variant <name>', 'sha256: any length of password', ['standard', 'sha256']],
    ['cost', '-i, --cost <n>', 'doublings'],
  ],
  pbkdf2: [
    ['variant', '-v, --variant <name>', 'the hash inside', ['sha1', 'sha224', 'sha256', 'sha384', 'sha512']],
    ['iterations', '-i, --iterations <n>', 'rounds'],
    ['saltLength', '-s, --salt-size <bytes>', 'size of the salt'],
  ],
  scrypt: [
    ['variant', '-v, --variant <name>', 'yescrypt can be neither made nor checked', ['scrypt']],
    ['iterations', '-i, --iterations <ln>', 'doublings of the memory'],
    ['blockSize', '-r, --block-size <n>', 'block size'],
    ['parallelism', '-p, --parallelism <n>', 'lanes'],
    ['keyLength', '-k, --key-size <bytes>', 'size of the hash'],
    ['saltLength', '-s, --salt-size <bytes>', 'size of the salt'],
  ],
  sha2crypt: [
    ['variant', '-v, --variant <name>', 'the hash inside', ['sha256', 'sha512']],
    ['iterations', '-i, --iterations <n>', 'rounds'],
    ['saltLength', '-s, --salt-size <bytes>', 'size of the salt'],
  ],
};

export function addCrypto(program: Command): void {
  const crypto = program.command('crypto').description('password digests, keys, certificates, random values; works without a configuration');
  const hash = crypto.command('hash').description('password digests');
  const generate = withPassword(hash.command('generate').description('make the digest of a password (no algorithm: the configured one)'))
    .allowExcessArguments()
    .addHelpText(
      'after',
      examples('crypto hash generate argon2', "crypto hash generate argon2 --password 'a password'", 'crypto hash generate --random'),
    )
    .action(async (_options: unknown, command: Command) => {
      const [other] = command.args;
      if (other !== undefined) throw misused(`'${other}' is not one of ${Object.keys(FLAGS).join(', ')}.`);
      await makeDigest(configured(globalsOf(command).files), command);
    });
  for (const algorithm of Object.keys(FLAGS) as DigestAlgorithm[]) addAlgorithm(generate, algorithm);
  hash
    .command('validate')
    .description('tell whether a password is the one of a digest; exit 1 where it is not')
    .argument('<digest>', 'the digest, in single quotes, behind --')
    .option('--password <text>', 'the password; asked for without echo when absent')
    .addHelpText('after', examples("crypto hash validate --password 'a password' -- '$argon2id$…'"))
    .action(async (digest: string, { password }: PasswordOptions, command: Command) => {
      await validate(digest, password ?? (await askPassword('Enter Password:')), command);
    });
  addPair(crypto);
  addCertificate(crypto);
  crypto
    .command('rand')
    .description('a random value')
    .option('-n, --length <n>', 'characters', '72')
    .addOption(new Option('-x, --charset <name>', 'which characters').choices(Object.keys(CHARSETS)).default('alphanumeric'))
    .option('--characters <set>', 'exactly these characters instead')
    .addHelpText('after', examples('crypto rand', 'crypto rand --length 20 --charset rfc3986'))
    .action((options: { length: string; charset: string; characters?: string }, command: Command) => {
      const value = randomText(options.charset, options.characters, wholeNumber('--length', options.length));
      const { output } = globalsOf(command);
      output.answer({ value }, () => {
        output.line(`Random Value: ${value}`);
      });
    });
}

function addAlgorithm(generate: Command, algorithm: DigestAlgorithm): void {
  const command = withPassword(generate.command(algorithm).description(`make a digest by ${algorithm}`));
  const defaults = DIGEST_DEFAULTS[algorithm] as unknown as Readonly<Record<string, string | number>>;
  for (const [key, flags, text, choices] of FLAGS[algorithm]) {
    const option = new Option(flags, text).default(String(defaults[key] ?? ''));
    command.addOption(choices === undefined ? option : option.choices(choices));
  }
  if (algorithm === 'argon2') command.addOption(new Option('--profile <name>', 'low-memory: 32 MiB').choices(['recommended', 'low-memory']));
  command.addHelpText('after', examples(`crypto hash generate ${algorithm}`, `crypto hash generate ${algorithm} --random`));
  command.action(async (_options: unknown, self: Command) => {
    await makeDigest(optionsOf(algorithm, self), self);
  });
}

function withPassword(command: Command): Command {
  return command
    .option('--password <text>', 'the password; asked for without echo when absent')
    .option('--no-confirm', 'ask once')
    .option('--random', 'make up a password, and print it')
    .option('--random.length <n>', 'its length', '72')
    .addOption(new Option('--random.charset <name>', 'which characters').choices(Object.keys(CHARSETS)).default('alphanumeric'))
    .option('--random.characters <set>', 'exactly these characters instead');
}

/** The flags of one algorithm as DigestOptions. */
function optionsOf(algorithm: DigestAlgorithm, command: Command): DigestOptions {
  const given = command.opts<Flags>();
  const values = FLAGS[algorithm].map(([key, flags]) => {
    const name = /--([\w-]+)/.exec(flags)?.[1] ?? '';
    const text = String(given[name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())]);
    return [key, key === 'variant' ? text : Number(text)] as const;
  });
  const low = given['profile'] === 'low-memory' ? { memoryKib: 32_768, iterations: 4 } : {};
  const options = { ...DIGEST_DEFAULTS[algorithm], ...Object.fromEntries(values), ...low } as DigestOptions;
  const problems = digestOptionProblems(options);
  if (problems.length > 0) throw misused(problems.join('\n'));
  return options;
}

/** A broken or absent configuration is no reason not to make a digest. */
function configured(files: readonly string[]): DigestOptions {
  const { value } = readConfiguration(files, { backend: authenticationBackendSection({ DIGEST_DEFAULTS, digestOptionProblems }) });
  return value?.backend.digest ?? DIGEST_DEFAULTS.argon2;
}

async function makeDigest(options: DigestOptions, command: Command): Promise<void> {
  // Commander gives an option that the parent knows as well to the parent.
  const from = command.optsWithGlobals<PasswordOptions>();
  const random =
    from.random === true
      ? randomText(from['random.charset'], from['random.characters'], wholeNumber('--random.length', from['random.length']))
      : null;
  const password = random ?? from.password ?? (await askTwice(from.confirm !== false));
  if (password === '') throw new Failure('The password is empty.');
  const digests = createDigests();
  const digest = await digests.make(options, password).finally(() => digests.close());
  const { output } = globalsOf(command);
  output.answer(random === null ? { digest } : { password: random, digest }, () => {
    if (random !== null) output.line(`Random Password: ${random}`);
    if (random !== null && urlEncoded(random) !== random) output.line(`Random Password (URL Encoded): ${urlEncoded(random)}`);
    output.line(`Digest: ${digest}`);
  });
}

/** Also the few signs that encodeURIComponent leaves. @see RFC 3986 section 2.2 */
const urlEncoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

async function validate(digest: string, password: string, command: Command): Promise<void> {
  const parsed = parseDigest(digest);
  if (parsed === null)
    throw new Failure(
      `That is ${describeDigestProblem(digest)}. Is it in single quotes, and whole? A new one: portcullis crypto hash generate argon2`,
    );
  const digests = createDigests();
  const matches = await digests.verify(parsed.text, password).finally(() => digests.close());
  const { output } = globalsOf(command);
  output.answer({ matches }, () => {
    output.line(matches ? 'The password matches the digest.' : 'The password does not match the digest.');
  });
  if (!matches) throw new Failure('');
}

/** What comes by a pipe is given once. */
async function askTwice(confirm: boolean): Promise<string> {
  const first = await askPassword('Enter Password:');
  if (confirm && process.stdin.isTTY && first !== (await askPassword('Confirm Password:'))) throw new Failure('The two passwords differ.');
  return first;
}
