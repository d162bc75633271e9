import type { NotifierConfiguration } from '@portcullis/contracts-configuration';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from './config.js';
import { about, type Finding } from './doctor-finding.js';

const mail = about('mail');

/** Whether notices would leave; with `mailTo` one does. The notifier itself looks, as it does at its start. */
export async function checkMail(files: readonly string[], { transport }: NotifierConfiguration, mailTo: string | null): Promise<readonly Finding[]> {
  if (transport.kind === 'filesystem' && mailTo === null) return [checkFile(transport.path)];
  const { code, said } = await runNotifier(files, mailTo);
  return [code === 0 ? mail.ok(said) : mail.problem(said, 'correct notifier in the configuration, or look at the log of the mail server')];
}

function checkFile(path: string): Finding {
  const place = existsSync(path) ? path : dirname(path);
  try {
    accessSync(place, constants.W_OK);
    return mail.ok(`codes and links are written to ${path}`);
  } catch {
    return mail.problem(`${place} cannot be written: no code and no link reaches anybody`, 'make it writable for the user of the services');
  }
}

async function runNotifier(files: readonly string[], mailTo: string | null): Promise<{ readonly code: number | null; readonly said: string }> {
  const main = fileURLToPath(new URL('../../notifier/dist/main.js', import.meta.url));
  const args = ['--check', ...(mailTo === null ? [] : ['--mail-to', mailTo]), ...files.flatMap((file) => ['--config', file])];
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: childEnvironment(files) });
  const ended = once(child, 'close');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code: child.exitCode, said: `${out}${err}`.trim().split('\n').at(-1) ?? '' };
}
