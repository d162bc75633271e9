import type { Command } from 'commander';
import { examples, globalsOf } from './globals.js';
import {
  describeKey,
  KEY_ALGORITHMS,
  KEY_NAMES,
  type KeyAlgorithm,
  keyKindOf,
  type KeyOptions,
  loadMake,
  privateKeyFiles,
  publicKeyFiles,
  withKeyOptions,
} from './key-files.js';
import { writeNewFiles } from './write-new-files.js';

type PairOptions = KeyOptions & { readonly 'file.publicKey': string };

/** `crypto pair rsa|ecdsa|ed25519 generate` (reference 6.5). */
export function addPair(crypto: Command): void {
  const pair = crypto.command('pair').description('key pairs');
  for (const algorithm of KEY_ALGORITHMS) {
    const generate = pair.command(algorithm).description(`${KEY_NAMES[algorithm]} key pairs`).command('generate');
    withKeyOptions(generate.description(`make an ${KEY_NAMES[algorithm]} key pair, in two files`), algorithm)
      .option('--file.public-key <name>', 'the file of the public key', 'public.pem')
      .addHelpText('after', examples(`crypto pair ${algorithm} generate --directory /config/keys`))
      .action((options: PairOptions, command: Command) => make(algorithm, options, command));
  }
}

async function make(algorithm: KeyAlgorithm, options: PairOptions, command: Command): Promise<void> {
  const { output } = globalsOf(command);
  const kind = keyKindOf(algorithm, options);
  const { makeKeys } = await loadMake();
  const keys = await makeKeys(kind);
  const [privateFiles, publicFiles] = [privateKeyFiles(keys, kind, options), publicKeyFiles(keys, kind, options, options['file.publicKey'])];
  writeNewFiles([...privateFiles, ...publicFiles], options.force === true);
  const [privateKey, publicKey] = [privateFiles, publicFiles].map((files) => files.map(({ path }) => path));
  output.answer({ algorithm, privateKey, publicKey }, () => {
    output.line(`Made a key pair: ${describeKey(kind)}.\n`);
    output.line(`Private Key: ${privateKey?.join(', ') ?? ''}`);
    output.line(`Public Key: ${publicKey?.join(', ') ?? ''}`);
  });
}
