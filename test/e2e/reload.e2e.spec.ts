import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { describeWith, http, until, type usersFile } from '../support/index.js';
import { nginxFront } from './fronts.js';
import { config, type Installation, signIn, startInstallation } from './installation.js';
import type { Person } from './person.js';

/** What was promised: from the save to the first answer that follows it. */
const promised = { timeoutMs: 2000 };

const app = 'https://app.example.com/';
const admin = 'https://admin.example.com/';

type Save = (file: string, text: string) => void;

let swaps = 0;
/** How files come to be changed. */
const saves: readonly (readonly [string, Save])[] = [
  [
    'written in place',
    (file, text) => {
      writeFileSync(file, text);
    },
  ],
  [
    'renamed over',
    (file, text) => {
      writeFileSync(`${file}.new`, text, { mode: 0o600 });
      renameSync(`${file}.new`, file);
    },
  ],
  [
    'swapped behind a symlink, as a ConfigMap is',
    (file, text) => {
      const folder = dirname(file);
      const name = file.slice(folder.length + 1);
      const place = `..${name}.${(swaps += 1)}`;
      mkdirSync(join(folder, place));
      writeFileSync(join(folder, place, name), text);
      symlinkSync(place, join(folder, `..${name}.tmp`));
      renameSync(join(folder, `..${name}.tmp`), join(folder, `..${name}.data`));
      rmSync(`${file}.link`, { force: true });
      symlinkSync(join(`..${name}.data`, name), `${file}.link`);
      renameSync(`${file}.link`, file);
    },
  ],
];

describeWith(['redis', 'nginx'], 'a changed file', () => {
  let world: Installation;
  let john: Person;
  beforeAll(async () => {
    world = await startInstallation(nginxFront);
    john = await signIn(world.person(), 'john');
  });

  const statusOf = async (who: Person, url: string): Promise<number> => (await who.open(url)).status;
  const becomes = (who: Person, url: string, status: number): Promise<true> =>
    until(async () => (await statusOf(who, url)) === status, { ...promised, what: `${url} to be ${status}` });
  const gateLogs = (): string => world.portcullis.logs('verify-gateway');

  describe('of rules', () => {
    type Rules = typeof config.access_control.rules;
    const withRules = (change: (rules: Rules) => unknown): string => {
      const tree = parse(readFileSync(world.portcullis.configFile, 'utf8')) as { access_control: { rules: unknown } };
      tree.access_control.rules = change(config.access_control.rules);
      return stringify(tree);
    };
    const closed = { domain: 'app.example.com', policy: 'deny' };

    it.each(saves)('counts at once when it is %s', async (_, save) => {
      const { pid } = world.portcullis.processes['verify-gateway']!;
      save(
        world.portcullis.configFile,
        withRules((rules) => [closed, ...rules]),
      );
      await becomes(john, app, 403);
      expect(await statusOf(john, 'https://mixed.example.com/')).toBe(200);
      save(
        world.portcullis.configFile,
        withRules((rules) => rules),
      );
      await becomes(john, app, 200);
      expect(world.portcullis.processes['verify-gateway']).toMatchObject({ pid });
      expect(world.portcullis.processes['verify-gateway']!.exit()).toBeUndefined();
    });

    it.each([
      ['is no YAML', () => 'access_control: [: {'],
      ['is empty', () => ''],
      ['has a rule with an unknown policy', () => withRules((rules) => [{ ...closed, policy: 'refuse' }, ...rules])],
      ['has a pattern that does not compile', () => withRules((rules) => [{ ...closed, resources: ['(a'] }, ...rules])],
      ['has a key that nobody knows', () => withRules((rules) => [{ ...closed, domian: 'x' }, ...rules])],
    ])('changes nothing when it %s, and says so', async (_, text) => {
      const good = readFileSync(world.portcullis.configFile, 'utf8');
      const before = gateLogs().length;
      writeFileSync(world.portcullis.configFile, text());
      await until(() => gateLogs().slice(before).includes('the one before stays in force'), { what: 'the gate to say so' });
      expect(await statusOf(john, app)).toBe(200);
      expect(await statusOf(john, admin)).toBe(403);
      const metrics = await http(world.portcullis.management('verify-gateway'), { path: '/metrics' });
      expect(metrics.body).toMatch(/^portcullis_configuration_last_reload_successful(\{.*\})? 0$/m);
      writeFileSync(world.portcullis.configFile, good);
      await until(() => gateLogs().slice(before).includes('The access control rules were reloaded'), { what: 'the good file to be taken' });
    });

    it('names what else was changed as waiting for a restart', async () => {
      const good = readFileSync(world.portcullis.configFile, 'utf8');
      const tree = parse(good) as { session: Record<string, unknown> };
      tree.session['inactivity'] = '7m';
      writeFileSync(world.portcullis.configFile, stringify(tree));
      await until(() => /only after a restart.*session/.test(gateLogs()), { what: 'the gate to name it' });
      expect(await statusOf(john, app)).toBe(200);
      writeFileSync(world.portcullis.configFile, good);
    });
  });

  describe('of users', () => {
    type People = Parameters<typeof usersFile>[0];
    let digests: Record<string, { readonly password: string }>;
    let saved = 0;
    /** The file with the same digests: only what is changed differs, and a number, as no two saves of a day are the same. */
    const withPeople = (change: (users: Record<string, People[string]>) => void): string => {
      const users = structuredClone(digests) as Record<string, People[string]>;
      change(users);
      return `# ${(saved += 1)}\n${stringify({ users })}`;
    };

    beforeAll(() => {
      ({ users: digests } = parse(readFileSync(world.portcullis.usersFile, 'utf8')) as { users: typeof digests });
    });
    beforeEach(async () => {
      writeFileSync(
        world.portcullis.usersFile,
        withPeople(() => undefined),
      );
      await until(async () => (await (john = await signIn(world.person(), 'john')).open(app)).status === 200, {
        timeoutMs: 10_000,
        what: 'john to sign in',
      });
      await becomes(john, admin, 403);
    });

    it.each(saves)('brings a new group, name and address to who is signed in when it is %s', async (_, save) => {
      save(
        world.portcullis.usersFile,
        withPeople((users) => {
          users['john'] = { ...users['john']!, displayname: 'Johnny', email: 'johnny@example.com', groups: ['admins'] };
        }),
      );
      await becomes(john, admin, 200);
      expect((await john.open(app)).json()).toMatchObject({
        headers: { 'remote-user': 'john', 'remote-groups': 'admins', 'remote-name': 'Johnny', 'remote-email': 'johnny@example.com' },
      });
      save(
        world.portcullis.usersFile,
        withPeople((users) => {
          users['john'] = { ...users['john']!, groups: [] };
        }),
      );
      await becomes(john, admin, 403);
      // An empty header is none behind nginx.
      expect((await john.open(app)).body).not.toContain('"remote-groups"');
    });

    it.each(saves)('puts out who was disabled in it when it is %s', async (_, save) => {
      const mary = await signIn(world.person(), 'mary');
      save(
        world.portcullis.usersFile,
        withPeople((users) => {
          users['john'] = { ...users['john']!, disabled: true };
        }),
      );
      await becomes(john, app, 302);
      expect(await statusOf(mary, app)).toBe(200);
      // Enabled again, they sign in again: what ended stays ended.
      save(
        world.portcullis.usersFile,
        withPeople(() => undefined),
      );
      await until(async () => (await signIn(world.person(), 'john')).open(app), { timeoutMs: 10_000, what: 'john to sign in again' });
      expect(await statusOf(john, app)).toBe(302);
    });

    it('puts out who is not in it any more', async () => {
      writeFileSync(
        world.portcullis.usersFile,
        withPeople((users) => {
          delete users['john'];
        }),
      );
      await becomes(john, app, 302);
    });

    it.each([
      ['is no YAML', () => 'users: [: {'],
      ['is empty', () => ''],
      [
        'has a person without a password',
        () =>
          withPeople((users) => {
            users['john'] = { ...users['john']!, password: '', groups: ['admins'] };
          }),
      ],
    ])('changes nothing when it %s, and says so', async (_, text) => {
      const before = world.portcullis.logs('identity').length;
      writeFileSync(world.portcullis.usersFile, text());
      await until(() => /level=(error|warning).*users/.test(world.portcullis.logs('identity').slice(before)), { what: 'identity to say so' });
      expect(await statusOf(john, app)).toBe(200);
      expect(await statusOf(john, admin)).toBe(403);
      await signIn(world.person(), 'mary');
    });

    it('counts although it was changed while identity was away', async () => {
      await world.portcullis.kill('identity');
      writeFileSync(
        world.portcullis.usersFile,
        withPeople((users) => {
          delete users['john'];
        }),
      );
      expect(await statusOf(john, app)).toBe(200);
      await world.portcullis.start('identity');
      await until(async () => (await statusOf(john, app)) === 302, { what: 'john to be out' });
    });
  });
});
