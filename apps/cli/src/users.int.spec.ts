import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDigests } from '@portcullis/platform-digests';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import type { Ended } from './command.fixture.js';
import { Installation } from './installation.fixture.js';

// Some processes each.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

type File = Readonly<Record<'users', Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;

describe('people in the store, while the identity service runs', () => {
  let installation: Installation;
  let original: string;
  beforeAll(async () => {
    installation = await Installation.make();
    original = readFileSync(at('users.yml'), 'utf8');
    const text = readFileSync(installation.file, 'utf8');
    writeFileSync(installation.file, text.replace(/^authentication_backend: .*$/m, 'authentication_backend: { sql: {} }'));
    await installation.start('identity');
  });
  afterAll(() => installation.close());
  const at = (name: string): string => join(installation.directory, name);
  const type = (line: string, input?: string): Promise<Ended> => installation.type(line, input === undefined ? {} : { input });
  const exported = async (name: string): Promise<File['users']> => {
    expect((await type(`users export ${at(name)}`)).out).toContain(`to ${at(name)}`);
    return (parse(readFileSync(at(name), 'utf8')) as File).users;
  };

  it('come from a file of the old server, and go back into one', async () => {
    const text = original.replace(/(mary: \{)/, '$1 disabled: true, groups: [dev, admins], phone_number: "1",');
    writeFileSync(at('old.yml'), text);
    const dry = await type(`users import ${at('old.yml')} --dry-run`);
    expect(dry).toMatchObject({ code: 0, err: `${at('old.yml')}: not taken, for nothing asks for it: phone_number\n` });
    expect(dry.out).toBe('john: added\nmary: added\n2 people would change; 0 were there already as the file has them.\n');
    expect(await installation.json('users list')).toEqual([]);
    expect((await type(`users import ${at('old.yml')}`)).code).toBe(0);

    const own = (parse(text) as File).users;
    const mary = Object.fromEntries(Object.entries(own['mary'] ?? {}).filter(([key]) => key !== 'phone_number'));
    expect(await exported('back.yml')).toEqual({ john: { ...own['john'], disabled: false, groups: [] }, mary });
    expect(statSync(at('back.yml')).mode & 0o777).toBe(0o600);
    expect((await type(`users import ${at('back.yml')}`)).out).toBe(
      'Imported 0 people from ' + `${at('back.yml')}; 2 were there already as the file has them.\n`,
    );
  });

  it('are added, listed, changed and deleted', async () => {
    writeFileSync(at('password'), 'her own password\nnot this\n');
    expect(await type(`users add anna --email anna@example.com --groups dev,ops --password-file ${at('password')}`)).toEqual({
      code: 0,
      out: 'anna is added.\n',
      err: '',
    });
    expect(await type('users add anna --random')).toMatchObject({ code: 1, err: 'anna is there already.\n' });
    expect((await type('users add ben --email ben --random')).err).toMatch(/^--email: 'ben' is no mail address/u);
    expect((await type('users set-password anna', 'a newer one\n')).out).toBe('The password of anna is set, and their sessions end.\n');
    expect(await matches('two.yml', 'anna', 'a newer one')).toBe(true);
    expect((await type('users set-groups anna admins')).out).toBe('anna is in admins.\n');
    expect((await type('users disable anna')).out).toBe('anna cannot sign in any more, and their sessions end.\n');
    expect(await installation.json('users list')).toContainEqual({
      ...{ username: 'anna', displayName: 'anna', email: 'anna@example.com', groups: ['admins'], disabled: true },
    });
    expect((await type('users list')).out).toMatch(
      /^Name +Display name +E-mail +Groups +State\n[^]*^anna +anna +anna@example.com +admins +disabled$/m,
    );
    expect((await type('users enable anna')).out).toBe('anna can sign in.\n');
    expect((await type('users delete anna')).out).toBe('anna is deleted, and their sessions end.\n');
    expect(await installation.json<readonly object[]>('users list')).toHaveLength(2);
  });

  it('that are wrong are refused, and nothing is changed', async () => {
    const before = await installation.json('users list');
    expect(await type('users set-password nobody')).toMatchObject({ code: 1, err: 'There is no user nobody. See: portcullis users list\n' });
    expect(await type('users delete nobody')).toMatchObject({ code: 1, err: 'Nothing was changed:\n  there is no user nobody\n' });
    expect((await type('users set-password john', '\n')).code).toBe(2);
    expect(await type('users set-password john --password x')).toMatchObject({ code: 0, err: expect.stringContaining('can be read by others') });
    writeFileSync(at('broken.yml'), 'users: { kim: { displayname: Kim, password: plain } }\n');
    expect(await type(`users import ${at('broken.yml')}`)).toMatchObject({
      code: 1,
      err: expect.stringContaining('user kim: the password is no digest'),
    });
    expect(await installation.json('users list')).toEqual(before);
  });

  it('are taken in as one change, however many they are', async () => {
    const before = await installation.json<readonly object[]>('users list');
    const digest = String((parse(original) as File).users['john']?.['password']);
    const many = Array.from({ length: 1500 }, (_, each) => `  user${each}: { displayname: User ${each}, password: '${digest}' }\n`).join('');
    writeFileSync(at('many.yml'), `users:\n${many}`);
    expect((await type(`users import ${at('many.yml')} --dry-run`)).out).toContain('1500 people would change; 0 were there');
    expect(await installation.json('users list')).toEqual(before);
    expect((await type(`users import ${at('many.yml')}`)).out).toContain('Imported 1500 people from');
    expect(await installation.json<readonly object[]>('users list')).toHaveLength(before.length + 1500);
  });

  async function matches(name: string, username: string, password: string): Promise<boolean> {
    const digests = createDigests();
    const digest = String((await exported(name))[username]?.['password']);
    return digests.verify(digest, password).finally(() => digests.close());
  }
});

describe('people in the users file, while nobody runs', () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await Installation.make();
  });
  afterAll(() => installation.close());

  it('are changed there, where they stand', async () => {
    const file = join(installation.directory, 'users.yml');
    const before = `# ours\n${readFileSync(file, 'utf8')}`;
    writeFileSync(file, before);
    expect((await installation.type('users disable mary')).out).toBe('mary cannot sign in any more, and their sessions end.\n');
    expect(readFileSync(file, 'utf8')).toContain('# ours\nusers:\n  john: { displayname: john,');
    expect((parse(readFileSync(file, 'utf8')) as File).users['mary']).toMatchObject({ disabled: true, displayname: 'mary' });
    expect(await installation.type('users add john --random')).toMatchObject({ code: 1, err: 'john is there already.\n' });
    writeFileSync(file, before.replace('displayname: john', 'displayname: ""'));
    expect(await installation.type('users list')).toMatchObject({ code: 1, err: expect.stringContaining('cannot be used') });
  });
});
