import { accessMatrix, type MatrixRow } from '@portcullis/domain-policy';
import type { Command } from 'commander';
import { writeFileSync } from 'node:fs';
import { ANONYMOUS, readRules } from './access-control-diff.js';
import { misused } from './failure.js';
import { examples, globalsOf } from './globals.js';
import { type Column, markOf, matrixPage } from './matrix-page.js';
import type { Output } from './output.js';
import { enabled, requirePeople } from './people.js';

interface Options {
  readonly csv?: boolean;
  readonly html?: string;
  readonly users?: string;
}

/** `access-control matrix`: who may open what, people by hosts. */
export function addMatrix(accessControl: Command): void {
  accessControl
    .command('matrix')
    .description('show who may open what, hosts by people')
    .option('--csv', 'as comma-separated values, a column each person')
    .option('--html <file>', 'write a page to read or print')
    .option('--users <file>', 'the users file, where it is not the one that the configuration names')
    .addHelpText('after', examples('access-control matrix', 'access-control matrix --csv > access.csv', 'access-control matrix --html access.html'))
    .action(({ csv, html, users }: Options, command: Command) => {
      const { files, output } = globalsOf(command);
      if (csv === true && (html !== undefined || output.json)) throw misused('Give one of --csv, --html and --json.');
      const rules = readRules(files);
      const found = requirePeople(files, users);
      const people = enabled(found);
      const rows = accessMatrix(rules, people);
      const names = [ANONYMOUS, ...people.map(({ username }) => username)];
      if (csv === true) output.line(toCsv(rows, names));
      else if (html === undefined) tell(rows, names, output);
      else {
        writeFileSync(html, matrixPage({ rows, columns: columnsOf(rows, names), rules: rules.source.rules, usersFile: found.file }));
        output.answer({ file: html }, () => {
          output.line(`Wrote ${html}.`);
        });
      }
    });
}

function tell(rows: readonly MatrixRow[], names: readonly string[], output: Output): void {
  const people = ({ cells }: MatrixRow) =>
    Object.fromEntries(
      cells.map(({ policy, ruleIndex, varies }, index) => [names[index] ?? '', { policy, rule: ruleIndex < 0 ? null : ruleIndex + 1, varies }]),
    );
  output.answer(
    rows.map((row) => ({ host: row.host, people: people(row) })),
    () => {
      const columns = columnsOf(rows, names);
      output.table(
        ['Host', ...columns.map(headOf)],
        rows.map(({ host }, index) => [host, ...columns.map(({ cells }, column) => markOf(cells[index], column === 0))]),
      );
      output.line('\nopen: without signing in   1, 2: factors   -: denied   *: some paths, methods or networks are answered in another way');
      output.line('<any>: every name that no rule names   {user}: one’s own');
    },
  );
}

/** A stranger alone first; who is answered alike stands together. */
function columnsOf(rows: readonly MatrixRow[], names: readonly string[]): readonly Column[] {
  const columns = names.map((name, index): Column => ({ names: [name], cells: rows.flatMap(({ cells }) => cells[index] ?? []) }));
  const [stranger, ...people] = columns;
  const alike = [...Map.groupBy(people, ({ cells }) => JSON.stringify(cells)).values()];
  return [
    ...(stranger === undefined ? [] : [stranger]),
    ...alike.map((group): Column => ({ names: group.flatMap((column) => column.names), cells: group[0]?.cells ?? [] })),
  ];
}

const MOST_NAMES = 3;
const headOf = ({ names }: Column): string =>
  names.length <= MOST_NAMES ? names.join('\n') : [...names.slice(0, MOST_NAMES - 1), `+${names.length - MOST_NAMES + 1}`].join('\n');

function toCsv(rows: readonly MatrixRow[], names: readonly string[]): string {
  const lines = [
    ['host', ...names],
    ...rows.map(({ host, cells }) => [host, ...cells.map(({ policy, varies }) => (varies ? `${policy}*` : policy))]),
  ];
  return lines.map((line) => line.map(csvField).join(',')).join('\n');
}

/** RFC 4180; what a spreadsheet would take for a formula is made text. */
function csvField(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
