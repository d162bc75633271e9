// A replica of `probe` in a process of its own, to be killed. Its one argument: the settings of Redis as JSON. It says what it does on standard output.
import type { RedisSettings } from '@portcullis/platform-redis';
import { openRpcConnection, RpcServer } from './index.js';
import { listening, PREFIX, probe, SECRET } from './world.fixture.js';

const redis = JSON.parse(process.argv[2] ?? '') as RedisSettings;
const connection = openRpcConnection({ redis, secrets: [SECRET], prefix: PREFIX, service: 'victim', onEvent: () => undefined });
const server = new RpcServer({ connection, contracts: [probe], lanes: { rest: { concurrency: 1 }, narrow: { concurrency: 1 } } });
const say = (what: string): void => {
  process.stdout.write(`${what}\n`);
};
const never = (): Promise<never> => {
  say('working');
  return new Promise(() => undefined);
};
for (const name of Object.keys(probe.operations)) server.addHandler(`probe.v1.${name}`, never);
await listening(server);
say('listening');
