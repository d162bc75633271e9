import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { root } from '../support/index.js';

type Versions = Readonly<Record<string, string>>;

export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: unknown;
  readonly dependencies?: Versions;
  readonly devDependencies?: Versions;
  readonly optionalDependencies?: Versions;
  readonly peerDependencies?: Versions;
  readonly nx?: { readonly tags?: readonly string[] };
}

export interface Package {
  /** From the root, e.g. `libs/domain/policy`. */
  readonly dir: string;
  /** `app`, `portal`, `domain`, `contracts`, `platform`, `deploy` or `test`, by the room it is in. */
  readonly kind: string;
  readonly manifest: Manifest;
}

export const readManifest = (dir: string): Manifest => JSON.parse(readFileSync(join(root, dir, 'package.json'), 'utf8')) as Manifest;

const KINDS: Readonly<Record<string, string>> = { apps: 'app', 'apps/portal': 'portal', deploy: 'deploy', test: 'test' };

/** Every package of the workspace. */
export const PACKAGES: readonly Package[] = globSync('{apps/*,libs/*/*,deploy/local,test}/package.json', { cwd: root })
  .map((file) => dirname(file))
  .sort()
  .map((dir) => ({ dir, kind: KINDS[dir] ?? KINDS[dir.split('/')[0]!] ?? dir.split('/')[1]!, manifest: readManifest(dir) }));

export interface Import {
  /** The package, or `node:…`. */
  readonly from: string;
  /** Only types: nothing of it is there when the program runs. */
  readonly typeOnly: boolean;
}

export interface SourceFile {
  readonly file: string;
  /** A test, or what only tests need. */
  readonly isTest: boolean;
  /** Of other packages and of Node. */
  readonly imports: readonly Import[];
}

const packageOf = (specifier: string): string =>
  specifier.startsWith('node:') ? specifier : specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

function typeOnlySpecifiers(text: string): ReadonlySet<string> {
  const { statements } = ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest);
  const values = new Set<string>();
  const types = new Set<string>();
  for (const statement of statements) {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
    const { moduleSpecifier: specifier } = statement;
    if (specifier === undefined || !ts.isStringLiteral(specifier)) continue;
    (isTypeOnly(statement) ? types : values).add(specifier.text);
  }
  return new Set([...types].filter((specifier) => !values.has(specifier)));
}

function isTypeOnly(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) return statement.isTypeOnly;
  const { importClause: clause } = statement;
  if (clause === undefined) return false;
  const bindings = clause.namedBindings;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  return (
    clause.name === undefined && bindings !== undefined && ts.isNamedImports(bindings) && bindings.elements.every((element) => element.isTypeOnly)
  );
}

/** What the files of a package import. */
export function sourcesOf({ dir }: Package): readonly SourceFile[] {
  return globSync(`${dir}/**/*.{ts,tsx,mjs}`, { cwd: root })
    .filter((file) => !/\/(dist|node_modules)\//.test(file))
    .sort()
    .map((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      const types = typeOnlySpecifiers(text);
      const specifiers = ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName);
      return {
        file,
        isTest: /\.(spec|fixture)\./.test(file) || dir === 'test',
        imports: specifiers
          .filter((specifier) => !/^\.{1,2}(\/|$)/.test(specifier))
          .map((specifier) => ({ from: packageOf(specifier), typeOnly: types.has(specifier) })),
      };
    });
}
