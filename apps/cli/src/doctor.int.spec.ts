import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { portcullis } from './command.fixture.js';
import { Installation } from './installation.fixture.js';

// A process each.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

interface Finding {
  readonly check: string;
  readonly state: string;
  readonly message: string;
  readonly fix?: string;
}

let installation: Installation;
beforeEach(async () => {
  installation = await Installation.make();
});
afterEach(() => installation.close());

async function doctor(...flags: readonly string[]): Promise<{ readonly code: number | null; readonly of: (check: string) => readonly string[] }> {
  const { code, out, err } = await portcullis(['doctor', '--json', '--config', installation.file, ...flags]);
  if (out === '') throw new Error(err);
  const { findings } = JSON.parse(out) as { readonly findings: readonly Finding[] };
  return { code, of: (check) => findings.filter((finding) => finding.check === check).map(({ state, message }) => `${state}: ${message}`) };
}

const edit = (text: string): void => {
  appendFileSync(installation.file, text);
};

describe('doctor', () => {
  it('says a line for each thing, with what to do in the same line, and ends with 2 where something is wrong', async () => {
    edit("server: { address: 'tcp://127.0.0.1:1' }\n");
    const { code, out } = await installation.type('doctor');
    expect(code).toBe(2);
    expect(out).toMatch(/^warning {2}configuration valid, with 1 warning\. Fix: portcullis validate-config names each/m);
    expect(out).toMatch(/^problem {2}gate {10}nobody listens on 127\.0\.0\.1:1: it does not run\. Fix: start it: npm start -- --config FILE$/m);
    expect(out).toMatch(/\n\d+ ok, \d+ warnings?, \d+ problems\n$/);
  });

  it('looks no further than the configuration where that cannot be used', async () => {
    edit('themes: dark\ntotp: { digits: 7 }\n');
    const { code, out } = await installation.type('doctor');
    expect(code).toBe(2);
    expect(out).toContain('problem  configuration 2 errors in the files. Fix: portcullis validate-config names each');
    expect(out).not.toContain('redis');
  });

  it('looks at Redis: what it is, whether it keeps things, and its clock', async () => {
    const { of } = await doctor();
    expect(of('redis')[0]).toMatch(/^ok: Redis \d+\.\d+\.\d+ at .* answers, and evicts nothing$/);
    expect(of('redis')).toContain('warning: after a restart of Redis everybody signs in again (appendonly no)');
    expect(of('redis')).toContain('ok: we may write below portcullis:rpc:');
    expect(of('clock')[0]).toMatch(/^ok: Redis' clock and ours are 0\.\d s apart$/);
  });

  it('says why Redis cannot be used', async () => {
    await installation.redis.stop();
    const { code, of } = await doctor();
    expect(of('redis')[0]).toMatch(/^problem: .*redis.* cannot be used: /);
    // It ends by itself, although Redis was never there.
    expect(code).toBe(2);
  });

  it('names a clock that is away from the time server', async () => {
    const server = await timeServer(100_000);
    edit(`ntp: { address: 'udp://127.0.0.1:${server.address().port}' }\n`);
    const { of } = await doctor().finally(() => server.close());
    expect(of('clock')[1]).toMatch(
      /^problem: the clock of 127\.0\.0\.1 and ours are (?:99\.\d|100\.\d) s apart: codes of authenticators are refused$/,
    );
    expect((await doctor()).of('clock')[1]).toMatch(/^ok: the clock of 127\.0\.0\.1 cannot be asked/);
  });

  it('looks at the rights of files', async () => {
    const users = join(installation.directory, 'users.yml');
    chmodSync(users, 0o644);
    writeFileSync(join(installation.directory, 'db.sqlite3'), '', { mode: 0o600 });
    const { of } = await doctor();
    expect(of('users file')).toEqual([`warning: ${users} can be read by others`]);
    expect(of('storage')[0]).toBe(`ok: ${join(installation.directory, 'db.sqlite3')} is there, and can be read and written`);
    expect(of('storage')[1]).toMatch(/^ok: its tables \(0\) are brought to \d+ at the next start$/);
  });

  it('tells whether the key of the store is the one it was sealed with', async () => {
    expect((await installation.type('storage bans user list')).code).toBe(0);
    const found = (await doctor()).of('storage');
    expect(found[1]).toMatch(/^ok: its tables are of version \d+, the newest$/);
    expect(found[2]).toBe('ok: storage.encryption_key opens it');
    const text = readFileSync(installation.file, 'utf8');
    writeFileSync(installation.file, text.replace(/encryption_key: \w+/, 'encryption_key: another_key_of_more_than_twenty_characters'));
    expect((await doctor()).of('storage').at(-1)).toMatch(/^problem: .*(?:another storage\.encryption_key|not the key)/);
  });

  it('tells a service of ours from what else holds its port', async () => {
    const other = createServer((_, res) => res.end('hello')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    edit(`server: { address: 'tcp://127.0.0.1:${(other.address() as AddressInfo).port}' }\n`);
    const { of } = await doctor().finally(() => other.close());
    expect(of('gate')[0]).toMatch(
      /^problem: 127\.0\.0\.1:\d+ is held by something else, node \(pid \d+\),$|^problem: 127\.0\.0\.1:\d+ is held by something else/,
    );
  });

  it.each([
    [['--through', 'app.example.com'], 'write the address of a protected site'],
    [['--resolve', 'app.example.com'], 'write host:port:address'],
  ])('typed with %j says what is wanted', async (flags, message) => {
    const { code, err } = await portcullis(['doctor', '--config', installation.file, ...flags]);
    expect({ code, told: err.includes(message) }).toEqual({ code: 2, told: true });
  });
});

/** One whose clock is ahead. */
async function timeServer(aheadMs: number): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (request, { address, port }) => {
    const answer = Buffer.alloc(48);
    answer[0] = ((request[0] ?? 0) & 0x38) | 4;
    const timeMs = Date.now() + aheadMs;
    answer.writeUInt32BE(Math.floor(timeMs / 1000) + 2_208_988_800, 40);
    answer.writeUInt32BE(Math.floor(((timeMs % 1000) / 1000) * 2 ** 32), 44);
    socket.send(answer, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}
