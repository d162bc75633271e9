import { expect, it } from 'vitest';
import { redisOptions, retryDelayMs } from './redis-options.js';
import type { RedisSettings } from './settings.js';

const settings: RedisSettings = { host: 'redis.internal', port: 6380, database: 3, timeoutMs: 5000 };
const commands = { name: 'portcullis-session', role: 'commands' } as const;

it('goes to host and port', () => {
  expect(redisOptions(settings, commands)).toMatchObject({ host: 'redis.internal', port: 6380, db: 3, connectTimeout: 5000 });
});

it('prefers the unix socket', () => {
  const options = redisOptions({ ...settings, path: '/run/redis.sock' }, commands);
  expect(options).toMatchObject({ path: '/run/redis.sock' });
  expect(options).not.toHaveProperty('host');
});

it('says nothing of a user or password that is not set', () => {
  expect(redisOptions({ ...settings, username: undefined, password: undefined }, commands)).not.toHaveProperty('username');
  expect(redisOptions({ ...settings, username: 'gate', password: 'secret' }, commands)).toMatchObject({ username: 'gate', password: 'secret' });
});

it('checks the certificate, against the host unless another name is given', () => {
  expect(redisOptions({ ...settings, tls: { skipVerify: false } }, commands).tls).toEqual({ rejectUnauthorized: true });
  const tls = { serverName: 'cache', skipVerify: true, minVersion: 'TLSv1.3', ca: 'PEM' } as const;
  expect(redisOptions({ ...settings, tls }, commands).tls).toEqual({
    rejectUnauthorized: false,
    servername: 'cache',
    minVersion: 'TLSv1.3',
    ca: 'PEM',
  });
});

it('asks the sentinels for the master, over TLS where the master has it', () => {
  const sentinel = { name: 'gate', username: 'watch', password: 'man', nodes: [{ host: 's1', port: 26379 }] };
  const options = redisOptions({ ...settings, sentinel, tls: { skipVerify: false } }, commands);
  expect(options).toMatchObject({ name: 'gate', sentinels: [{ host: 's1', port: 26379 }], sentinelUsername: 'watch', sentinelPassword: 'man' });
  expect(options).toMatchObject({ enableTLSForSentinelMode: true, sentinelTLS: { rejectUnauthorized: true }, tls: { rejectUnauthorized: true } });
  expect(options).not.toHaveProperty('host');
});

it('lets BullMQ wait for ever, and nobody else', () => {
  expect(redisOptions(settings, { name: 'q', role: 'queue' })).toMatchObject({ maxRetriesPerRequest: null });
  expect(redisOptions(settings, { name: 'q', role: 'queue' })).not.toHaveProperty('commandTimeout');
  expect(redisOptions(settings, commands)).toMatchObject({ enableOfflineQueue: false, autoResendUnfulfilledCommands: false });
});

it('waits longer after each failed attempt, up to a second', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 100].map(retryDelayMs)).toEqual([50, 100, 200, 400, 800, 1000, 1000, 1000]);
});
