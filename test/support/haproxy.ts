import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from './config.js';
import { untilListening } from './free-port.js';
import { type RunningProcess, startProcess } from './start-process.js';
import { tempDir } from './temp-dir.js';

export interface HaproxyOptions {
  /** Files beside the configuration, by name; `@DIR@` in the configuration is where they are. */
  readonly files?: Readonly<Record<string, string>>;
  /** Where it listens. */
  readonly port: number;
}

/** A real HAProxy with this configuration file. */
export async function startHaproxy(configuration: string, { files = {}, port }: HaproxyOptions): Promise<RunningProcess> {
  const dir = tempDir('haproxy');
  const write = (name: string, text: string): void => {
    writeFileSync(join(dir, name), text.replaceAll('@DIR@', dir), { mode: 0o600 });
  };
  for (const [name, text] of Object.entries({ ...files, 'haproxy.cfg': configuration })) write(name, text);
  const ready = async (): Promise<boolean> => {
    await untilListening(port, { timeoutMs: 1000 });
    return true;
  };
  return startProcess(needs('haproxy'), ['-f', join(dir, 'haproxy.cfg'), '-db'], { cwd: dir, ready });
}
