import { Redis } from 'ioredis';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from './config.js';
import { freePort } from './free-port.js';
import { atEnd } from './lifetime.js';
import { type RunningRedis, startRedis } from './redis.js';
import { startRoad, type Road } from './road.js';
import { startProcess } from './start-process.js';
import { tempDir } from './temp-dir.js';
import { until } from './until.js';

export interface SentinelsOptions {
  /** More directives for every Redis. */
  readonly args?: readonly string[];
  readonly downAfterMs?: number;
}

export interface RunningSentinels {
  /** As `session.redis` of a configuration wants it. */
  readonly settings: { readonly host: string; readonly port: number; readonly high_availability: object };
  readonly first: RunningRedis;
  readonly replicas: readonly RunningRedis[];
  /** The way to the first, for everybody: its replicas, the sentinels and who asks them. */
  readonly road: Road;
  /** Whom the sentinels name now. */
  readonly master: () => RunningRedis;
}

/** A Redis with two replicas and three sentinels, quorum two. The first is reached over a road that can be closed. */
export async function startSentinels({ args = [], downAfterMs = 1000 }: SentinelsOptions = {}): Promise<RunningSentinels> {
  const first = await startRedis({ args });
  const road = await startRoad(first.port!);
  const replicaOf = ['--replicaof', `127.0.0.1 ${road.port}`, '--repl-diskless-sync-delay', '0'];
  const replicas = await Promise.all([0, 1].map(() => startRedis({ args: [...replicaOf, ...args] })));
  const inStep = async (): Promise<boolean> => String(await first.cli('INFO', 'replication')).split('state=online').length === 3;
  await until(inStep, { timeoutMs: 20_000, what: 'two replicas in step' });

  const ports = await Promise.all([0, 1, 2].map(() => freePort()));
  for (const [index, port] of ports.entries()) {
    const dir = tempDir('sentinel');
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `sentinel monitor gate 127.0.0.1 ${road.port} 2`,
      `sentinel down-after-milliseconds gate ${downAfterMs}`,
      'sentinel failover-timeout gate 4000',
    ];
    writeFileSync(join(dir, 'sentinel.conf'), lines.join('\n'));
    const options = { name: `sentinel-${index + 1}`, cwd: dir, ready: '+monitor' };
    await startProcess(needs('redis'), [join(dir, 'sentinel.conf'), '--sentinel'], options);
  }
  let masterPort = road.port;
  const ask = async (port: number, ...command: readonly [string, ...string[]]): Promise<unknown> => {
    const sentinel = new Redis({ port, commandTimeout: 1000, retryStrategy: () => null });
    sentinel.on('error', () => undefined);
    try {
      return await sentinel.call(...command);
    } finally {
      sentinel.disconnect();
    }
  };
  const knowAll = async (port: number): Promise<boolean> => {
    const [others, known] = await Promise.all([ask(port, 'SENTINEL', 'SENTINELS', 'gate'), ask(port, 'SENTINEL', 'REPLICAS', 'gate')]);
    return (others as readonly unknown[]).length === 2 && (known as readonly unknown[]).length === 2;
  };
  for (const port of ports) await until(() => knowAll(port), { timeoutMs: 30_000, what: 'the sentinels to know each other' });
  const timer = setInterval(() => {
    void ask(ports[0]!, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'gate').then(
      (address) => {
        masterPort = Number((address as readonly string[])[1]);
      },
      () => undefined,
    );
  }, 100);
  atEnd({
    end: () => {
      clearInterval(timer);
    },
  });
  const [host, ...others] = ports;
  return {
    settings: {
      host: '127.0.0.1',
      port: host!,
      high_availability: { sentinel_name: 'gate', nodes: others.map((port) => ({ host: '127.0.0.1', port })) },
    },
    first,
    replicas,
    road,
    master: () => replicas.find(({ port }) => port === masterPort) ?? first,
  };
}
