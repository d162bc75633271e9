import { eventually, freePort, startRedisServer, type RedisServer } from '@portcullis/platform-redis/testing';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appMain, type Ended, ENVIRONMENT, type How, MAIN, portcullis } from './command.fixture.js';

export const SECRET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const DIGEST = '$argon2id$v=19$m=65536,t=3,p=4$KKz+ldtgobUz0H4l8oOXoA$H1Sw6i29C8HUs52M2+YrNqxAWkK5yR1qOBTGbY3nmCE';

/** Configuration, users and Redis of an installation in which john and mary live, and the services that are started in it. */
export class Installation {
  readonly directory = mkdtempSync(join(tmpdir(), 'cli-'));
  readonly file = join(this.directory, 'configuration.yml');
  readonly #children: ChildProcess[] = [];

  private constructor(readonly redis: RedisServer) {}

  static async make(): Promise<Installation> {
    const made = new Installation(await startRedisServer());
    const person = (name: string): string => `  ${name}: { displayname: ${name}, email: ${name}@example.com, password: '${DIGEST}' }\n`;
    writeFileSync(join(made.directory, 'users.yml'), `users:\n${person('john')}${person('mary')}`);
    writeFileSync(made.file, made.#configuration());
    return made;
  }

  /** The command line on this installation. */
  type(line: string, how: How = {}): Promise<Ended> {
    return portcullis([...line.split(' '), '--config', this.file], how);
  }

  /** What a command that does not end has said when that is enough. */
  async follow(line: string, isEnough: (text: string) => boolean): Promise<string> {
    const child = spawn(process.execPath, [MAIN, ...line.split(' '), '--config', this.file], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: ENVIRONMENT,
    });
    this.#children.push(child);
    let said = '';
    for await (const chunk of child.stdout) {
      said += String(chunk);
      if (isEnough(said)) break;
    }
    child.kill('SIGKILL');
    return said;
  }

  async json<T>(line: string): Promise<T> {
    const { code, out, err } = await this.type(`${line} --json`);
    if (code !== 0) throw new Error(`${line}: ${code} ${err}`);
    return JSON.parse(out) as T;
  }

  /** Resolves when it is ready. */
  async start(service: 'identity' | 'session'): Promise<ChildProcess> {
    const main = appMain(service);
    if (!existsSync(main)) throw new Error(`${main} is not there: run \`nx run @portcullis/${service}:build\` first`);
    const metrics = `127.0.0.1:${await freePort()}`;
    const child = spawn(process.execPath, [main, '--config', this.file], {
      stdio: 'ignore',
      env: { ...ENVIRONMENT, [`PORTCULLIS_TELEMETRY_METRICS_${service.toUpperCase()}_ADDRESS`]: `tcp://${metrics}` },
    });
    this.#children.push(child);
    await eventually(
      `${service} is ready`,
      () =>
        fetch(`http://${metrics}/health/ready`).then(
          ({ ok }) => ok,
          () => child.exitCode !== null,
        ),
      30_000,
    );
    return child;
  }

  async close(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await this.redis.stop();
    rmSync(this.directory, { recursive: true });
  }

  #configuration(): string {
    const at = (name: string): string => join(this.directory, name);
    return `
authentication_backend: { file: { path: ${at('users.yml')} } }
access_control: { default_policy: one_factor }
session:
  secret: ${SECRET}
  cookies: [{ domain: example.com, authelia_url: 'https://auth.example.com' }]
  redis: { host: ${this.redis.settings.path ?? ''} }
storage: { encryption_key: ${SECRET}, local: { path: ${at('db.sqlite3')} } }
identity_validation: { reset_password: { jwt_secret: ${SECRET} } }
notifier: { filesystem: { filename: ${at('mail.txt')} } }
`;
  }
}
