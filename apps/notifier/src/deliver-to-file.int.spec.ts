import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileDelivery } from './deliver-to-file.js';

const letter = { to: { name: 'Alice A.', address: 'alice@example.com' }, title: 'Confirm your identity', text: 'The text.\n', html: '<p>' };
const other = { ...letter, title: 'Reset your password' };
const DATE = /^Date: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,3})? [+-]\d{4} \S+$/u;

let directory: string;
let path: string;
let nowMs = Date.UTC(2026, 10, 24, 1, 2, 3, 120);
const now = () => nowMs;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'file-delivery-'));
  path = join(directory, 'deep', 'in', 'notification.txt');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const read = (): string => readFileSync(path, 'utf8');

describe('the file of notices', () => {
  it('has the layout that scripts read, in a directory made for it, for its owner alone', async () => {
    const delivery = createFileDelivery({ path, append: false, now });
    await delivery.deliver('1', letter);
    const [date, ...rest] = read().split('\n');
    expect(date).toMatch(DATE);
    expect(rest.join('\n')).toBe('Recipient: {Alice A. alice@example.com}\nSubject: Confirm your identity\nThe text.\n\n\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each([
    [120, '.12'],
    [0, ''],
    [7, '.007'],
  ])('prints %i milliseconds as Go does', async (ms, fraction) => {
    nowMs = Date.UTC(2026, 10, 24, 1, 2, 3, ms);
    await createFileDelivery({ path, append: false, now }).deliver('1', letter);
    expect(/:03(\S*) [+-]/u.exec(read())?.[1]).toBe(fraction);
  });

  it('holds the last notice alone', async () => {
    const delivery = createFileDelivery({ path, append: false, now });
    await delivery.deliver('1', { ...letter, text: 'A much longer text than the next one.\n' });
    await delivery.deliver('2', other);
    expect(read()).not.toContain('Confirm your identity');
    expect(read()).not.toContain('longer');
    expect(read()).toContain('Subject: Reset your password');
  });

  it('keeps the earlier ones where it is to append', async () => {
    const delivery = createFileDelivery({ path, append: true, now });
    await delivery.deliver('1', letter);
    await delivery.deliver('2', other);
    expect([...read().matchAll(/^Subject: (.*)$/gmu)].map(([, subject]) => subject)).toEqual(['Confirm your identity', 'Reset your password']);
  });
});

describe('the check at the start', () => {
  it('makes the directory and empties the file', async () => {
    const delivery = createFileDelivery({ path, append: false, now });
    await delivery.check();
    expect(read()).toBe('');
    writeFileSync(path, 'of before');
    await delivery.check();
    expect(read()).toBe('');
  });

  it('leaves what an appended file holds', async () => {
    const delivery = createFileDelivery({ path, append: true, now });
    await delivery.deliver('1', letter);
    await delivery.check();
    expect(read()).toContain('Confirm your identity');
  });

  it('takes from everybody else the right to read a file that was there already, and leaves a group its own', async () => {
    path = join(directory, 'notification.txt');
    writeFileSync(path, 'of before');
    chmodSync(path, 0o644);
    await createFileDelivery({ path, append: true, now }).check();
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it('refuses a place that cannot be written', async () => {
    writeFileSync(join(directory, 'deep'), 'a file where a directory should be');
    await expect(createFileDelivery({ path, append: false, now }).check()).rejects.toThrow(/EEXIST|ENOTDIR/u);
  });
});
