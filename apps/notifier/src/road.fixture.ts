import { DEFAULT_KEY_PREFIX } from '@portcullis/contracts-configuration';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityAdminContract, identityContract } from '@portcullis/contracts-identity';
import { connectRedis, type Redis } from '@portcullis/platform-redis';
import { eventually, freePort, type RedisServer, startRedisServer } from '@portcullis/platform-redis/testing';
import { createRpcClient, openRpcConnection, type RpcConnection } from '@portcullis/platform-rpc';

type App = 'identity' | 'notifier';
const APPS = join(import.meta.dirname, '../..');
const RPC_SECRET = 'the secret between the services';
/** Of no password that anybody knows. */
const DIGEST = `$argon2id$v=19$m=8,t=1,p=1$${Buffer.alloc(16, 1).toString('base64').replaceAll('=', '')}$${Buffer.alloc(32, 2).toString('base64').replaceAll('=', '')}`;

export interface InstallationOptions {
  /** The lines of `notifier`; DIRECTORY is replaced. */
  readonly notifier: string;
  readonly names?: readonly string[];
  readonly codeLifespan?: string;
}

/** A service in a process of its own, as a supervisor starts it. */
export class Service {
  readonly child: ChildProcess;
  output = '';

  constructor(
    app: App,
    config: string,
    environment: Readonly<Record<string, string>>,
    readonly metricsUrl: string,
  ) {
    const main = join(APPS, app, 'dist/main.js');
    if (!existsSync(main)) throw new Error(`${main} is not there: run \`nx run @portcullis/${app}:build\` first`);
    this.child = spawn(process.execPath, [main, '--config', config], {
      env: { PORTCULLIS_SUPERVISED: '1', ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.on('data', (bytes: Buffer) => (this.output += bytes.toString()));
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async ready(): Promise<this> {
    await eventually(
      `it is ready:\n${this.output}`,
      async () => {
        if (this.hasEnded) throw new Error(`it ended: ${this.output}`);
        return fetch(`${this.metricsUrl}/health/ready`).then(
          ({ ok }) => ok,
          () => false,
        );
      },
      30_000,
    );
    return this;
  }

  /** Its exit code. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (!this.hasEnded) {
      const exit = once(this.child, 'exit');
      this.child.kill(signal);
      await exit;
    }
    return this.child.exitCode;
  }
}

/** A configuration, users, a real Redis, and the built services on them. */
export class Installation {
  readonly directory = mkdtempSync(join(tmpdir(), 'road-'));
  readonly #services: Service[] = [];
  readonly #connection: RpcConnection;
  readonly identity;
  readonly admin;

  private constructor(
    readonly redis: RedisServer,
    readonly raw: Redis,
  ) {
    this.#connection = openRpcConnection({
      redis: redis.settings,
      secrets: [RPC_SECRET],
      prefix: DEFAULT_KEY_PREFIX,
      service: 'test',
      onEvent: () => undefined,
    });
    this.identity = createRpcClient(identityContract, this.#connection);
    this.admin = createRpcClient(identityAdminContract, this.#connection);
  }

  static async make({ notifier, names = ['alice'], codeLifespan = '5m' }: InstallationOptions): Promise<Installation> {
    const redis = await startRedisServer();
    const made = new Installation(redis, connectRedis(redis.settings, { name: 'test', role: 'queue' }));
    const users = names.map((name) => `  ${name}: { displayname: The ${name}, email: ${name}@example.com, password: "${DIGEST}" }\n`);
    writeFileSync(made.path('users.yml'), ['users:\n', ...users].join(''));
    const common = `session: { cookies: [{ domain: example.com, authelia_url: https://auth.example.com }], redis: { host: ${redis.settings.path ?? ''} } }
rpc: { secret: ${RPC_SECRET} }
telemetry: { metrics: { enabled: true } }
log: { level: debug }
notifier:
${notifier.replaceAll('DIRECTORY', made.directory)}
`;
    const own = `storage: { encryption_key: the storage key of the tests, local: { path: ${made.path('store.sqlite3')} } }
identity_validation:
  reset_password: { jwt_secret: the link secret of the tests }
  elevated_session: { code_lifespan: ${codeLifespan} }
authentication_backend: { file: { path: ${made.path('users.yml')} } }
access_control: { default_policy: two_factor }
`;
    // The notifier is told neither the key of sessions nor that of the store.
    writeFileSync(made.path('notifier.yml'), common);
    writeFileSync(made.path('identity.yml'), common.replace('session: {', 'session: { secret: the session secret of the tests, long enough,') + own);
    return made;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  read(name: string): string {
    return existsSync(this.path(name)) ? readFileSync(this.path(name), 'utf8') : '';
  }

  async launch(app: App): Promise<Service> {
    const port = await freePort();
    const variable = `PORTCULLIS_TELEMETRY_METRICS_${app.toUpperCase()}_ADDRESS`;
    const service = new Service(app, this.path(`${app}.yml`), { [variable]: `tcp://127.0.0.1:${port}` }, `http://127.0.0.1:${port}`);
    this.#services.push(service);
    return service;
  }

  async start(app: App): Promise<Service> {
    return (await this.launch(app)).ready();
  }

  /** Asks for a code, as the gateway does for a signed-in person. */
  async askForCode(username = 'alice'): Promise<void> {
    const reply = await this.identity.startElevation({ username, handle: `${username}-1`, ip: '192.0.2.1', domain: 'example.com' });
    if (reply.outcome !== 'sent') throw new Error(reply.outcome);
  }

  async notices() {
    return (await this.admin.listNotices({ state: null, limit: 1000 })).notices;
  }

  async allDelivered(count: number): Promise<void> {
    await eventually(
      `${count} notices are delivered`,
      async () => (await this.notices()).filter(({ state }) => state === 'delivered').length === count,
      30_000,
    );
  }

  async close(): Promise<void> {
    for (const service of this.#services) await service.end('SIGKILL');
    this.#connection.close();
    this.raw.disconnect();
    await this.redis.stop();
    rmSync(this.directory, { recursive: true });
  }
}
