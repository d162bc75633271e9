import { accessControlSection, logSection } from '@portcullis/contracts-configuration';
import { compilePolicy, fingerprintOf } from '@portcullis/domain-policy';
import type { Command } from 'commander';
import { existsSync, fstatSync } from 'node:fs';
import { readConfiguration } from './config.js';
import { Failure } from './failure.js';
import { examples, type Globals, globalsOf } from './globals.js';
import { linesOf, logFiles, type LogLine, openLog } from './log-lines.js';
import { readPeople } from './people.js';
import { type Answer, explainLine, type Installation } from './why-answer.js';

/** `why REQUEST-ID`: what was answered to a request, by which rule, and what to change. */
export function addWhy(program: Command): void {
  program
    .command('why')
    .description('explain a refused page or a line of the log by its request id: the rule, the reason, and what to change')
    .argument('<request-id>', 'as the page shows it, or request_id of the log')
    .option('--log <file>', 'the log, - for standard input (else log.file_path and what was moved from it, else standard input)')
    .addHelpText(
      'after',
      examples('why 4XoV2pQ8mCk3sT1z', 'why 4XoV2pQ8mCk3sT1z --log /var/log/portcullis/portcullis.log.1.gz', 'why 4XoV2pQ8mCk3sT1z < portcullis.log'),
    )
    .action(async (requestId: string, { log }: { log?: string }, command: Command) => {
      await why(requestId, log, globalsOf(command));
    });
}

async function why(requestId: string, log: string | undefined, { files, output }: Globals): Promise<void> {
  const lines = await findLines(requestId, log, files);
  // A proxy may ask again under the same id: what was answered last is what the person saw.
  const line = lines.findLast((each) => 'outcome' in each) ?? lines.at(-1);
  if (line === undefined)
    throw new Failure(`No line of the log carries the request id ${requestId}. Lines of 200 are written with log.decisions: all alone.`);
  const installation = installationOf(files);
  const answer = explainLine(line, installation);
  output.answer({ requestId, lines: lines.length, line, rulesHashNow: installation?.rulesHash ?? null, ...answer }, () => {
    for (const text of format(answer)) output.line(text);
  });
}

async function findLines(requestId: string, log: string | undefined, files: readonly string[]): Promise<readonly LogLine[]> {
  if (log === '-') return linesOf(process.stdin, requestId);
  if (log !== undefined && !existsSync(log)) throw new Failure(`${log} is not there.`);
  const named = log === undefined ? logFiles(readConfiguration(files, { log: logSection }).value?.log.filePath ?? null) : [log];
  for (const file of named) {
    const lines = await linesOf(openLog(file), requestId);
    if (lines.length > 0) return lines;
  }
  if (log !== undefined) return [];
  if (isPiped()) return linesOf(process.stdin, requestId);
  if (named.length > 0) return [];
  throw new Failure(
    'There is no log to look in: log.file_path names none. Give --log FILE, or pipe it in: docker logs portcullis 2>&1 | portcullis why …',
  );
}

/** Somebody writes to us, or a file was given; not a terminal, and not nothing. */
function isPiped(): boolean {
  const stdin = fstatSync(0);
  return stdin.isFIFO() || stdin.isFile() || stdin.isSocket();
}

/** The rules and people of today; null where they cannot be read, which does not keep a line from being explained. */
function installationOf(files: readonly string[]): Installation | null {
  const { value, sources } = readConfiguration(files, { accessControl: accessControlSection({ compilePolicy }) });
  if (value === null) return null;
  const { accessControl } = value;
  const people = readPeople(files);
  return {
    rules: { source: accessControl, policy: compilePolicy(accessControl) },
    rulesHash: fingerprintOf(accessControl),
    people: people?.people ?? [],
    placeOf: (ruleIndex) => {
      const place = sources.get(`access_control.rules[${ruleIndex}]`);
      return place === undefined ? null : `${place.file}${place.line === undefined ? '' : `:${place.line}`}`;
    },
  };
}

function format({ request, result, why: reasons, now, fix }: Answer): readonly string[] {
  const block = (title: string, texts: readonly string[]): readonly string[] =>
    texts.flatMap((text) => text.split('\n')).map((text, index) => `${(index === 0 ? title : '').padEnd(5)}${text}`);
  return [request, `${result}\n`, ...block('Why', reasons), ...block('Now', now), ...block('Fix', fix)];
}
