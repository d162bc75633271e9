import { describe, expect, it } from 'vitest';
import { lineFormatter } from './log-line.js';

const time = '2026-01-02T03:04:05Z';
const text = lineFormatter('text', 'identity');
const json = lineFormatter('json', 'identity');

/** As documented for Authelia, with <HOST> as fail2ban replaces it. */
const fail2ban = /Unsuccessful (1FA|TOTP|Duo|U2F) authentication attempt by user .*remote_ip"?(:|=)"?(?<host>[0-9a-f.:]+)"?/;

const hostile = [
  ['a newline', 'x\ntime="2026-01-02T03:04:05Z" level=error msg="forged" remote_ip=6.6.6.6'],
  ['a carriage return', 'x\ry'],
  ['a quote that would end the value', 'x" remote_ip=6.6.6.6 y="'],
  ['a backslash before the closing quote', 'x\\'],
  ['an escape sequence', '\u001b[2Jx'],
  ['NUL', 'a\0b'],
  ['a next-line control', 'a\u0085b'],
  ['a line separator', 'a\u2028b'],
  ['a right-to-left override', 'a\u202eb'],
  ['a lone surrogate', 'a\ud800b'],
] as const;

describe('the text format', () => {
  it('is the line logrus writes', () => {
    const fields = { method: 'POST', path: '/api/firstfactor', remote_ip: '1.2.3.4' };
    expect(text(time, 'error', "Unsuccessful 1FA authentication attempt by user 'john'", fields)).toBe(
      `time="2026-01-02T03:04:05Z" level=error msg="Unsuccessful 1FA authentication attempt by user 'john'" method=POST path=/api/firstfactor remote_ip=1.2.3.4 service=identity\n`,
    );
  });

  it('is what the documented fail2ban filter finds the address in', () => {
    const line = text(time, 'error', "Unsuccessful 1FA authentication attempt by user 'john'", { method: 'POST', remote_ip: '2001:db8::1' });
    expect(fail2ban.exec(line)?.groups?.['host']).toBe('2001:db8::1');
  });

  it('quotes only what needs it, prints numbers and booleans bare, and leaves out what is undefined', () => {
    const fields = { ratio: 0.5, ok: true, gone: undefined, path: '/a b', empty: '', ip: '::1' };
    expect(text(time, 'info', 'ready', fields)).toBe(
      `time="${time}" level=info msg=ready ratio=0.5 ok=true path="/a b" empty= ip="::1" service=identity\n`,
    );
  });

  it('keeps letters of every script readable', () => {
    expect(text(time, 'info', 'Grüße, 日本語', {})).toContain('msg="Grüße, 日本語"');
  });

  it('spells warn as logrus does', () => {
    expect(text(time, 'warn', 'careful', {})).toContain(' level=warning ');
  });

  it.each(hostile)('keeps one line with one address in spite of %s', (_, value) => {
    const line = text(time, 'error', `Unsuccessful 1FA authentication attempt by user '${value}'`, { user: value, remote_ip: '1.2.3.4' });
    // eslint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(line).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e\ud800]*\n$/);
    expect(line.match(/(?<!\\)"[^"\\]*(?:\\.[^"\\]*)*"/g)).toHaveLength(3);
    expect(line).toMatch(/" remote_ip=1\.2\.3\.4 service=identity\n$/);
  });

  it('lets no field stand in for the line’s own, nor a name forge a field', () => {
    expect(text(time, 'info', 'm', { level: 'error', 'a b="c': 1 })).toBe(
      `time="${time}" level=info msg=m fields.level=error a_b__c=1 service=identity\n`,
    );
  });
});

describe('the JSON format', () => {
  it('has level, message and time before the fields, and the service last', () => {
    expect(json(time, 'error', 'No "luck"', { remote_ip: '1.2.3.4', status: 401, banned: false, gone: undefined })).toBe(
      `{"level":"error","msg":"No \\"luck\\"","time":"${time}","remote_ip":"1.2.3.4","status":401,"banned":false,"service":"identity"}\n`,
    );
  });

  it.each(hostile)('keeps one line that reads back in spite of %s', (_, value) => {
    const line = json(time, 'info', value, { user: value });
    // eslint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(line).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e\ud800]*\n$/);
    expect(JSON.parse(line)).toEqual({ level: 'info', msg: value, time, user: value, service: 'identity' });
  });

  it('prints a number that JSON does not know as null', () => {
    expect(JSON.parse(json(time, 'info', 'm', { ratio: Number.NaN }))).toMatchObject({ ratio: null });
  });
});
