import { Ajv, type ErrorObject } from 'ajv';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const fixture = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const schema: unknown = JSON.parse(fixture('../../../docs/configuration.schema.json'));
const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false, allowUnionTypes: true, keywords: ['deprecationMessage', 'errorMessage'] });
const validate = ajv.compile(schema as object);

/** Where an editor would mark something: `/session/cookies/0 additionalProperties`. */
function marks(text: string): readonly string[] {
  validate(parse(text, { merge: true }));
  const found = (validate.errors ?? []).filter(({ keyword }: ErrorObject) => keyword !== 'anyOf');
  return [...new Set(found.map(({ instancePath, keyword }) => `${instancePath} ${keyword}`))];
}

describe('the schema for editors', () => {
  it.each(['guide.yml', 'guide-step5.yml', 'base.yml', 'world-strict.yml'])('marks nothing in %s', (name) => {
    expect(marks(fixture(name))).toEqual([]);
  });

  it("marks nothing in the conformance world's file", () => {
    expect(marks(fixture('world.yml').replaceAll('@DIR@', '/tmp').replaceAll('@PORT@', '9091').replaceAll('@REDIS_PORT@', '6379'))).toEqual([]);
  });

  it.each<[text: string, mark: string]>([
    ['sesion: {}', ' additionalProperties'],
    ['session: {cookies: [{domin: example.com}]}', '/session/cookies/0 additionalProperties'],
    ['session: {cookies: {domain: example.com}}', '/session/cookies type'],
    ['theme: blue', '/theme enum'],
    ['log: {level: loud}', '/log/level enum'],
    ['session: {expiration: 1 hou}', '/session/expiration pattern'],
    ['session: {inactivity: -5m}', '/session/inactivity pattern'],
    ['session: {redis: {port: redis}}', '/session/redis/port pattern'],
    ['totp: {digits: 7}', '/totp/digits enum'],
    ['regulation: [3]', '/regulation type'],
    ['access_control: {rules: [{policy: 1fa}]}', '/access_control/rules/0/policy enum'],
    ['access_control: {rules: [{query: [{value: x}]}]}', '/access_control/rules/0/query/0 required'],
    ['server: {endpoints: {authz: {mine: {implementation: Other}}}}', '/server/endpoints/authz/mine/implementation enum'],
    ['authentication_backend: {ldap: {address: ldap://a}}', '/authentication_backend/ldap maxProperties'],
    ['google_analytics: x', '/google_analytics not'],
  ])('marks the mistake in %s', (text, mark) => {
    expect(marks(text)).toContain(mark);
  });

  it.each([
    'session: {remember_me: -1, expiration: 1 hour and 30 minutes, inactivity: 90}',
    'session: {redis: {port: "6379"}}',
    'log: {keep_stdout: "true"}',
    'totp: {algorithm: sha256, digits: 8, allowed_digits: [6, 8]}',
    'access_control: {rules: [{domain: a.example.com, policy: deny, subject: [[user:a, group:b], user:c]}]}',
    'access_control:\n  rules:\n',
    'authentication_backend: {refresh_interval: always}',
    'jwt_secret: x\nserver: {host: a, port: 1}\nsession: {lifetime: 1h}',
  ])('takes %s', (text) => {
    expect(marks(text)).toEqual([]);
  });

  it('offers words and what they mean', () => {
    const theme = (schema as { properties: { theme: { description: string } } }).properties.theme;
    expect(theme).toMatchObject({
      description: expect.stringContaining('Default: light'),
      anyOf: [{ enum: expect.arrayContaining(['light', 'dark']) }, {}],
    });
  });
});
