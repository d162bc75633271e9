import { authenticationBackendSection } from '@portcullis/contracts-configuration';
import { DIGEST_DEFAULTS, type DigestAlgorithm, type DigestOptions, digestOptionProblems, parseDigest } from '@portcullis/domain-passwords';
import { createDigests } from '@portcullis/platform-digests';
import { password as askPassword } from '@inquirer/prompts';
import { type Command } from 'commander';
import { readConfiguration } from './config.js';
import { Failure } from './failure.js';
import { globalsOf } from './globals.js';
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
const FLAGS: Readonly<Record<DigestAlgorithm, readonly (readonly [key: string, flags: string, text: string])[]>> = {
  argon2: [
    ['variant', '-v, --variant <name>', 'argon2id, argon2i or argon2d'],
    ['iterations', '-i, --iterations <n>', 'passes over the memory'],
    ['memoryKib', '-m, --memory <KiB>', 'memory in KiB'],
    ['parallelism', '-p, --parallelism <n>', 'lanes'],
    ['keyLength', '-k, --key-size <bytes>', 'size of the hash'],
    ['saltLength', '-s, --salt-size <bytes>', 'size of the salt'],
  ],
  bcrypt: [
    ['variant', '-v, --variant <name>', 'standard or sha256'],
    ['cost', '-i, --cost <n>', 'doublings'],
  ],
  pbkdf2: [
    ['variant', '-v, --variant <name>', 'sha1, sha224, sha256, sha384 or sha512'],
    ['iterations', '-i, --iterations <n>', 'rounds'],
    ['saltLength', '-s, --salt-size <bytes>', 'size of the salt'],
  ],
  scrypt: [
    ['iterations', '-i, --iterations <ln>', 'doublings of the memory'],
    ['blockSize', '-r, --block-size <n>', 'block size'],
    ['parallelism', '-p, --parallelism <n>', 'lanes'],
    ['keyLength', '-k, --key-size <bytes>', 'size of the hash'],
    ['saltLength', '-s, --salt-size <bytes>', 'size of the salt'],
  ],
  sha2crypt: [
    ['variant', '-v, --variant <name>', 'sha256 or sha512'],
    ['iterations', '-i, --iterations <n>', 'rounds'],
    ['saltLength', '-s, --salt-size <bytes>', 'size of the salt'],
  ],
};

export function addCrypto(program: Command): void {
  const crypto = program.command('crypto').description('password digests and random values; works without a configuration');
  const hash = crypto.command('hash').description('password digests');
  const generate = withPassword(hash.command('generate').description('make the digest of a password (no algorithm: the configured one)'))
    .addHelpText(
      'after',
      "\nExamples:\n  portcullis crypto hash generate argon2\n  portcullis crypto hash generate argon2 --password 'a password'\n  portcullis crypto hash generate --random",
    )
    .action(async (_options: unknown, command: Command) => {
      await makeDigest(configured(globalsOf(command).files), command);
    });
  for (const algorithm of Object.keys(FLAGS) as DigestAlgorithm[]) addAlgorithm(generate, algorithm);
  hash
    .command('validate')
    .description('tell whether a password is the one of a digest; exit 1 where it is not')
    .argument('<digest>', 'the digest, in single quotes, behind --')
    .option('--password <text>', 'the password; asked for without echo when absent')
    .addHelpText('after', "\nExample:\n  portcullis crypto hash validate --password 'a password' -- '$argon2id$…'")
    .action(async (digest: string, { password }: PasswordOptions, command: Command) => {
      await validate(digest, password ?? (await ask('Enter Password:')), command);
    });
  crypto
    .command('rand')
    .description('a random value')
    .option('-n, --length <n>', 'characters', '72')
    .option('-x, --charset <name>', Object.keys(CHARSETS).join(', '), 'alphanumeric')
    .option('--characters <set>', 'exactly these characters instead')
    .action((options: { length: string; charset: string; characters?: string }, command: Command) => {
      const value = randomText(options.charset, options.characters, Number(options.length));
      const { output } = globalsOf(command);
      output.answer({ value }, () => {
        output.line(`Random Value: ${value}`);
      });
    });
}

function addAlgorithm(generate: Command, algorithm: DigestAlgorithm): void {
  const command = withPassword(generate.command(algorithm).description(`make a digest by ${algorithm}`));
  const defaults = DIGEST_DEFAULTS[algorithm] as unknown as Readonly<Record<string, string | number>>;
  for (const [key, flags, text] of FLAGS[algorithm]) command.option(flags, text, String(defaults[key] ?? ''));
  if (algorithm === 'argon2') command.option('--profile <name>', 'recommended, or low-memory (32 MiB)');
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
    .option('--random.charset <name>', Object.keys(CHARSETS).join(', '), 'alphanumeric')
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
  const low = given['profile'] === 'low-memory' ? { memoryKib: 32768, iterations: 4 } : {};
  const options = { ...DIGEST_DEFAULTS[algorithm], ...Object.fromEntries(values), ...low } as DigestOptions;
  const problems = digestOptionProblems(options);
  if (problems.length > 0) throw new Failure(problems.join('\n'));
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
  const random = from.random === true ? randomText(from['random.charset'], from['random.characters'], Number(from['random.length'])) : null;
  const password = random ?? from.password ?? (await askTwice(from.confirm !== false));
  if (password === '') throw new Failure('The password is empty.');
  const digests = createDigests();
  const digest = await digests.make(options, password).finally(() => digests.close());
  const { output } = globalsOf(command);
  output.answer(random === null ? { digest } : { password: random, digest }, () => {
    if (random !== null) output.line(`Random Password: ${random}`);
    if (random !== null && encodeURIComponent(random) !== random) output.line(`Random Password (URL Encoded): ${encodeURIComponent(random)}`);
    output.line(`Digest: ${digest}`);
  });
}

async function validate(digest: string, password: string, command: Command): Promise<void> {
  const parsed = parseDigest(digest);
  if (parsed === null) throw new Failure('That is no digest this gate can check. Is it in single quotes, and whole?');
  const digests = createDigests();
  const matches = await digests.verify(parsed.text, password).finally(() => digests.close());
  const { output } = globalsOf(command);
  output.answer({ matches }, () => {
    output.line(matches ? 'The password matches the digest.' : 'The password does not match the digest.');
  });
  if (!matches) throw new Failure('');
}

async function askTwice(confirm: boolean): Promise<string> {
  const first = await ask('Enter Password:');
  if (confirm && first !== (await ask('Confirm Password:'))) throw new Failure('The two passwords differ.');
  return first;
}

function ask(message: string): Promise<string> {
  if (!process.stdin.isTTY) throw new Failure('No terminal to ask at: give the password by --password, or make one by --random.');
  return askPassword({ message });
}
