import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const dist = join(import.meta.dirname, '../dist');
interface Entry {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
}
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8')) as Readonly<Record<string, Entry>>;

/** A file and all that it cannot do without. */
function filesOf(source: string): readonly string[] {
  const { file, css = [], imports = [] } = manifest[source]!;
  return [...new Set([file, ...css, ...imports.flatMap(filesOf)])];
}
const brotliBytes = (files: readonly string[]): number => files.reduce((sum, file) => sum + statSync(join(dist, `${file}.br`)).size, 0);

const LIMIT_BYTES = 90_000;
const languages = Object.keys(manifest).filter((source) => /portal-texts\/src\/\w+\.json$/.test(source));

it('there is a file for each language', () => {
  expect(languages).toHaveLength(6);
});

it.each(languages)('the sign-in page with %s loads at most 90 kB of script and style', (language) => {
  const bytes = brotliBytes([...new Set([...filesOf('src/main.tsx'), ...filesOf(language)])]);
  console.log(`First load with ${language.slice(-7)}: ${(bytes / 1000).toFixed(1)} kB`);
  expect(bytes).toBeLessThanOrEqual(LIMIT_BYTES);
});
