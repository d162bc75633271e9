import { existsSync, readFileSync } from 'node:fs';
import {
  digest,
  type Part,
  type RunningBackend,
  type RunningPortcullis,
  type RunningRedis,
  startBackend,
  startPortcullis,
  startRedis,
} from '../support/index.js';
import { caddyFileFront, caddyFront, type Front, nginxFront } from './fronts.js';
import { gatePort } from './installation.js';

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

/** A file of the guide, as its readers type it. */
export const guideFile = (name: string): string => read(`../integration/configuration/${name}`);

export const passwords = { admin: 'Adm1n-of-the-guide', user: 'Us3r-of-the-guide' };

/** The guide's file with secrets of its own; host, ports and paths are set by the harness, and the storage it does not name. */
const configuration = guideFile('guide.yml')
  .replace('use_a_random_64_char_string_here', 'wW8lH1Yb8kL0Jr3gT5xQ2dV7nC4mZ6pS9aF1eU0iO3yR8tK5')
  .replace('another_random_64_char_string_here', 'pQ2wE5rT8yU1iO4pA7sD0fG3hJ6kL9zX2cV5bN8mQ1wE4rT7');

const users = async (): Promise<string> =>
  guideFile('guide-users.yml')
    .replace('$argon2id$v=19$m=65540,t=3,p=4$your_hashed_password_here', await digest(passwords.admin))
    .replace('$argon2id$v=19$m=65540,t=3,p=4$user_hashed_password_here', await digest(passwords.user));

export interface Backends {
  readonly nextcloud: RunningBackend;
  readonly jellyfin: RunningBackend;
}
type Behind = (gate: number, backends: Backends) => Promise<Front>;

/** The guide's own Caddyfile: only ports are altered. */
const itsOwnCaddyfile: Behind = (gate, backends) =>
  caddyFileFront(
    read('fixtures/guide/Caddyfile')
      .replaceAll('localhost:9091', `localhost:${gate}`)
      .replace('localhost:8080', `localhost:${backends.nextcloud.port}`)
      .replace('localhost:8096', `localhost:${backends.jellyfin.port}`),
  );

/** The guide's configuration names no portal, so the proxy does. */
const shipped =
  (start: typeof nginxFront): Behind =>
  (gate, backends) =>
    start({
      gate,
      portal: 'auth.example.com',
      sites: { 'nextcloud.example.com': { backend: backends.nextcloud.url }, 'jellyfin.example.com': { backend: backends.jellyfin.url } },
      namesPortal: true,
    });

export interface GuideFront {
  readonly title: string;
  readonly part: Part;
  readonly behind: Behind;
}

export const guidesOwnFront: GuideFront = { title: 'its own Caddyfile', part: 'caddy', behind: itsOwnCaddyfile };
export const shippedFronts: readonly GuideFront[] = [
  { title: 'deploy/nginx', part: 'nginx', behind: shipped(nginxFront) },
  { title: 'deploy/caddy', part: 'caddy', behind: shipped(caddyFront) },
];

export interface GuideInstallation {
  readonly portcullis: RunningPortcullis;
  readonly redis: RunningRedis;
  readonly front: Front;
  readonly backends: Backends;
  /** The notice that was written last; empty for none. */
  readonly mail: () => string;
}

/** The guide followed to its end. @param html the applications answer browsers with a page */
export async function startGuideInstallation({ behind }: GuideFront, { html = false } = {}): Promise<GuideInstallation> {
  const redis = await startRedis({ password: 'm4TkR9vXq2', appendonly: true });
  const portcullis = await startPortcullis({ config: configuration, users: await users(), redis });
  const backends = { nextcloud: await startBackend({ html }), jellyfin: await startBackend({ html }) };
  const front = await behind(gatePort(portcullis), backends);
  const mail = (): string => (existsSync(portcullis.mailFile) ? readFileSync(portcullis.mailFile, 'utf8') : '');
  return { portcullis, redis, front, backends, mail };
}
