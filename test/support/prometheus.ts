import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs, root } from './config.js';
import { freePort } from './free-port.js';
import { http } from './http.js';
import { startProcess } from './start-process.js';
import { tempDir } from './temp-dir.js';

export interface WatchedInstance {
  readonly service: string;
  /** host:port of its metrics. */
  readonly target: string;
}

export interface PrometheusSample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A line as a graph draws it. */
export interface PrometheusLine {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly number[];
}

export interface RunningPrometheus {
  /** Throws what Prometheus says of a query that is wrong. */
  query(expr: string): Promise<readonly PrometheusSample[]>;
  /** The same from then until now, second by second. */
  range(expr: string, sinceMs: number): Promise<readonly PrometheusLine[]>;
  /** The names of the alerts that fire now. */
  firing(): Promise<readonly string[]>;
  /** Watches these from now on. */
  watch(instances: readonly WatchedInstance[]): void;
}

/** What a person would wait minutes or days for comes in seconds: the same files, other times. */
const SHORTER: readonly (readonly [RegExp, string])[] = [
  [/(scrape_interval|evaluation_interval): 15s/g, '$1: 1s'],
  [/\[(?:5m|30m)\]/g, '[10s]'],
  [/\[1h\]/g, '[15s]'],
  [/\[6h\]/g, '[20s]'],
  [/\[3d\]/g, '[30s]'],
  [/for: \w+/g, 'for: 1s'],
  // An answer within 5 ms is more than a machine can promise on which everything is done at once.
  [/le="0\.005"/g, 'le="0.1"'],
  [/oldest_waiting_seconds > 300/g, 'oldest_waiting_seconds > 3'],
];
const shorter = (text: string): string => SHORTER.reduce((shortened, [from, to]) => shortened.replace(from, to), text);

/** A real Prometheus with the files of deploy/prometheus. */
export async function startPrometheus(instances: readonly WatchedInstance[]): Promise<RunningPrometheus> {
  const dir = tempDir('prometheus');
  const shipped = join(root, 'deploy/prometheus');
  for (const name of readdirSync(shipped).filter((file) => file.endsWith('.yml')))
    writeFileSync(join(dir, name), shorter(readFileSync(join(shipped, name), 'utf8')));
  const watch = (now: readonly WatchedInstance[]): void => {
    writeFileSync(
      join(dir, 'portcullis-targets.yml'),
      JSON.stringify(now.map(({ service, target }) => ({ targets: [target], labels: { service } }))),
    );
  };
  watch(instances);
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const args = [`--config.file=${join(dir, 'prometheus.yml')}`, `--storage.tsdb.path=${join(dir, 'data')}`, `--web.listen-address=127.0.0.1:${port}`];
  await startProcess(needs('prometheus'), args, {
    name: 'prometheus',
    ready: async () => (await http(base, { path: '/-/ready', timeoutMs: 1000 })).status === 200,
    readyTimeoutMs: 30_000,
  });
  const ask = async (path: string): Promise<Record<string, unknown>> => {
    const answer = (await http(base, { path })).json() as { status: string; error?: string; data: Record<string, unknown> };
    if (answer.status !== 'success') throw new Error(answer.error);
    return answer.data;
  };
  return {
    watch,
    query: async (expr) => {
      const { result } = await ask(`/api/v1/query?query=${encodeURIComponent(expr)}`);
      return (result as readonly { metric: Record<string, string>; value: [number, string] }[]).map(({ metric, value }) => ({
        metric,
        value: Number(value[1]),
      }));
    },
    range: async (expr, sinceMs) => {
      const span = `start=${sinceMs / 1000}&end=${Date.now() / 1000}&step=1`;
      const { result } = await ask(`/api/v1/query_range?query=${encodeURIComponent(expr)}&${span}`);
      return (result as readonly { metric: Record<string, string>; values: [number, string][] }[]).map(({ metric, values }) => ({
        metric,
        values: values.map(([, value]) => Number(value)),
      }));
    },
    firing: async () => {
      const { alerts } = await ask('/api/v1/alerts');
      return (alerts as readonly { state: string; labels: Record<string, string> }[]).flatMap(({ state, labels }) =>
        state === 'firing' ? [labels['alertname'] ?? ''] : [],
      );
    },
  };
}
