import { ESLint } from 'eslint';
import { readFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { root, runCommand } from '../support/index.js';
import { PACKAGES, readManifest, sourcesOf } from './packages.js';

const RULE = '@nx/enforce-module-boundaries';

/** Each road that is closed, as a line somebody might write, and what the lint says of it. */
const CLOSED: readonly (readonly [road: string, file: string, line: string, says: string])[] = [
  [
    'domain to platform',
    'libs/domain/policy/src/x.ts',
    "import { keyRing } from '@portcullis/platform-seal';",
    '"kind:domain" can only depend on libs tagged with "kind:domain"',
  ],
  [
    'domain to contracts',
    'libs/domain/policy/src/x.ts',
    "import { sessionContract } from '@portcullis/contracts-session';",
    '"kind:domain" can only depend on libs tagged with "kind:domain"',
  ],
  [
    'domain to the types of contracts',
    'libs/domain/policy/src/x.ts',
    "import type { Profile } from '@portcullis/contracts-session';",
    '"kind:domain" can only depend on libs tagged with "kind:domain"',
  ],
  [
    'domain to platform, passed on',
    'libs/domain/policy/src/x.ts',
    "export * from '@portcullis/platform-seal';",
    '"kind:domain" can only depend on libs tagged with "kind:domain"',
  ],
  [
    'domain to platform, when it runs',
    'libs/domain/policy/src/x.ts',
    "export const seal = await import('@portcullis/platform-seal');",
    '"kind:domain" can only depend on libs tagged with "kind:domain"',
  ],
  [
    'domain to a package that is not on its list',
    'libs/domain/policy/src/x.ts',
    "import { z } from 'zod';",
    '"kind:domain" is not allowed to import "zod"',
  ],
  ['domain to Redis', 'libs/domain/session-rules/src/x.ts', "import { Redis } from 'ioredis';", '"kind:domain" is not allowed to import "ioredis"'],
  [
    'contracts to platform',
    'libs/contracts/session/src/x.ts',
    "import { keyRing } from '@portcullis/platform-seal';",
    '"kind:contracts" can only depend on libs tagged with "kind:contracts", "kind:domain"',
  ],
  [
    'contracts to a package that is not on their list',
    'libs/contracts/session/src/x.ts',
    "import { Redis } from 'ioredis';",
    '"kind:contracts" is not allowed to import "ioredis"',
  ],
  [
    'platform to domain',
    'libs/platform/seal/src/x.ts',
    "import { compilePolicy } from '@portcullis/domain-policy';",
    '"kind:platform" can only depend on libs tagged with "kind:platform"',
  ],
  [
    'platform to contracts',
    'libs/platform/seal/src/x.ts',
    "import { sessionContract } from '@portcullis/contracts-session';",
    '"kind:platform" can only depend on libs tagged with "kind:platform"',
  ],
  [
    'platform to the types of contracts',
    'libs/platform/rpc/src/x.ts',
    "import type { Profile } from '@portcullis/contracts-session';",
    '"kind:platform" can only depend on libs tagged with "kind:platform"',
  ],
  [
    'portal to platform',
    'apps/portal/src/x.ts',
    "import { keyRing } from '@portcullis/platform-seal';",
    '"kind:portal" can only depend on libs tagged with "kind:domain", "kind:contracts"',
  ],
  [
    'portal to platform, from a page',
    'apps/portal/src/pages/x.tsx',
    "import { keyRing } from '@portcullis/platform-seal';",
    '"kind:portal" can only depend on libs tagged with "kind:domain", "kind:contracts"',
  ],
  [
    'portal to app, by its files',
    'apps/portal/src/x.ts',
    "import { escapeHtml } from '../../verify-gateway/src/portal/html.js';",
    'cannot be imported by a relative or absolute path',
  ],
  [
    'deploy to platform',
    'deploy/local/src/x.mjs',
    "import { keyRing } from '@portcullis/platform-seal';",
    '"kind:deploy" can only depend on libs tagged with "kind:deploy"',
  ],
  [
    'app to app, by its files',
    'apps/session/src/x.ts',
    "import { readConfig } from '../../identity/src/config.js';",
    'cannot be imported by a relative or absolute path',
  ],
  [
    'library to app, by its files',
    'libs/platform/rpc/src/x.ts',
    "import { readConfig } from '../../../../apps/identity/src/config.js';",
    'cannot be imported by a relative or absolute path',
  ],
  [
    'library to the insides of a library',
    'libs/domain/policy/src/x.ts',
    "import { score } from '../../passwords/src/score.js';",
    'cannot be imported by a relative or absolute path',
  ],
  [
    'app to test',
    'apps/session/src/x.ts',
    "import { startRedis } from '../../../test/support/index.js';",
    'cannot be imported by a relative or absolute path',
  ],
  [
    'library to test',
    'libs/domain/policy/src/x.ts',
    "import { until } from '../../../../test/support/index.js';",
    'cannot be imported by a relative or absolute path',
  ],
  [
    'test to the insides of an app',
    'test/integration/x.ts',
    "import { readConfig } from '../../apps/identity/src/config.js';",
    'cannot be imported by a relative or absolute path',
  ],
];

/** Each road that is open. */
const OPEN: readonly (readonly [road: string, file: string, line: string])[] = [
  ['app to domain', 'apps/verify-gateway/src/x.ts', "import { compilePolicy } from '@portcullis/domain-policy';"],
  ['app to contracts', 'apps/session/src/x.ts', "import { sessionContract } from '@portcullis/contracts-session';"],
  ['app to platform', 'apps/session/src/x.ts', "import { keyRing } from '@portcullis/platform-seal';"],
  ['app to packages', 'apps/session/src/x.ts', "import { Module } from '@nestjs/common';"],
  ['portal to domain', 'apps/portal/src/x.ts', "import { LANGUAGES } from '@portcullis/domain-portal-texts';"],
  ['portal to the types of contracts', 'apps/portal/src/x.ts', "import type { portalData } from '@portcullis/contracts-portal-api';"],
  ['contracts to the types of domain', 'libs/contracts/configuration/src/x.ts', "import type { Rule } from '@portcullis/domain-policy';"],
  ['contracts to zod', 'libs/contracts/session/src/x.ts', "import { z } from 'zod';"],
  ['domain to domain', 'libs/domain/policy/src/x.ts', "import { parseDigest } from '@portcullis/domain-passwords';"],
  ['domain to a package on its list', 'libs/domain/policy/src/x.ts', "import { RE2JS } from 're2js';"],
  ['platform to platform', 'libs/platform/rpc/src/x.ts', "import { keyRing } from '@portcullis/platform-seal';"],
  ['platform to packages', 'libs/platform/redis/src/x.ts', "import { Redis } from 'ioredis';"],
  ['test to domain', 'test/integration/x.ts', "import { compilePolicy } from '@portcullis/domain-policy';"],
  ['test to contracts', 'test/integration/x.ts', "import { configurationTables } from '@portcullis/contracts-configuration';"],
  ['test to platform', 'test/integration/x.ts', "import { loadConfiguration } from '@portcullis/platform-config';"],
];

describe('the doors between the rooms', () => {
  let eslint: ESLint;
  beforeAll(async () => {
    // The rule reads the graph of projects that Nx keeps: it must be there, and fresh.
    const graph = await runCommand(process.execPath, [join(root, 'node_modules/.bin/nx'), 'show', 'projects'], { cwd: root, timeoutMs: 50_000 });
    if (graph.code !== 0) throw new Error(`nx has no graph: ${graph.stderr}`);
    eslint = new ESLint({
      cwd: root,
      ruleFilter: ({ ruleId }) => ruleId === RULE,
      // The lines are of files that are not there, and this rule needs no types.
      overrideConfig: [{ files: ['**/*.{ts,tsx}'], languageOptions: { parserOptions: { project: null } } }],
    });
  });

  const problems = async (file: string, line: string): Promise<readonly string[]> => {
    const results = await eslint.lintText(`${line}\n`, { filePath: join(root, file) });
    return results.flatMap(({ messages }) => messages.map(({ ruleId, message }) => `${String(ruleId)}: ${message}`));
  };

  it.each(CLOSED)('are closed from %s', async (_road, file, line, says) => {
    expect(await problems(file, line)).toEqual([expect.stringContaining(says)]);
    expect(await problems(file, line)).toEqual([expect.stringContaining(RULE)]);
  });

  it.each(OPEN)('are open from %s', async (_road, file, line) => {
    expect(await problems(file, line)).toEqual([]);
  });

  it.each(PACKAGES.filter(({ kind }) => ['app', 'portal', 'deploy', 'test'].includes(kind)))(
    '$dir shows nothing that another package could import by name',
    ({ manifest }) => {
      expect(manifest.exports).toBeUndefined();
    },
  );

  it.each(PACKAGES.filter(({ kind }) => kind === 'domain' || kind === 'contracts'))('$dir touches nothing of the machine it runs on', (each) => {
    const touching = sourcesOf(each).filter(({ isTest, imports }) => !isTest && imports.some(({ from }) => from.startsWith('node:')));
    expect(touching.map(({ file }) => file)).toEqual([]);
  });

  it.each(PACKAGES.filter(({ kind }) => kind === 'contracts'))('$dir takes types from the domain and nothing that runs', (each) => {
    const running = sourcesOf(each).filter(
      ({ isTest, imports }) => !isTest && imports.some(({ from, typeOnly }) => from.startsWith('@portcullis/domain-') && !typeOnly),
    );
    expect(running.map(({ file }) => file)).toEqual([]);
  });
});

const codeowners = readFileSync(join(root, '.github/CODEOWNERS'), 'utf8')
  .split('\n')
  .map((line) => line.trim().split(/\s+/))
  .filter(([path]) => path !== '' && !path!.startsWith('#'));

describe.each(PACKAGES)('$dir', (each) => {
  const { dir, kind, manifest } = each;
  const declared = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies };

  it('is a private package of the house', () => {
    expect(manifest.name).toMatch(/^@portcullis\/[a-z-]+$/);
    expect(manifest.private).toBe(true);
  });

  it('says its kind and its scope', () => {
    expect(manifest.nx?.tags).toEqual([`kind:${kind}`, expect.stringMatching(/^scope:[a-z-]+$/)]);
  });

  it('has a page about itself', async () => {
    await expect(access(join(root, dir, 'README.md'))).resolves.toBeUndefined();
  });

  it('belongs to one team', () => {
    // The last line that fits is the one that counts.
    const [, ...teams] = codeowners.findLast(([path]) => path !== '*' && `/${dir}/`.startsWith(path!)) ?? [];
    expect(teams).toEqual([expect.stringMatching(/^@portcullis\/[a-z-]+$/)]);
  });

  it('leaves every version to the root', () => {
    expect(Object.entries(declared).filter(([, version]) => version !== '*')).toEqual([]);
  });

  it('declares what it imports, for npm would not notice', () => {
    const own = new Set(Object.keys(manifest.dependencies ?? {}));
    const forTests = new Set([...Object.keys(declared), 'vitest']);
    const undeclared = sourcesOf(each).flatMap(({ file, isTest, imports }) =>
      imports
        .filter(({ from }) => !from.startsWith('node:') && from !== manifest.name && !(isTest ? forTests : own).has(from))
        .map(({ from }) => `${file}: ${from}`),
    );
    expect(undeclared).toEqual([]);
  });
});

describe('the root', () => {
  const manifest = readManifest('.');
  const versions = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };

  it('pins every version exactly', () => {
    const loose = Object.entries(versions).filter(([, version]) => !/^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    expect(loose).toEqual([]);
  });

  it('has a version for everything a package asks for', () => {
    const asked = PACKAGES.flatMap(({ manifest: { dependencies, devDependencies } }) => Object.keys({ ...dependencies, ...devDependencies }));
    const house = new Set(PACKAGES.map(({ manifest: { name } }) => name));
    expect(asked.filter((name) => !house.has(name) && !(name in versions))).toEqual([]);
  });
});
