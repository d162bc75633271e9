import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { cleanEnvironment } from './config.js';

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Default 20000; then it is killed and `code` is null. */
  readonly timeoutMs?: number;
}

/** Runs a program to its end, whatever its exit code. */
export async function runCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { cwd, env = {}, input = '', timeoutMs = 20_000 } = options;
  const child = spawn(command, args, { cwd, env: { ...cleanEnvironment, ...env }, stdio: 'pipe', timeout: timeoutMs, killSignal: 'SIGKILL' });
  const code = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  // A program that does not read its input closes it; what it says counts, not that.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}
