import { hash } from '@node-rs/argon2';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { freshAddress, passwordOf, persons, PORTAL_HOST, tryPassword } from '../attacks/world.js';
import { atEnd, client, describeWith, root, startProcess, usersFile } from '../support/index.js';
import { MAILED, NAMES, scenario } from './site.js';

const SILENT = 1000;
const AT_ONCE = 64;

const ANONYMOUS = `GET /api/authz/forward-auth HTTP/1.1
Host: 127.0.0.1
X-Forwarded-Proto: https
X-Forwarded-Host: app.example.com
X-Forwarded-Uri: /
X-Forwarded-Method: GET
X-Forwarded-For: 203.0.113.7
Accept: text/html

`;

interface Load {
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly statuses: Readonly<Record<string, number>>;
}

describeWith(['redis'], 'more than usual', () => {
  scenario('silent-connections', async (begin) => {
    const site = await begin();
    const sockets: Socket[] = [];
    atEnd({
      end: () => {
        for (const socket of sockets) socket.destroy();
      },
    });
    await site.breaks(async () => {
      for (const base of site.portcullis.gateways)
        for (let i = 0; i < SILENT; i++) sockets.push(connect({ host: '127.0.0.1', port: Number(new URL(base).port) }).on('error', () => undefined));
      await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    }, 8000);
    await site.mends(() => {
      for (const socket of sockets) socket.destroy();
    });
    return site;
  });

  scenario('anonymous-flood', async (begin) => {
    const site = await begin();
    const flood = async (): Promise<void> => {
      const port = new URL(site.portcullis.gateways[0]!).port;
      const sender = await startProcess(process.execPath, [join(root, 'test/bench/load.mjs'), port, '32', '10000'], { input: ANONYMOUS });
      await sender.exited;
      const { perSecond, p99Ms, statuses } = JSON.parse(sender.logs()) as Load;
      for (const [status, count] of Object.entries(statuses)) {
        if (status.startsWith('2')) site.traffic.tally.wronglyGiven += count;
        else if (status !== '302') site.traffic.tally.unexpected += count;
      }
      site.measured = `${Math.round(perSecond).toLocaleString('en')} a second were answered, 99 of 100 within ${p99Ms.toFixed(1)} ms.`;
    };
    await site.breaks(flood, 0);
    await site.mends(() => undefined);
    return site;
  });

  scenario('login-storm', async (begin) => {
    // A digest as costly as people's are.
    const digest = await hash('storm-Pass:word-1', { memoryCost: 65_536, timeCost: 3, parallelism: 4 });
    const users = await usersFile(persons(...NAMES, ...MAILED));
    const site = await begin({ users: `${users}  storm: { displayname: Storm, password: '${digest}', email: storm@example.com }\n` });
    const statuses = new Map<number, number>();
    const until = performance.now() + 10_000;
    const signInAgainAndAgain = async (index: number): Promise<void> => {
      const { gateways } = site.portcullis;
      while (performance.now() < until) {
        const who = client(gateways[index % gateways.length]!, { host: PORTAL_HOST, ip: freshAddress() });
        const { status } = await tryPassword(who, 'storm', passwordOf('storm'));
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    await site.breaks(() => Promise.all(Array.from({ length: AT_ONCE }, (_, index) => signInAgainAndAgain(index))), 0);
    await site.mends(() => undefined);
    const count = (status: number): number => statuses.get(status) ?? 0;
    site.traffic.tally.unexpected += [...statuses.keys()].filter((status) => status !== 200 && status !== 503).length;
    site.measured = `Of the storm ${count(200)} signed in, ${count(503)} were told to come back.`;
    return site;
  });
});
