import type { UserChange, UserEdit, WholeUser } from '@portcullis/contracts-identity';
import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { Failure, misused } from './failure.js';
import { examples, type Globals, globalsOf } from './globals.js';
import { newDigest, type NewPasswordOptions, withNewPassword } from './new-digest.js';
import type { Output } from './output.js';
import { askIdentity, type Reply } from './services.js';
import { readUsersFile, writeUsersFile } from './users-files.js';
import { counted } from './words.js';
import { writeNewFiles } from './write-new-files.js';

type Row = Omit<WholeUser, 'digest'> & { readonly digest?: string | undefined };

interface AddOptions extends NewPasswordOptions {
  readonly displayName?: string;
  readonly email?: string;
  readonly groups?: string;
  readonly disabled?: boolean;
}

/** A question has at most a megabyte. */
const AT_ONCE = 1000;
/** One transaction, which others wait for: of so many it takes a second or three. */
const MOST = 20_000;
/** What a users file is warned of as well. */
const ADDRESS = /^[^\s@]+@[^\s@]+$/u;
const FIELDS = { displayName: 'display name', email: 'e-mail', groups: 'groups', disabled: 'disabled', digest: 'password' } as const;

/** `users …`: the people who may sign in, in the users file or in the store, wherever the configuration has them. */
export function addUsers(program: Command): void {
  const users = program.command('users').description('the people who may sign in: in the users file, or in the store');
  users
    .command('list')
    .description('everybody, without passwords')
    .addHelpText('after', examples('users list', 'users list --json'))
    .action(async (_options: unknown, command: Command) => {
      const globals = globalsOf(command);
      const { people } = await list(globals, false);
      globals.output.answer(people, () => {
        globals.output.table(['Name', 'Display name', 'E-mail', 'Groups', 'State'], people.map(row));
      });
    });
  const add = users
    .command('add')
    .description('somebody new; the password is asked for')
    .argument('<username>')
    .option('--display-name <name>', 'as pages and mails call them (else the username)')
    .option('--email <address>', 'where mails go')
    .option('--groups <names>', 'groups, with commas', '')
    .option('--disabled', 'who may not sign in yet');
  withNewPassword(add)
    .addHelpText(
      'after',
      examples('users add john --display-name "John Doe" --email john@example.com --groups dev,admins', 'users add john --random'),
    )
    .action(addOne);
  withNewPassword(users.command('set-password').description('a new password; their sessions end').argument('<username>'))
    .addHelpText('after', examples('users set-password john', 'users set-password john --password-file secret.txt'))
    .action(async (username: string, options: NewPasswordOptions, command: Command) => {
      const globals = globalsOf(command);
      await requireUser(globals, username);
      const { digest, random } = await newDigest(globals, options);
      await change(globals, { kind: 'set', username, digest }, `The password of ${username} is set, and their sessions end.`, random);
    });
  users
    .command('set-groups')
    .description('the groups of somebody, in the place of those there are')
    .argument('<username>')
    .argument('<groups>', "names with commas; '' for none")
    .addHelpText('after', examples('users set-groups john dev,admins', "users set-groups john ''"))
    .action(async (username: string, groups: string, _options: unknown, command: Command) => {
      const names = groupsOf(groups);
      const said = names.length === 0 ? `${username} is in no group.` : `${username} is in ${names.join(', ')}.`;
      await change(globalsOf(command), { kind: 'set', username, groups: names }, said);
    });
  addSwitch(users, 'disable', 'somebody may not sign in any more; their sessions end', true, 'cannot sign in any more, and their sessions end');
  addSwitch(users, 'enable', 'somebody may sign in again', false, 'can sign in');
  users
    .command('delete')
    .description('take somebody away; their sessions end. Second factors stay: see storage user totp delete')
    .argument('<username>')
    .addHelpText('after', examples('users delete john'))
    .action(async (username: string, _options: unknown, command: Command) => {
      await change(globalsOf(command), { kind: 'delete', username }, `${username} is deleted, and their sessions end.`);
    });
  users
    .command('import')
    .description("take in everybody of a users file (Authelia's users_database.yml); who is there already gets what the file says")
    .argument('<file>')
    .option('--dry-run', 'only say what would change')
    .addHelpText('after', examples('users import users_database.yml --dry-run', 'users import users_database.yml'))
    .action(importAll);
  users
    .command('export')
    .description('write everybody, with the digests of their passwords, into a users file that Authelia reads too')
    .argument('<file>')
    .option('--force', 'replace a file that is there')
    .addHelpText('after', examples('users export users_database.yml'))
    .action(exportAll);
}

function addSwitch(users: Command, name: string, description: string, disabled: boolean, done: string): void {
  users
    .command(name)
    .description(description)
    .argument('<username>')
    .addHelpText('after', examples(`users ${name} john`))
    .action(async (username: string, _options: unknown, command: Command) => {
      await change(globalsOf(command), { kind: 'set', username, disabled }, `${username} ${done}.`);
    });
}

async function addOne(username: string, options: AddOptions, command: Command): Promise<void> {
  const globals = globalsOf(command);
  if (username.trim() === '') throw misused('The username is empty: write it behind add, as: portcullis users add john');
  if (options.email !== undefined && !ADDRESS.test(options.email))
    throw misused(`--email: '${options.email}' is no mail address, and codes go there; write it as john@example.com`);
  const person = {
    ...{ username, displayName: options.displayName ?? username, email: options.email ?? null },
    ...{ groups: groupsOf(options.groups ?? ''), disabled: options.disabled ?? false },
  };
  const { people } = await list(globals, false);
  if (people.some((each) => each.username === username)) throw new Failure(`${username} is there already.`);
  const { digest, random } = await newDigest(globals, options);
  await change(globals, { kind: 'add', user: { ...person, digest } }, `${username} is added.`, random);
}

async function list(globals: Globals, withDigests: boolean): Promise<{ readonly people: readonly Row[]; readonly place: string }> {
  const reply = await askIdentity(globals, 'listUsers', { withDigests });
  if (reply.outcome === 'invalid') throw new Failure(reply.problems.join('\n'));
  return { people: reply.users, place: reply.place };
}

/** Before a password is asked for in vain. */
async function requireUser(globals: Globals, username: string): Promise<void> {
  const { people } = await list(globals, false);
  if (!people.some((each) => each.username === username)) throw new Failure(`There is no user ${username}. See: portcullis users list`);
}

/** `random`: a password that was made up, which nobody knows unless it is said here. */
async function change(globals: Globals, edit: UserEdit, said: string, random: string | null = null): Promise<void> {
  const changes = await edits(globals, [edit], false);
  globals.output.answer({ changes, ...(random !== null && { password: random }) }, () => {
    globals.output.line(changes.length === 0 ? 'Nothing to change: it is so already.' : said);
    if (random !== null) globals.output.line(`Password: ${random}`);
  });
}

async function edits(globals: Globals, wished: UserEdit[], dryRun: boolean): Promise<readonly UserChange[]> {
  if (wished.length > MOST)
    throw new Failure(`${MOST} people at most are imported at once, and these are ${wished.length}: make several files of it.`);
  if (wished.length <= AT_ONCE) return changesOf(await askIdentity(globals, 'editUsers', { edits: wished, dryRun }));
  const of = randomUUID();
  for (let position = 0; ; position += 1) {
    const rest = wished.slice(position * AT_ONCE);
    const isLast = rest.length <= AT_ONCE;
    const reply = await askIdentity(globals, 'editUsers', { edits: rest.slice(0, AT_ONCE), dryRun, part: { of, position, isLast } });
    if (isLast) return changesOf(reply);
    if (reply.outcome !== 'done' || reply.kept !== true)
      throw new Failure(`The identity service is older than this command and takes no more than ${AT_ONCE} people: update it, then import anew.`);
  }
}

function changesOf(reply: Reply<'editUsers'>): readonly UserChange[] {
  switch (reply.outcome) {
    case 'done':
      return reply.changes;
    case 'invalid':
      throw new Failure(`Nothing was changed:\n${reply.problems.map((problem) => `  ${problem}`).join('\n')}`);
    case 'read_only':
      throw new Failure(`Nothing was changed: ${reply.reason ?? `${reply.place} or its directory cannot be written by the identity service`}.`);
    case 'by_hand':
      throw new Failure(`Nothing was changed: what is to be changed is shared by several people in ${reply.place} (& and *). Edit it there.`);
  }
}

async function importAll(path: string, { dryRun = false }: { readonly dryRun?: boolean }, command: Command): Promise<void> {
  const globals = globalsOf(command);
  const { users, warnings } = readUsersFile(path);
  if (warnings !== '') process.stderr.write(`${warnings}\n`);
  const puts = users.map((user) => ({ kind: 'put', user }) as const);
  const changes = await edits(globals, puts, dryRun);
  globals.output.answer({ changes, unchanged: users.length - changes.length }, () => {
    tell(changes, globals.output);
    const rest = `${users.length - changes.length} were there already as the file has them`;
    globals.output.line(
      dryRun
        ? `${counted(changes.length, 'person', 'people')} would change; ${rest}.`
        : `Imported ${counted(changes.length, 'person', 'people')} from ${path}; ${rest}.`,
    );
  });
}

function tell(changes: readonly UserChange[], output: Output): void {
  for (const { username, kind, fields } of changes) {
    output.line(`${username}: ${kind}${kind === 'changed' ? ` (${fields.map((field) => FIELDS[field]).join(', ')})` : ''}`);
  }
}

async function exportAll(path: string, { force = false }: { readonly force?: boolean }, command: Command): Promise<void> {
  const globals = globalsOf(command);
  const { people, place } = await list(globals, true);
  if (people.length === 0) throw new Failure(`There is nobody to export: ${place} has no users.`);
  const whole = people.map(({ digest = '', ...user }) => ({ ...user, digest }));
  writeNewFiles([{ path, content: writeUsersFile(whole), isSecret: true }], force);
  globals.output.answer({ path, users: people.length }, () => {
    globals.output.line(
      `Exported ${counted(people.length, 'person', 'people')} to ${path}. It holds the digests of their passwords: keep it as a secret.`,
    );
  });
}

function groupsOf(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.length > 1 && names.includes('')) throw misused(`'${text}': between two commas no group is named.`);
  return names.filter((name) => name !== '');
}

const row = ({ username, displayName, email, groups, disabled }: Row): string[] => [
  ...[username, displayName, email ?? '', groups.join(', ')],
  disabled ? 'disabled' : 'enabled',
];
