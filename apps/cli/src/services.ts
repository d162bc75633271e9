import { identityAdminContract } from '@portcullis/contracts-identity';
import { sessionContract } from '@portcullis/contracts-session';
import { redisSection, rpcSection, sessionFactsSection } from '@portcullis/contracts-configuration';
import type { Client, RpcConnection } from '@portcullis/platform-rpc';
import { deriveSecret } from '@portcullis/platform-seal';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { childEnvironment, requireConfiguration } from './config.js';
import { Failure } from './failure.js';
import type { Globals, StoreOverrides } from './globals.js';

/** Loaded when a service is asked: most commands ask none, and it takes longer to load than they take. */
const loadRpc = () => import('@portcullis/platform-rpc');

const CONNECT_MS = 2000;
const wireSections = { redis: redisSection, rpc: rpcSection, session: sessionFactsSection };

export interface CliWire {
  readonly connection: RpcConnection;
  /** The first seals. */
  readonly secrets: readonly string[];
}

/** The wire to the running services, or null where no Redis is configured, running, or known. */
export async function openWire(files: readonly string[]): Promise<CliWire | null> {
  const { value, directory } = requireConfiguration(files, wireSections);
  if (value.redis === null) return null;
  const secrets =
    value.rpc.secrets.length > 0 ? value.rpc.secrets : sessionSecrets(value.session.secrets, directory).map((secret) => deriveSecret(secret, 'rpc'));
  const { openRpcConnection } = await loadRpc();
  const connection = openRpcConnection({ redis: value.redis, secrets, prefix: value.redis.keyPrefix, service: 'cli', onEvent: () => undefined });
  try {
    await connection.ready(CONNECT_MS);
    return { connection, secrets };
  } catch {
    connection.close();
    return null;
  }
}

function sessionSecrets(configured: readonly string[], directory: string): readonly string[] {
  const file = join(directory, 'portcullis.session_secret');
  if (configured.length > 0) return configured;
  if (existsSync(file)) return [readFileSync(file, 'utf8').trim()];
  throw new Failure(`No session.secret is configured and ${file} is not there: the services have not run with this configuration yet.`);
}

/** Asks the session service; there is no way around it, for it alone ends sessions everywhere. */
export async function withSessions<T>(files: readonly string[], ask: (session: Client<typeof sessionContract>) => Promise<T>): Promise<T> {
  const wire = await openWire(files);
  if (wire === null) throw new Failure('The services do not run, or their Redis cannot be reached: sessions can be neither listed nor ended now.');
  try {
    const { createRpcClient } = await loadRpc();
    return await ask(createRpcClient(sessionContract, wire.connection));
  } catch (error) {
    throw await explained(error);
  } finally {
    wire.connection.close();
  }
}

type Operations = (typeof identityAdminContract)['operations'];
type AdminClient = Client<typeof identityAdminContract>;
type Request<Name extends keyof Operations> = Parameters<AdminClient[Name]>[0];
export type Reply<Name extends keyof Operations> = Awaited<ReturnType<AdminClient[Name]>>;

/** Asks the identity service; where nobody answers, runs it once for this one question (house.md, The wire). */
export async function askIdentity<Name extends keyof Operations>(globals: Asking, name: Name, request: Request<Name>): Promise<Reply<Name>> {
  // Who names another store or key than the configured one does not mean the store of the running service.
  const isElsewhere = Object.values(globals.store).some((value) => value !== undefined);
  const wire = isElsewhere ? null : await openWire(globals.files);
  if (wire === null) return runOnce(globals, name, request);
  const { createRpcClient, RpcFault } = await loadRpc();
  try {
    const ask = createRpcClient(identityAdminContract, wire.connection)[name] as (request: Request<Name>) => Promise<Reply<Name>>;
    return await ask(request);
  } catch (error) {
    if (error instanceof RpcFault && error.code === 'RPC_NO_REPLICA') return await runOnce(globals, name, request);
    throw await explained(error);
  } finally {
    wire.connection.close();
  }
}

type Asking = Pick<Globals, 'files' | 'store'>;

async function runOnce<Name extends keyof Operations>({ files, store }: Asking, name: Name, request: Request<Name>): Promise<Reply<Name>> {
  const out = await runService('identity', files, ['--once'], { input: JSON.stringify({ operation: name, request }), variables: variablesOf(store) });
  return identityAdminContract.operations[name].reply.parse(JSON.parse(out)) as Reply<Name>;
}

interface How {
  readonly input?: string;
  readonly variables?: Readonly<Record<string, string>>;
}

/** Runs a service on the configuration for something that is no serving; resolves with what it says, rejects with its complaint. */
export async function runService(service: 'identity' | 'session', files: readonly string[], args: readonly string[], how: How = {}): Promise<string> {
  const main = fileURLToPath(new URL(`../../${service}/dist/main.js`, import.meta.url));
  if (!existsSync(main)) throw new Failure(`The ${service} service is not installed here (${main}): type this where it is.`);
  const child = spawn(process.execPath, [main, ...args, ...files.flatMap((file) => ['--config', file])], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...childEnvironment(files), ...how.variables },
  });
  child.stdin.end(how.input ?? '');
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ]);
  if (code !== 0) throw new Failure(err.trim());
  return out;
}

const variablesOf = ({ encryptionKey, path }: StoreOverrides): Readonly<Record<string, string>> => ({
  ...(encryptionKey === undefined ? {} : { PORTCULLIS_STORAGE_ENCRYPTION_KEY: encryptionKey }),
  ...(path === undefined ? {} : { PORTCULLIS_STORAGE_LOCAL_PATH: path }),
});

async function explained(error: unknown): Promise<unknown> {
  const { RpcFault } = await loadRpc();
  if (!(error instanceof RpcFault)) return error;
  return new Failure(`The services did not answer (${error.code}): ${error.message}`);
}
