import { auditKind, type AuditRow } from '@portcullis/contracts-identity';
import { parseDuration } from '@portcullis/platform-config';
import { type Command, Option } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import { misused } from './failure.js';
import { examples, type Globals, globalsOf } from './globals.js';
import { localTime } from './output.js';
import { askIdentity } from './services.js';
import { wholeNumber } from './whole-number.js';
import { counted } from './words.js';

interface Options {
  readonly user?: string;
  readonly kind?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit: string;
  readonly follow?: boolean;
}

const LOOK_EVERY_MS = 1000;
const MOST = 5000;

/** `audit`, `audit erase`: who did what, from where and when. */
export function addAudit(program: Command): void {
  const audit = program
    .command('audit')
    .description('what happened: sign-ins, failures, bans, enrolments, resets, changed people and rules, commands')
    .option('--user <name>', 'only what concerns this person')
    .addOption(new Option('--kind <kind>', 'only that').choices(auditKind.options))
    .option('--since <time>', 'from then on: a date, or how long ago (2h)')
    .option('--until <time>', 'up to then, in the same way')
    .option('--limit <n>', 'the newest so many', '100')
    .option('--follow', 'go on with what comes; with --json a line of JSON each')
    .addHelpText('after', examples('audit --user john --since 2d', 'audit --kind ban', 'audit --follow --json'))
    .action(show);
  audit
    .command('erase')
    .description('take away what was written down of one person, and their tries to sign in; that it was done is written down')
    .argument('<username>')
    .addHelpText('after', examples('audit erase john'))
    .action(async (username: string, _options: unknown, command: Command) => {
      const globals = globalsOf(command);
      const erased = await askIdentity(globals, 'eraseAudit', { username });
      globals.output.answer(erased, () => {
        globals.output.line(
          `Erased ${counted(erased.rows, 'row')} of the audit trail and ${counted(erased.attempts, 'try', 'tries')} of ${username}.`,
        );
      });
    });
}

async function show(options: Options, command: Command): Promise<void> {
  const globals = globalsOf(command);
  const limit = wholeNumber('--limit', options.limit);
  if (limit < 1 || limit > MOST) throw misused(`--limit is a number from 1 to ${MOST}, not ${limit}.`);
  const nowMs = Date.now();
  const filters = {
    ...{ username: options.user ?? null, kind: options.kind ?? null },
    ...{ sinceMs: timeOf('--since', options.since, nowMs), untilMs: timeOf('--until', options.until, nowMs) },
  };
  const { rows } = await askIdentity(globals, 'listAudit', { ...filters, afterId: null, limit });
  if (options.follow === true) {
    await follow(globals, filters, rows);
    return;
  }
  globals.output.answer(rows.map(asJson), () => {
    globals.output.table(['When', 'What', 'User', 'By', 'From', 'Request', 'More'], rows.map(cells));
  });
}

/** Until it is interrupted, or nobody reads any more. */
async function follow({ output, ...globals }: Globals, filters: Filters, first: readonly AuditRow[]): Promise<never> {
  let rows = first;
  let afterId = 0;
  for (;;) {
    for (const row of rows) output.line(output.json ? JSON.stringify(asJson(row)) : cells(row).join('  '));
    afterId = rows.at(-1)?.id ?? afterId;
    if (rows.length < MOST) await delay(LOOK_EVERY_MS);
    ({ rows } = await askIdentity(globals, 'listAudit', { ...filters, afterId, limit: MOST }));
  }
}

interface Filters {
  readonly username: string | null;
  readonly kind: string | null;
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
}

/** One line for a SIEM: every row in the same shape. */
const asJson = ({ id, atMs, kind, username, actor, ip, requestId, detail }: AuditRow) => ({
  ...{ id, time: new Date(atMs).toISOString(), kind, user: username, actor, ip, request_id: requestId, detail },
});

const cells = ({ atMs, kind, username, actor, ip, requestId, detail }: AuditRow): string[] => [
  ...[localTime(atMs), kind, username, actor, ip, requestId],
  Object.entries(detail)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' '),
];

function timeOf(flag: string, text: string | undefined, nowMs: number): number | null {
  if (text === undefined) return null;
  const ago = parseDuration(text);
  if (ago.ok && !/^\d{4}-/.test(text)) return nowMs - ago.value;
  const date = Date.parse(text);
  if (Number.isNaN(date)) throw misused(`${flag} takes a date (2026-11-26, 2026-11-26T12:00:00Z) or how long ago (2h, 3 days), not '${text}'.`);
  return date;
}
