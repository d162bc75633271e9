import type { SessionSummary } from '@portcullis/contracts-session';
import type { Command } from 'commander';
import { Failure, misused } from './failure.js';
import { examples, globalsOf } from './globals.js';
import { localTime } from './output.js';
import { askIdentity, withSessions } from './services.js';

const MOST = 10_000;

/** `sessions list|show|revoke|revoke-all`: a person's devices, ended everywhere within a second. */
export function addSessions(program: Command): void {
  const sessions = program.command('sessions').description("people's sessions: list them, end them everywhere");
  sessions
    .command('list')
    .description('the live sessions, of one person or of everybody')
    .argument('[username]')
    .addHelpText('after', examples('sessions list', 'sessions list john', 'sessions list john --json'))
    .action(async (username: string | undefined, _options: unknown, command: Command) => {
      const { files, output } = globalsOf(command);
      const { sessions: found } = await withSessions(files, (session) => session.list({ username: username ?? null, limit: MOST }));
      output.answer(found, () => {
        output.table(['Handle', 'User', 'Level', 'Signed in', 'Last seen', 'Expires', 'From'], found.map(row));
      });
    });
  sessions
    .command('show')
    .description('one session')
    .argument('<handle>')
    .addHelpText('after', examples('sessions show 3f9c2a7b'))
    .action(async (handle: string, _options: unknown, command: Command) => {
      const { files, output } = globalsOf(command);
      const found = await withSessions(files, (session) => findByHandle(session, handle));
      output.answer(found, () => {
        for (const [name, value] of details(found)) output.line(`${name.padEnd(12)}${value}`);
      });
    });
  sessions
    .command('revoke')
    .description('end one session')
    .argument('<handle>')
    .addHelpText('after', examples('sessions revoke 3f9c2a7b'))
    .action(async (handle: string, _options: unknown, command: Command) => {
      const { files, output } = globalsOf(command);
      const { username, ...ended } = await withSessions(files, async (session) => {
        const { username } = await findByHandle(session, handle);
        return { username, ...(await session.endByHandle({ username, handle, reason: 'revoked' })) };
      });
      if (ended.ended === 0) throw new Failure(`There is no session ${handle} any more.`);
      await tellAudit(command, username, { ...ended, handle });
      output.answer(ended, () => {
        output.line(`Ended session ${handle}: it opens nothing any more.`);
      });
    });
  sessions
    .command('revoke-all')
    .description('end every session of a person, or with --everybody all there are')
    .argument('[username]')
    .option('--everybody', 'of all people: what FLUSHDB was used for')
    .addHelpText('after', examples('sessions revoke-all john', 'sessions revoke-all --everybody'))
    .action(async (username: string | undefined, { everybody }: { everybody?: boolean }, command: Command) => {
      const { files, output } = globalsOf(command);
      if ((username === undefined) === (everybody !== true)) throw misused('Name a person, or give --everybody.');
      const ended = await withSessions(files, (session) =>
        username === undefined ? session.endAll({ reason: 'revoked' }) : session.endUser({ username, exceptId: null, reason: 'revoked' }),
      );
      await tellAudit(command, username ?? null, { ended: ended.ended, which: username === undefined ? 'everybody' : 'all' });
      output.answer(ended, () => {
        output.line(`Ended ${ended.ended} session${ended.ended === 1 ? '' : 's'}.`);
      });
    });
}

/** The sessions are ended whatever comes of it. */
async function tellAudit(command: Command, username: string | null, detail: Readonly<Record<string, string | number>>): Promise<void> {
  try {
    await askIdentity(globalsOf(command), 'recordCommand', { kind: 'sessions_ended', username, detail });
  } catch (error) {
    process.stderr.write(`warning: this is missing in the audit trail: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}

type Ask = Parameters<Parameters<typeof withSessions>[1]>[0];

async function findByHandle(session: Ask, handle: string): Promise<SessionSummary> {
  const { sessions } = await session.list({ username: null, limit: MOST });
  const found = sessions.filter((each) => each.handle === handle);
  const [first] = found;
  if (first === undefined) throw new Failure(`There is no session ${handle}. See: portcullis sessions list`);
  return first;
}

const row = (session: SessionSummary): string[] => [
  session.handle,
  session.username,
  session.level === 2 ? 'two factors' : 'one factor',
  localTime(session.createdAtMs),
  localTime(session.lastSeenMs),
  localTime(session.expiresAtMs),
  session.device.ip,
];

const details = (session: SessionSummary): readonly (readonly [string, string])[] => [
  ['Handle', session.handle],
  ['User', session.username],
  ['Domain', session.domain],
  ['Level', session.level === 2 ? 'two factors' : 'one factor'],
  ['Remembered', session.remembered ? 'yes' : 'no'],
  ['Signed in', localTime(session.createdAtMs)],
  ['Last seen', localTime(session.lastSeenMs)],
  ['Expires', localTime(session.expiresAtMs)],
  ['From', session.device.ip],
  ['Browser', session.device.userAgent],
];
