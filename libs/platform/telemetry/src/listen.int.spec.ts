import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listen } from './listen.js';

const newServer = (): ReturnType<typeof createServer> => {
  const server = createServer();
  onTestFinished(() => void server.close());
  return server;
};

describe('listen', () => {
  it('takes a free port and says which', async () => {
    const server = newServer();
    const port = await listen(server, { host: '127.0.0.1', port: 0, setting: 'server.address' });
    expect(server.address()).toMatchObject({ port, address: '127.0.0.1' });
  });

  it('names the port, who holds it and what to set when it is taken', async () => {
    const port = await listen(newServer(), { host: '127.0.0.1', port: 0, setting: 'server.address' });
    const second = listen(newServer(), { host: '127.0.0.1', port, setting: 'telemetry.metrics.address' });
    await expect(second).rejects.toMatchObject({ name: 'ListenError', code: 'EADDRINUSE' });
    await expect(second).rejects.toThrow(`127.0.0.1:${port} is taken`);
    await expect(second).rejects.toThrow(`(pid ${process.pid})`);
    await expect(second).rejects.toThrow('set telemetry.metrics.address to another port');
  });

  it('says so when the address is not one of this machine', async () => {
    const listening = listen(newServer(), { host: '192.0.2.1', port: 0, setting: 'server.address' });
    await expect(listening).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
    await expect(listening).rejects.toThrow('192.0.2.1:0 is not an address of this machine; set server.address');
  });

  it('shares a port where that is asked for', async () => {
    const port = await listen(newServer(), { host: '127.0.0.1', port: 0, setting: 's', reusePort: true });
    expect(await listen(newServer(), { host: '127.0.0.1', port, setting: 's', reusePort: true })).toBe(port);
  });
});
