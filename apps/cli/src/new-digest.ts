import { passwordPolicySection } from '@portcullis/contracts-configuration';
import { checkPassword, loadScore, maxPasswordBytes, type PasswordFailure } from '@portcullis/domain-passwords';
import { createDigests } from '@portcullis/platform-digests';
import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { askPassword } from './ask-password.js';
import { everySection, requireConfiguration } from './config.js';
import { Failure } from './failure.js';
import type { Globals } from './globals.js';
import { randomText } from './random-text.js';

export interface NewPasswordOptions {
  readonly password?: string;
  readonly passwordFile?: string;
  readonly random?: boolean;
}

export interface NewDigest {
  readonly digest: string;
  /** The one that was made up, to be handed on. */
  readonly random: string | null;
}

const RANDOM_LENGTH = 20;

const LACKS: Readonly<Record<PasswordFailure, string>> = {
  empty: 'it is empty',
  too_short: 'it is too short',
  too_long: 'it is too long',
  no_uppercase: 'it has no upper case letter',
  no_lowercase: 'it has no lower case letter',
  no_number: 'it has no digit',
  no_special: 'it has no special character',
  too_weak: 'it is easily guessed',
};

/** The options of whatever sets somebody's password. */
export const withNewPassword = (command: Command): Command =>
  command
    .option('--password-file <file>', 'take the first line of this file, and do not ask')
    .option('--random', 'make one up, and print it')
    .option('--password <text>', 'the password itself; others on this machine can read it while this runs');

/** Asks (twice at a terminal, once from a pipe), holds the answer against `password_policy`, and hashes it as it is configured. */
export async function newDigest({ files }: Pick<Globals, 'files'>, options: NewPasswordOptions): Promise<NewDigest> {
  const { value } = requireConfiguration(files, { backend: everySection.authenticationBackend, policy: passwordPolicySection });
  const { digest } = value.backend;
  const random = options.random === true ? randomText('alphanumeric', undefined, RANDOM_LENGTH) : null;
  const password = random ?? (await passwordFrom(options));
  const policy = value.policy.kind === 'zxcvbn' ? { ...value.policy, scoreOf: await loadScore() } : value.policy;
  const verdict = checkPassword(policy, password, maxPasswordBytes(digest));
  if (random === null && !verdict.ok)
    throw new Failure(`The password is not one that password_policy allows: ${verdict.failed.map((failure) => LACKS[failure]).join(', ')}.`);
  const digests = createDigests();
  return { random, digest: await digests.make(digest, password).finally(() => digests.close()) };
}

async function passwordFrom({ password, passwordFile }: NewPasswordOptions): Promise<string> {
  if (password !== undefined) {
    process.stderr.write('warning: a password on the command line can be read by others on this machine, and stays in the history of the shell\n');
    return password;
  }
  if (passwordFile !== undefined) return firstLine(passwordFile);
  const first = await askPassword('Enter Password:');
  if (process.stdin.isTTY && first !== (await askPassword('Confirm Password:'))) throw new Failure('The two passwords differ.');
  return first;
}

function firstLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/)[0] ?? '';
  } catch (error) {
    throw new Failure(`--password-file ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
