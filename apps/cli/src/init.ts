import { DIGEST_DEFAULTS } from '@portcullis/domain-passwords';
import { formatProblems } from '@portcullis/platform-config';
import { createDigests } from '@portcullis/platform-digests';
import { type Command, Option } from 'commander';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Failure, misused } from './failure.js';
import { examples, type Globals, globalsOf } from './globals.js';
import { type Answers, answer, type InitOptions, POLICIES } from './init-answers.js';
import { createAsker } from './init-asker.js';
import { configurationText, usersText } from './init-files.js';
import { PROXIES, proxyFiles, shippedProxies } from './init-proxy.js';
import { allProblems } from './validate-config.js';

const CONFIGURATION = 'configuration.yml';
const USERS = 'users_database.yml';

/** `init`: the files of a new installation. What is there already is named and kept. */
export function addInit(program: Command): void {
  program
    .command('init [dir]')
    .description('make the files of a new installation: configuration, a first person, the proxy; asks for what no flag says, and overwrites nothing')
    .option('--domain <domain>', 'your domain; sites and portal lie below it')
    .option('--portal <host>', "the portal's host (else auth.<domain>)")
    .option('--site <host>', 'a first site to protect (else app.<domain>)')
    .addOption(new Option('--policy <policy>', 'what every site asks for').choices(POLICIES))
    .addOption(new Option('--proxy <name>', 'the proxy in front').choices([...shippedProxies(), 'none']))
    .option('--backend <url>', 'where the application of that site listens (else http://127.0.0.1:8080)')
    .option('--certificate <file>', 'its certificate, where the proxy does not get one itself')
    .option('--certificate-key <file>', 'the key of that certificate')
    .option('--address <host:port>', 'where the gate listens (else 127.0.0.1:9091)')
    .option('--user <name>', 'the first person (else admin)')
    .option('--display-name <name>', 'their name as people say it')
    .option('--email <address>', 'their mail address')
    .option('--password <password>', 'their password (else it is asked for, or made)')
    .option('--random', 'make their password')
    .option('--smtp <address>', 'a mail server for codes and links, as submission://mail.example.com:587 (else a file)')
    .option('--smtp-sender <address>', 'the sender of its mails')
    .option('--smtp-username <name>', 'the name it knows us by')
    .option('--smtp-password <password>', 'and the password')
    .option('-y, --yes', 'ask nothing: what no flag says is the usual')
    .addHelpText('after', examples('init /srv/portcullis', 'init /srv/portcullis --yes --domain example.com --proxy caddy'))
    .action(async (directory: string | undefined, options: InitOptions, command: Command) => {
      await init(resolve(directory ?? '.'), options, globalsOf(command));
    });
}

async function init(directory: string, options: InitOptions, { output }: Globals): Promise<void> {
  const places = [CONFIGURATION, USERS].map((name) => join(directory, name));
  // Nothing is asked where nothing would be made of it.
  const answers = places.every((place) => existsSync(place)) ? null : await answer(askerFor(options), options);
  const { made, kept } = answers === null ? { made: [], kept: places } : await writeAll(directory, answers);
  const config = join(directory, CONFIGURATION);
  const problems = allProblems([config]).filter(({ severity }) => severity === 'error');
  const next = nextCommands(directory, answers);
  const password = answers?.passwordMade === true && made.includes(join(directory, USERS)) ? answers.password : undefined;
  output.answer({ made, kept, next, ...(password === undefined ? {} : { user: answers?.person.name, password }) }, () => {
    if (made.length > 0) output.line(['Made:', ...made.map((file) => `  ${file}`)].join('\n'));
    if (kept.length > 0) output.line(['Kept as they were:', ...kept.map((file) => `  ${file}`)].join('\n'));
    if (password !== undefined) output.line(`\nSign in as '${answers?.person.name ?? ''}' with the password ${password}\nIt is told this once.`);
    if (problems.length === 0) output.line(['\nNext:', ...next.map((line, index) => `  ${index + 1}. ${line}`)].join('\n'));
  });
  if (problems.length > 0) throw new Failure(`The files do not make an installation yet:\n${formatProblems(problems)}`);
}

function askerFor({ yes = false }: InitOptions) {
  const interactive = process.stdin.isTTY && !yes;
  if (!interactive && !yes) throw misused('No terminal to ask at: give --domain and what else you want by flags, and --yes.');
  return createAsker(interactive);
}

interface Written {
  readonly made: string[];
  readonly kept: string[];
}

async function writeAll(directory: string, answers: Answers): Promise<Written> {
  const digest = await digestOf(answers.password);
  const written: Written = { made: [], kept: [] };
  const write = (path: string, text: string, mode: number): void => {
    (writeNew(path, text, mode) ? written.made : written.kept).push(path);
  };
  write(join(directory, CONFIGURATION), configurationText(answers, directory), 0o600);
  write(join(directory, USERS), usersText(answers, digest), 0o600);
  if (answers.proxy !== null) {
    const folder = join(directory, answers.proxy);
    for (const [name, text] of proxyFiles(answers.proxy, answers, folder)) write(join(folder, name), text, 0o644);
  }
  return written;
}

/** false where something is there already: it stays as it is. */
function writeNew(path: string, text: string, mode: number): boolean {
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(path, text, { mode, flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function digestOf(password: string): Promise<string> {
  if (password === '') throw misused('The password is empty.');
  const digests = createDigests();
  return digests.make(DIGEST_DEFAULTS.argon2, password).finally(() => digests.close());
}

function nextCommands(directory: string, answers: Answers | null): readonly string[] {
  const config = join(directory, CONFIGURATION);
  const proxy = answers?.proxy ?? null;
  return [
    `npm start -- --config ${config}`,
    ...(proxy === null ? [] : [PROXIES[proxy].next(join(directory, proxy, PROXIES[proxy].file))]),
    `npx --no-install portcullis doctor --config ${config}${answers === null ? '' : ` --through https://${answers.site}`}`,
  ];
}
