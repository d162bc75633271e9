import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from './config.js';
import { type RunningProcess, startProcess } from './start-process.js';
import { tempDir } from './temp-dir.js';

export interface RunningNginx extends RunningProcess {
  readonly dir: string;
}

export interface NginxOptions {
  /** Files beside the configuration, by relative path, for `include`. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Everything nginx would write elsewhere, in its own directory. Workers run as whoever runs the tests. */
const wrap = (dir: string, http: string): string => `
daemon off;
worker_processes 1;
pid ${dir}/nginx.pid;
error_log stderr info;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${dir}/body;
  proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
  ${http}
}
`;

/** A real nginx with this text as its `http` block. */
export async function startNginx(http: string, { files = {} }: NginxOptions = {}): Promise<RunningNginx> {
  const dir = tempDir('nginx');
  for (const [path, text] of Object.entries({ ...files, 'nginx.conf': wrap(dir, http) })) {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  // Sockets are bound before workers start.
  const running = await startProcess(needs('nginx'), ['-p', dir, '-c', 'nginx.conf', '-e', 'stderr'], { ready: 'start worker process' });
  return { ...running, dir };
}
