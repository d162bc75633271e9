import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root, runCommand, tempDir } from '../support/index.js';

const filesOf = (dir: string): Readonly<Record<string, string>> =>
  Object.fromEntries(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name), 'utf8')]));

it('the dashboards are what their table makes', async () => {
  const made = tempDir('dashboards');
  const { code, stderr } = await runCommand(process.execPath, [join(root, 'deploy/grafana/generate.mjs'), made]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(filesOf(join(root, 'deploy/grafana/dashboards'))).toEqual(filesOf(made));
});
