import { expect, it } from 'vitest';
import { idsBehindDashes } from './ids-behind-dashes.js';

const typed = (line: string): string => idsBehindDashes(line.split(' ')).join(' ');

it.each([
  ['sessions revoke -cdcadV3CdbKF-SN --config c.yml', 'sessions revoke --config c.yml -- -cdcadV3CdbKF-SN'],
  ['--config c.yml sessions show --dcadV3CdbKF-SN --json', '--config c.yml sessions show --json -- --dcadV3CdbKF-SN'],
  ['notices retry -z8MvFeAjoZjA8yQXcxzcg', 'notices retry -- -z8MvFeAjoZjA8yQXcxzcg'],
])('%s: what begins with a dash and is an id is no option', (line, expected) => {
  expect(typed(line)).toBe(expected);
});

it.each([
  'sessions revoke yAdcadV3CdbKF-SN --config c.yml --json',
  'sessions revoke --help',
  'sessions revoke -- -cdcadV3CdbKF-SN',
  'crypto rand --sixteen-letter',
])('%s stays as it is', (line) => {
  expect(typed(line)).toBe(line);
});
