import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { callersEnvironment, root, runCommand } from '../support/index.js';

async function nx(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand(process.execPath, [join(root, 'node_modules/nx/dist/bin/nx.js'), ...args], {
    cwd: root,
    env: { ...callersEnvironment, NX_DAEMON: 'false' },
    timeoutMs: 60_000,
  });
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

const nameOf = (folder: string): string => (JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { name: string }).name;
const dependenciesOf = (folder: string): readonly string[] =>
  Object.keys((JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { dependencies?: object }).dependencies ?? {});
const apps = globSync('apps/*', { cwd: root }).sort();

describe('a team per service', () => {
  it('has a line of its own for every app, contract, library and folder of deploy', () => {
    const owners = readFileSync(join(root, '.github/CODEOWNERS'), 'utf8');
    const lines = [...owners.matchAll(/^\/(\S+)\/ +(@\S+)$/gm)].map(([, folder = '']) => folder);
    const folders = globSync(['apps/*', 'libs/*/*', 'deploy/*'], { cwd: root }).filter((folder) => !folder.includes('.'));
    expect(folders.filter((folder) => !lines.includes(folder))).toEqual([]);
    expect(new Set(lines).size).toBe(lines.length);
  });

  it('is told in its own pipeline whom a change of its contract breaks: all who import it are type-checked with it', async () => {
    const contract = 'libs/contracts/session';
    const consumers = [...apps, 'test'].filter((folder) => dependenciesOf(folder).includes(nameOf(contract))).map(nameOf);
    expect(consumers).toContain('@portcullis/verify-gateway');
    const affected = JSON.parse(
      await nx('show', 'projects', '--affected', `--files=${contract}/src/index.ts`, '--withTarget=typecheck', '--json'),
    ) as string[];
    expect(affected).toEqual(expect.arrayContaining([nameOf(contract), ...consumers]));
  });

  it.each(['identity', 'verify-gateway'])('tests %s with what it needs, and with no other app', async (app) => {
    const { tasks } = JSON.parse(await nx('run', `@portcullis/${app}:test`, '--graph=stdout')) as { tasks: { tasks: Record<string, unknown> } };
    const others = apps.map(nameOf).filter((name) => name !== `@portcullis/${app}` && name !== '@portcullis/portal');
    expect(Object.keys(tasks.tasks)).toContain(`@portcullis/${app}:test`);
    expect(Object.keys(tasks.tasks).filter((task) => others.some((other) => task.startsWith(`${other}:`)))).toEqual([]);
  });
});
