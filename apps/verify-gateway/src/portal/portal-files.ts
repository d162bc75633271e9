import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** The built pages of `@portcullis/portal`: which file is what, by its name below `/assets/`. */
export interface PortalFiles {
  /** The folder that `/assets/` is. */
  readonly assets: string;
  readonly script: string;
  readonly style: string;
  readonly icon: string;
  /** What the script imports, to be fetched together with it. */
  readonly imports: readonly string[];
  /** The script of a language's texts, to be fetched together with the page's own. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Beside this package, where the workspace has it. */
const BUILT = fileURLToPath(new URL('../../../portal/dist', import.meta.url));

/** The source whose build a page loads. */
const PAGE = 'src/main.tsx';

/** What Vite says of its build. */
const manifest = z.record(
  z.string(),
  z.object({
    file: z.string().startsWith('assets/'),
    css: z.array(z.string().startsWith('assets/')).optional(),
    imports: z.array(z.string()).optional(),
  }),
);

/** null where the pages are not built. @throws where the folder holds something else */
export function findPortalFiles(built: string = BUILT): PortalFiles | null {
  const file = join(built, '.vite/manifest.json');
  if (!existsSync(file)) return null;
  const entries = manifest.parse(JSON.parse(readFileSync(file, 'utf8')));
  const sources = [PAGE, ...importsOf(entries, PAGE, new Set([PAGE]))];
  const [script, style, icon] = [entries[PAGE]?.file, sources.flatMap((source) => entries[source]?.css ?? [])[0], entries['src/icon.svg']?.file];
  if (script === undefined || style === undefined || icon === undefined)
    throw new Error(`${file} names no page; build it again: nx build @portcullis/portal`);
  const texts: Record<string, string> = {};
  const imports = sources.slice(1).map((source) => nameOf(entries[source]?.file ?? ''));
  for (const [source, { file: name }] of Object.entries(entries)) {
    const language = /\/portal-texts\/src\/(\w+)\.json$/.exec(source)?.[1];
    if (language !== undefined) texts[language] = nameOf(name);
  }
  return { assets: join(built, 'assets'), script: nameOf(script), style: nameOf(style), icon: nameOf(icon), imports, texts };
}

const nameOf = (file: string): string => file.slice('assets/'.length);

/** All that a source imports, and what those import. */
function importsOf(entries: z.output<typeof manifest>, source: string, seen: Set<string>): readonly string[] {
  return (entries[source]?.imports ?? []).flatMap((imported) => {
    if (entries[imported] === undefined || seen.has(imported)) return [];
    seen.add(imported);
    return [imported, ...importsOf(entries, imported, seen)];
  });
}
