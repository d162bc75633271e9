import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toBuffer, toString as qrCode } from 'qrcode';
import { Failure, misused } from './failure.js';
import { examples, globalsOf } from './globals.js';
import { isColoured } from './output.js';
import { askIdentity } from './services.js';
import { readDevices, writeDevices } from './totp-files.js';
import { wholeNumber } from './whole-number.js';
import { writeNewFiles } from './write-new-files.js';

interface GenerateOptions {
  readonly force?: boolean;
  readonly secret?: string;
  readonly secretSize?: string;
  readonly algorithm?: string;
  readonly digits?: string;
  readonly period?: string;
  readonly issuer?: string;
  readonly qr: boolean;
  readonly path?: string;
}

const ALGORITHMS = ['SHA1', 'SHA256', 'SHA512'] as const;

/** `storage user totp …` (reference 6.5). */
export function addTotp(user: Command): void {
  const totp = user.command('totp').description('one-time passwords of authenticator apps');
  totp
    .command('generate')
    .description('give somebody a one-time password device')
    .argument('<username>')
    .option('-f, --force', 'replace the present device; its recovery codes go with it')
    .option('-p, --path <file>', 'write the QR code as a PNG picture')
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
        'storage user totp generate john --path john.png --no-qr',
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
      const globals = globalsOf(command);
      const { output } = globals;
      const { outcome } = await askIdentity(globals, 'deleteTotp', { username });
      if (outcome === 'none') throw new Failure(`There is no TOTP configuration for user '${username}'.`);
      output.answer({ outcome }, () => {
        output.line(`Successfully deleted TOTP configuration for user '${username}'`);
      });
    });
  addExport(totp);
  totp
    .command('import')
    .description('take the devices of a file over: all of them or none')
    .argument('<file>', 'what export wrote, here or in Authelia')
    .option('--force', 'replace other devices that people have')
    .addHelpText('after', examples('storage user totp import authelia.export.totp.yml'))
    .action(importAll);
}

function addExport(totp: Command): void {
  const all = totp
    .command('export')
    .description('write the devices with their secrets into a file; keep it as safe as they are')
    .option('-f, --file <path>', 'the file', 'authelia.export.totp.yml')
    .option('--force', 'replace files that are there')
    .addHelpText('after', examples('storage user totp export --file devices.yml', 'storage user totp export --json'))
    .action(exportYaml);
  all
    .command('csv')
    .description('print them as a table for other programs, or write it into a file')
    .addHelpText('after', examples('storage user totp export csv --file devices.csv'))
    .action(exportCsv);
  all
    .command('uri')
    .description('print the addresses that are in the QR codes')
    .addHelpText('after', examples('storage user totp export uri'))
    .action(exportUri);
  all
    .command('png')
    .description('write a picture of the QR code for each')
    .option('--directory <path>', 'where the pictures go', '.')
    .addHelpText('after', examples('storage user totp export png --directory qr-codes'))
    .action(exportPng);
}

interface ExportOptions {
  readonly file: string;
  readonly force?: boolean;
  readonly directory: string;
}

async function devicesOf(command: Command) {
  const globals = globalsOf(command);
  const { devices } = await askIdentity(globals, 'exportTotp', { username: null });
  return { devices, output: globals.output, options: command.optsWithGlobals<ExportOptions>() };
}

async function exportYaml(_options: unknown, command: Command): Promise<void> {
  const { devices, output, options } = await devicesOf(command);
  if (output.json) {
    output.line(JSON.stringify(devices, null, 2));
    return;
  }
  if (devices.length === 0) throw nothing();
  writeNewFiles([{ path: options.file, content: writeDevices(devices), isSecret: true }], options.force === true);
  output.line(`Successfully exported ${devices.length} TOTP configurations as YAML to the file '${options.file}'`);
}

async function exportCsv(_options: unknown, command: Command): Promise<void> {
  const { devices, output, options } = await devicesOf(command);
  const content = ['issuer,username,algorithm,digits,period,secret', ...devices.map(csv)].join('\n');
  if (command.parent?.getOptionValueSource('file') !== 'cli') {
    output.line(content);
    return;
  }
  writeNewFiles([{ path: options.file, content: `${content}\n`, isSecret: true }], options.force === true);
  output.line(`Successfully exported ${devices.length} TOTP configurations as CSV to the file '${options.file}'`);
}

async function exportUri(_options: unknown, command: Command): Promise<void> {
  const { devices, output } = await devicesOf(command);
  for (const { url } of devices) output.line(url);
}

async function exportPng(_options: unknown, command: Command): Promise<void> {
  const { devices, output, options } = await devicesOf(command);
  if (devices.length === 0) throw nothing();
  const pictures = devices.map(async ({ username, url }) => ({
    path: join(options.directory, `${encodeURIComponent(username)}.png`),
    content: await picture(url),
    isSecret: true,
  }));
  const files = await Promise.all(pictures);
  writeNewFiles(files, options.force === true);
  const paths = files.map(({ path }) => path);
  output.answer(paths, () => {
    output.line(`Successfully exported ${paths.length} TOTP configurations as QR codes in PNG format to the directory '${options.directory}'`);
  });
}

const picture = (url: string): Promise<Buffer> => toBuffer(url, { scale: 8 });
const nothing = (): Failure => new Failure('There is nothing to export: nobody has a TOTP configuration.');

async function importAll(path: string, { force }: { readonly force?: boolean }, command: Command): Promise<void> {
  const globals = globalsOf(command);
  const { output } = globals;
  const reply = await askIdentity(globals, 'importTotp', { devices: readDevices(path), force: force === true });
  switch (reply.outcome) {
    case 'exists': {
      const names = reply.usernames.join(', ');
      throw new Failure(
        `These have another TOTP configuration already, and nothing was imported: ${names}. Add --force to replace it: the present device then stops working.`,
      );
    }
    case 'invalid':
      throw new Failure(`Nothing was imported from ${path}:\n${reply.problems.map((problem) => `  ${problem}`).join('\n')}`);
    case 'imported':
      output.answer(reply, () => {
        output.line(`Successfully imported ${reply.stored} TOTP configurations from the YAML file '${path}'; ${reply.unchanged} were there already.`);
        if (reply.unknown.length > 0) output.line(`Not in the users file yet: ${reply.unknown.join(', ')}`);
      });
  }
}

async function generate(username: string, options: GenerateOptions, command: Command): Promise<void> {
  const globals = globalsOf(command);
  const { output } = globals;
  // Before the device is made, which nobody would know then.
  if (options.path !== undefined && existsSync(options.path))
    throw new Failure(`${options.path} is there already: choose another name for the picture.`);
  const reply = await askIdentity(globals, 'generateTotp', {
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
      if (options.path !== undefined) writeNewFiles([{ path: options.path, content: await picture(reply.url), isSecret: true }], false);
      const drawn = options.qr && !output.json ? await qrCode(reply.url, isColoured() ? { type: 'terminal', small: true } : { type: 'utf8' }) : '';
      output.answer(reply, () => {
        output.line(`Successfully generated TOTP configuration for user '${username}' with URI '${reply.url}'`);
        if (options.path !== undefined) output.line(`The QR code is in '${options.path}'`);
        if (drawn !== '') output.picture(`\n${drawn}`);
        // Last, for the picture fills the screen.
        if (!reply.userKnown)
          output.line(`There is no user '${username}' in the users file yet. Mistyped? portcullis storage user totp delete ${username}`);
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
