import type { Command } from 'commander';
import { toString as qrCode } from 'qrcode';
import { Failure, misused } from './failure.js';
import { examples, globalsOf } from './globals.js';
import { isColoured } from './output.js';
import { askIdentity } from './services.js';
import { wholeNumber } from './whole-number.js';

interface GenerateOptions {
  readonly force?: boolean;
  readonly secret?: string;
  readonly secretSize?: string;
  readonly algorithm?: string;
  readonly digits?: string;
  readonly period?: string;
  readonly issuer?: string;
  readonly qr: boolean;
}

const FORMATS: readonly string[] = ['uri', 'csv', 'json'];
const ALGORITHMS = ['SHA1', 'SHA256', 'SHA512'] as const;

/** `storage user totp …` (reference 6.5). */
export function addTotp(user: Command): void {
  const totp = user.command('totp').description('one-time passwords of authenticator apps');
  totp
    .command('generate')
    .description('give somebody a one-time password device')
    .argument('<username>')
    .option('--force', 'replace the present device; its recovery codes go with it')
    .option('--secret <base32>', 'this secret instead of a random one')
    .option('--secret-size <bytes>', 'size of the random secret')
    .option('--algorithm <name>', 'SHA1, SHA256 or SHA512 (default: as configured)')
    .option('--digits <n>', '6 or 8 (default: as configured)')
    .option('--period <seconds>', 'how long a code lasts (default: as configured)')
    .option('--issuer <name>', 'the name the app shows (default: as configured)')
    .option('--no-qr', 'do not draw the QR code')
    .addHelpText(
      'after',
      examples(
        'storage user totp generate john --config /config/configuration.yml',
        'storage user totp generate john --force --secret JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP --no-qr',
      ),
    )
    .action(generate);
  totp
    .command('delete')
    .description("take somebody's device away, and the recovery codes with it")
    .argument('<username>')
    .addHelpText('after', examples('storage user totp delete john'))
    .action(async (username: string, _options: unknown, command: Command) => {
      const { files, output } = globalsOf(command);
      const { outcome } = await askIdentity(files, 'deleteTotp', { username });
      if (outcome === 'none') throw new Failure(`There is no TOTP configuration for user '${username}'.`);
      output.answer({ outcome }, () => {
        output.line(`Successfully deleted TOTP configuration for user '${username}'`);
      });
    });
  totp
    .command('export')
    .description('print the devices with their secrets; keep what it prints as safe as they are')
    .argument('[format]', 'uri, csv or json', 'uri')
    .addHelpText('after', examples('storage user totp export', 'storage user totp export csv > devices.csv'))
    .action(async (format: string, _options: unknown, command: Command) => {
      const { files, output } = globalsOf(command);
      if (!FORMATS.includes(format)) throw misused(`'${format}' is not one of ${FORMATS.join(', ')}.`);
      const { devices } = await askIdentity(files, 'exportTotp', { username: null });
      if (output.json || format === 'json') output.line(JSON.stringify(devices, null, 2));
      else if (format === 'uri') for (const { url } of devices) output.line(url);
      else output.line(['issuer,username,algorithm,digits,period,secret', ...devices.map(csv)].join('\n'));
    });
}

async function generate(username: string, options: GenerateOptions, command: Command): Promise<void> {
  const { files, output } = globalsOf(command);
  const reply = await askIdentity(files, 'generateTotp', {
    username,
    force: options.force ?? false,
    secret: options.secret ?? null,
    secretSize: wholeNumber('--secret-size', options.secretSize),
    algorithm: algorithmOf(options.algorithm),
    digits: wholeNumber('--digits', options.digits),
    periodS: wholeNumber('--period', options.period),
    issuer: options.issuer ?? null,
  });
  switch (reply.outcome) {
    case 'exists':
      throw new Failure(`User '${username}' has a TOTP configuration already. Add --force to replace it: the present device then stops working.`);
    case 'invalid':
      throw new Failure(reply.problem);
    case 'generated': {
      const picture = options.qr && !output.json ? await qrCode(reply.url, isColoured() ? { type: 'terminal', small: true } : { type: 'utf8' }) : '';
      output.answer(reply, () => {
        output.line(`Successfully generated TOTP configuration for user '${username}' with URI '${reply.url}'`);
        if (!reply.userKnown) output.line(`There is no user '${username}' in the users file yet.`);
        if (picture !== '') output.line(`\n${picture}`);
      });
    }
  }
}

function algorithmOf(text: string | undefined): (typeof ALGORITHMS)[number] | null {
  if (text === undefined) return null;
  const found = ALGORITHMS.find((algorithm) => algorithm === text.toUpperCase());
  if (found === undefined) throw misused(`--algorithm is one of ${ALGORITHMS.join(', ')}, not '${text}'.`);
  return found;
}

const csv = (device: { issuer: string; username: string; algorithm: string; digits: number; periodS: number; secret: string }): string =>
  [device.issuer, device.username, device.algorithm, device.digits, device.periodS, device.secret].map((cell) => quote(String(cell))).join(',');

const quote = (cell: string): string => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
