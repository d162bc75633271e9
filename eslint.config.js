import { globSync } from 'node:fs';
import { dirname } from 'node:path';
import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

// The doors of design/house.md, executed: who may import whom. Names only, never '*' -> '*'.
const doors = [
  { sourceTag: 'kind:domain', onlyDependOnLibsWithTags: ['kind:domain'], allowedExternalImports: ['bowser', 're2js', 'ipaddr.js', '@zxcvbn-ts/*', 'vitest'] },
  { sourceTag: 'kind:contracts', onlyDependOnLibsWithTags: ['kind:contracts', 'kind:domain'], allowedExternalImports: ['zod', 'tldts', 'vitest'] },
  { sourceTag: 'kind:platform', onlyDependOnLibsWithTags: ['kind:platform'] },
  { sourceTag: 'kind:app', onlyDependOnLibsWithTags: ['kind:domain', 'kind:contracts', 'kind:platform'] },
  { sourceTag: 'kind:portal', onlyDependOnLibsWithTags: ['kind:domain', 'kind:contracts'] },
  { sourceTag: 'kind:deploy', onlyDependOnLibsWithTags: ['kind:deploy'] },
  { sourceTag: 'kind:test', onlyDependOnLibsWithTags: ['kind:test', 'kind:domain', 'kind:contracts', 'kind:platform', 'kind:app'] },
];

// Each package is read with its own tsconfig: one list of all would make the lint of any load the programs of the others.
const programs = ['test/tsconfig.json', ...globSync('{apps,libs/*}/*/tsconfig.spec.json', { cwd: import.meta.dirname })].map((project) => ({
  files: project.startsWith('test/') ? ['test/**/*.ts', '*.ts'] : [`${dirname(project)}/**/*.{ts,tsx}`],
  languageOptions: { parserOptions: { project, tsconfigRootDir: import.meta.dirname } },
}));

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', '.cache/**', 'test-results/**'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    rules: {
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      // With verbatimModuleSyntax an import of inline types alone stays as an import of the module, and all that the module loads.
      '@typescript-eslint/no-import-type-side-effects': 'error',
      'no-restricted-syntax': ['error', { selector: 'TSEnumDeclaration', message: 'Use an `as const` object or a string union.' }],
    },
  },
  { files: ['apps/portal/**/*.{ts,tsx}'], ...reactHooks.configs.flat['recommended-latest'] },
  ...programs,
  { files: ['**/*.spec.ts', 'test/**/*.ts'], rules: { '@typescript-eslint/no-non-null-assertion': 'off', '@typescript-eslint/no-unsafe-assignment': 'off', '@typescript-eslint/no-unsafe-member-access': 'off' } },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', setTimeout: 'readonly', clearTimeout: 'readonly', setInterval: 'readonly', clearInterval: 'readonly', Buffer: 'readonly', URL: 'readonly', URLSearchParams: 'readonly', fetch: 'readonly', performance: 'readonly', AbortController: 'readonly', AbortSignal: 'readonly' } },
  },
  {
    files: ['**/*.{ts,tsx}', '**/*.mjs'],
    plugins: { '@nx': nx },
    rules: { '@nx/enforce-module-boundaries': ['error', { enforceBuildableLibDependency: true, /* the command line loads the wire only for commands that ask a service, and the making of certificates for those that make some, a page the texts only of the language that is spoken */ checkDynamicDependenciesExceptions: ['@portcullis/platform-rpc', '@portcullis/platform-tls', '@portcullis/domain-portal-texts'], allow: [], depConstraints: doors }] },
  },
);
