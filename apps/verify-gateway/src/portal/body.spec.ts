import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readBody } from './body.js';
import { PortalRefusal } from './portal-refusal.js';

const schema = z.object({ username: z.string(), targetURL: z.string().default(''), keepMeLoggedIn: z.boolean().default(false) });
const JSON_TYPE = 'application/json';

const read = (body: string | Buffer | undefined, type: string | undefined = JSON_TYPE, absent?: unknown): unknown =>
  readBody(schema, { type, bytes: typeof body === 'string' ? Buffer.from(body) : body }, absent);
/** How a body is refused. */
function refusalOf(body: string | Buffer | undefined, type?: string): PortalRefusal {
  try {
    read(body, type);
  } catch (error) {
    if (error instanceof PortalRefusal) return error;
    throw error;
  }
  throw new Error('it was taken');
}
const bob = { username: 'bob', targetURL: '', keepMeLoggedIn: false };

describe('a body is taken', () => {
  it.each([JSON_TYPE, 'application/json; charset=utf-8', 'Application/JSON', ' application/json ;x'])('as %j', (type) => {
    expect(read('{"username":"bob"}', type)).toEqual(bob);
  });

  it('with field names in any case, as the schema spells them', () => {
    expect(read('{"USERNAME":"bob","targeturl":"x","KeepMeLoggedIN":true}')).toEqual({ username: 'bob', targetURL: 'x', keepMeLoggedIn: true });
  });

  it('with the last of two values', () => {
    expect(read('{"username":"nobody","username":"bob"}')).toEqual(bob);
    expect(read('{"username":"nobody","UserName":"bob"}')).toEqual(bob);
  });

  it('without the fields that nobody knows', () => {
    expect(read('{"username":"bob","admin":true,"groups":["admins"],"__proto__":{"polluted":1},"constructor":{"x":1}}')).toEqual(bob);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('that is not there, where a route needs none', () => {
    expect(read(undefined, undefined, { username: 'absent' })).toMatchObject({ username: 'absent' });
    expect(read('', 'text/plain', { username: 'absent' })).toMatchObject({ username: 'absent' });
  });
});

describe('a body of another type is refused with 415, whatever it says (attack 77)', () => {
  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=application/json',
    'application/jsonp',
    'text/plain; application/json',
    '',
  ])('%j', (type) => {
    expect(refusalOf('{"username":"bob"}', type).status).toBe(415);
  });

  it('also where none is named', () => {
    expect(() => readBody(schema, { type: undefined, bytes: Buffer.from('{"username":"bob"}') })).toThrow(
      expect.objectContaining({ status: 415 }) as Error,
    );
  });

  it('also where a route needs none', () => {
    expect(() => read('{"username":"bob"}', 'text/plain', {})).toThrow(expect.objectContaining({ status: 415 }) as Error);
  });
});

describe('a body that is none is refused with 400', () => {
  it.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['a word', 'x'],
    ['a form', 'username=bob'],
    ['text after the object', '{"username":"bob"}x'],
    ['a byte order mark', '\ufeff{"username":"bob"}'],
    ['a string', '"bob"'],
    ['null', 'null'],
    ['a list', '[{"username":"bob"}]'],
    ['invalid UTF-8', Buffer.from('{"username":"b\xffb"}', 'latin1')],
    ['brackets without end', '['.repeat(60_000)],
  ])('%s', (_, body) => {
    expect(refusalOf(body).status).toBe(400);
  });

  it('with what is wrong with it, and nothing of what it holds', () => {
    expect(refusalOf('{"username":1}').body).toMatchObject({ status: 'KO', message: expect.stringMatching(/username/) as string });
    const told = refusalOf('{"username":"bob","keepMeLoggedIn":"the secret"}').body;
    expect(told).toMatchObject({ message: expect.stringMatching(/keepMeLoggedIn/) as string });
    expect(JSON.stringify(told)).not.toContain('the secret');
  });
});
