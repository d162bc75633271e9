import Table from 'cli-table3';
import { styleText } from 'node:util';
import { printable } from './printable.js';

/** Where a command's answer goes: words and tables for people, JSON for scripts. */
export interface Output {
  readonly json: boolean;
  /** Of one line or several; what a terminal would obey is shown, not sent. */
  line(text: string): void;
  /** Drawn for a terminal: sent as it is. */
  picture(text: string): void;
  /** `value` for scripts, `people` called for people. */
  answer(value: unknown, people: () => void): void;
  table(head: readonly string[], rows: readonly (readonly string[])[]): void;
}

export function createOutput(json: boolean): Output {
  const picture = (text: string): void => {
    process.stdout.write(`${text}\n`);
  };
  const line = (text: string): void => {
    picture(printable(text));
  };
  return {
    json,
    line,
    picture,
    answer: (value, people) => {
      if (json) line(JSON.stringify(value, null, 2));
      else people();
    },
    table: (head, rows) => {
      picture(rows.length === 0 ? 'No results.' : renderTable(head, rows));
    },
  };
}

const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({ head: head.map(bold), chars: PLAIN, style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] } });
  table.push(...rows.map((row) => row.map(printable)));
  return table
    .toString()
    .split('\n')
    .map((text) => text.trimEnd())
    .join('\n');
}

/** Colour only where a terminal shows it; NO_COLOR and FORCE_COLOR are honoured by styleText. */
const bold = (text: string): string => styleText('bold', text, { stream: process.stdout });

/** Whether whoever reads the answer shows colours. */
export const isColoured = (): boolean => bold('') !== '';

/** `2026-11-23 21:04:05`, in the time zone of the terminal. */
export function localTime(ms: number | null, absent = 'never'): string {
  if (ms === null) return absent;
  const date = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19).replace('T', ' ');
}
