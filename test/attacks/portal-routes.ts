import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/index.js';

export interface Route {
  readonly method: string;
  /** `:handle` and the like filled in. */
  readonly path: string;
}

const quoted = (text: string): readonly string[] => [...text.matchAll(/'([^']*)'/g)].map(([, found = '']) => found);

/** Every route of the portal, as its controllers name them: one that is added is attacked with the others. */
export function portalRoutes(): readonly Route[] {
  return globSync('apps/verify-gateway/src/portal/*.controller.ts', { cwd: root }).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const base = quoted(/^@Controller\((.*)\)$/m.exec(text)?.[1] ?? '')[0] ?? '';
    return [...text.matchAll(/^ *@(Get|Post|Put|Delete|All)\((.*)\)$/gm)].flatMap(([, verb = '', places = '']) => {
      const paths = quoted(places);
      return (paths.length === 0 ? [''] : paths).flatMap((path) =>
        (verb === 'All' ? ['GET', 'POST', 'PUT', 'DELETE'] : [verb.toUpperCase()]).map((method) => ({
          method,
          path: `/${[base, path].filter((part) => part !== '').join('/')}`.replaceAll(/:\w+/g, 'en'),
        })),
      );
    });
  });
}
