import { parseDuration } from '@portcullis/platform-config';
import type { Command } from 'commander';
import { Failure, misused } from './failure.js';
import { examples, globalsOf } from './globals.js';
import { wholeNumber } from './whole-number.js';
import { localTime } from './output.js';
import { askIdentity } from './services.js';

/** `storage bans user|ip list|add|revoke` (reference 6.5). */
export function addBans(storage: Command): void {
  const bans = storage.command('bans').description('who may not sign in for now');
  for (const kind of ['user', 'ip'] as const) addKind(bans.command(kind).description(kind === 'user' ? 'bans of people' : 'bans of addresses'), kind);
}

function addKind(parent: Command, kind: 'user' | 'ip'): void {
  const someone = kind === 'user' ? 'john' : '192.0.2.10';
  const subject = kind === 'user' ? 'Username' : 'IP';
  parent
    .command('list')
    .description('the bans in force')
    .addHelpText('after', examples(`storage bans ${kind} list`))
    .action(async (_options: unknown, command: Command) => {
      const globals = globalsOf(command);
      const { output } = globals;
      const { bans } = await askIdentity(globals, 'listBans', { kind });
      output.answer(bans, () => {
        const rows = bans.map((ban) => [String(ban.id), ban.subject, localTime(ban.expiresAtMs), ban.source, ban.reason ?? '']);
        output.table(['ID', subject, 'Expires', 'Source', 'Reason'], rows);
      });
    });
  parent
    .command('add')
    .description('ban')
    .argument(`<${kind}>`)
    .option('-d, --duration <time>', 'for how long', '1 day')
    .option('-p, --permanent', 'until it is revoked')
    .option('-r, --reason <text>', 'why')
    .addHelpText('after', examples(`storage bans ${kind} add ${someone} --duration "1 day" --reason "too many devices"`))
    .action(async (who: string, options: { duration: string; permanent?: boolean; reason?: string }, command: Command) => {
      const globals = globalsOf(command);
      const { output } = globals;
      const forMs = options.permanent === true ? null : durationOf(options.duration);
      const reply = await askIdentity(globals, 'addBan', { kind, subject: who, forMs, reason: options.reason ?? null });
      if (reply.outcome === 'invalid') throw new Failure(reply.problem);
      output.answer(reply.ban, () => {
        output.line(`Banned ${reply.ban.subject} until ${localTime(reply.ban.expiresAtMs, 'it is revoked')} (ban ${reply.ban.id}).`);
      });
    });
  parent
    .command('revoke')
    .description('end a ban')
    .argument(`[${kind}]`)
    .option('-i, --id <n>', 'the ban of this id')
    .addHelpText('after', examples(`storage bans ${kind} revoke ${someone}`, `storage bans ${kind} revoke --id 3`))
    .action(async (who: string | undefined, { id }: { id?: string }, command: Command) => {
      const globals = globalsOf(command);
      const { output } = globals;
      if (who === undefined && id === undefined) throw misused(`Name a ${kind}, or give --id.`);
      const { revoked } = await askIdentity(globals, 'revokeBan', { kind, subject: who ?? null, id: wholeNumber('--id', id) });
      if (revoked === 0) throw new Failure('There is no such ban in force.');
      output.answer({ revoked }, () => {
        output.line(`Revoked ${revoked} ban${revoked === 1 ? '' : 's'}.`);
      });
    });
}

function durationOf(text: string): number {
  const parsed = parseDuration(text);
  if (!parsed.ok) throw misused(`--duration: ${parsed.error}`);
  return parsed.value;
}
