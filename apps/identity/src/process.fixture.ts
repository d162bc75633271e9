import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createDigests } from '@portcullis/platform-digests';
import { eventually, freePort } from '@portcullis/platform-redis/testing';
import { CHEAP } from './world.fixture.js';

const MAIN = join(import.meta.dirname, '../dist/main.js');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** An identity process as a supervisor starts it. */
export interface Running {
  readonly child: ChildProcess;
  readonly metricsUrl: string;
  /** Resolves when it is ready; throws what it said where it ended instead. */
  readonly ready: () => Promise<void>;
  /** Resolves when it has ended by itself or by what the test did to it. */
  readonly ended: Promise<Ended>;
}

export interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/** A directory with a configuration and a users file, in which processes of the built service run. */
export class Installation {
  readonly directory = mkdtempSync(join(tmpdir(), 'identity-'));
  readonly #children = new Set<ChildProcess>();

  static async make(configuration: string, names: readonly string[]): Promise<Installation> {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is not there: run \`nx run @portcullis/identity:build\` first`);
    const made = new Installation();
    const digests = createDigests();
    const users = await Promise.all(
      names.map(
        async (name) =>
          `  ${name}: { displayname: ${name}, email: ${name}@example.com, password: "${await digests.make(CHEAP, `${name}'s password`)}" }\n`,
      ),
    );
    await digests.close();
    made.write('users.yml', ['users:\n', ...users].join(''));
    made.write('configuration.yml', configuration.replaceAll('DIRECTORY', made.directory));
    return made;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  write(name: string, content: string): void {
    writeFileSync(this.path(name), content);
  }

  /** @param owner who it runs as; only root may say */
  async run(owner: Owner = {}): Promise<Running> {
    const port = await freePort();
    const environment = { PORTCULLIS_SUPERVISED: '1', PORTCULLIS_TELEMETRY_METRICS_IDENTITY_ADDRESS: `tcp://127.0.0.1:${port}` };
    const child = this.#spawn(['--config', this.path('configuration.yml')], environment, owner);
    const metricsUrl = `http://127.0.0.1:${port}`;
    const ended = endOf(child);
    const ready = async (): Promise<void> => {
      await eventually(
        `${metricsUrl} is ready`,
        async () => {
          if (child.exitCode !== null) throw new Error((await ended).err);
          return answers(`${metricsUrl}/health/ready`);
        },
        30_000,
      );
    };
    return { child, metricsUrl, ready, ended };
  }

  /** `--once` with this on standard input. */
  async once(request: unknown): Promise<Ended> {
    const child = this.#spawn(['--once', '--config', this.path('configuration.yml')], {});
    const ended = endOf(child);
    child.stdin?.end(JSON.stringify(request));
    return ended;
  }

  async close(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(this.directory, { recursive: true });
  }

  #spawn(line: readonly string[], environment: Readonly<Record<string, string>>, owner: Owner = {}): ChildProcess {
    const child = spawn(process.execPath, [MAIN, ...line], { ...owner, env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#children.add(child);
    return child;
  }
}

async function endOf(child: ChildProcess): Promise<Ended> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('the process has no output');
  const [out, err] = await Promise.all([text(stdout), text(stderr), once(child, 'exit')]);
  return { code: child.exitCode, out, err };
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
