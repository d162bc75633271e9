import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { describeWith, http, type RunningPortcullis, startPortcullis, tempDir, until } from '../support/index.js';
import { peopleOf, SITE } from './site.js';

describeWith(['redis'], 'portcullis why, asked about lines that a gate wrote', () => {
  let portcullis: RunningPortcullis;
  let log: string;
  beforeAll(async () => {
    log = join(tempDir('why'), 'gate.log');
    portcullis = await startPortcullis({ config: { ...SITE, log: { file_path: log } }, users: await peopleOf('alice') });
  });

  const verify = (host: string, id: string, more: Readonly<Record<string, string>> = {}) =>
    http(portcullis.base, {
      path: '/api/authz/forward-auth',
      headers: {
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Host': host,
        'X-Forwarded-URI': '/a?token=x',
        'X-Forwarded-Method': 'GET',
        'X-Request-Id': id,
        ...more,
      },
    });
  const why = async (id: string): Promise<string> => {
    await until(() => readFileSync(log, 'utf8').includes(id), { what: 'the line of the log' });
    return (await portcullis.cli('why', id)).stdout;
  };

  it('finds them by the id of the proxy, and knows the rules that answered', async () => {
    await verify('two.site.test', 'asked-to-sign-in-1');
    const asked = await why('asked-to-sign-in-1');
    expect(asked).toContain('GET https://two.site.test/a?… by somebody who had not signed in');
    expect(asked).toContain('Why  Rule #3 (two.site.test) asks for two factors, and the browser brought no session that is valid.');
    expect(asked).toContain('The rules have not changed since.');

    await verify('elsewhere.site.test', 'kept-out-everybody');
    expect(await why('kept-out-everybody')).toContain("- { domain: 'elsewhere.site.test', policy: two_factor }");

    await verify('one.site.test', 'nothing-was-asked', { 'X-Forwarded-Proto': 'http' });
    expect(await why('nothing-was-asked')).toContain('X-Forwarded-Proto: https');
  });

  it('says that other rules are in force since, as the gate says what they open', async () => {
    const tree = parse(readFileSync(portcullis.configFile, 'utf8')) as { access_control: { rules: object[] } };
    tree.access_control.rules[2] = { domain: 'two.site.test', policy: 'bypass' };
    writeFileSync(portcullis.configFile, stringify(tree));
    await until(() => readFileSync(log, 'utf8').includes('The new rules let in who was kept out'), { what: 'the gate to tell' });
    expect(readFileSync(log, 'utf8')).toMatch(
      /rule=#?"?#3"? who="everybody, without signing in" hosts=two\.site\.test before=two_factor after=bypass/,
    );
    const asked = await why('asked-to-sign-in-1');
    expect(asked).toContain('Rule #3 of then asks for more');
    expect(asked).toContain('The rules have changed since. Somebody who has not signed in is answered bypass by rule #3 (two.site.test).');
  });
});
