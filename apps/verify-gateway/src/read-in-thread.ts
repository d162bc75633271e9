import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Reading } from './config.js';

/**
 * `readForReload` in a thread of its own, so that verifies are answered meanwhile: ten thousand rules take a second. The tree comes
 * without the live sections. Rejects when the thread fails.
 */
export async function readInThread(files: readonly string[]): Promise<Reading> {
  const file = new URL(`./reading-worker${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(file, { execArgv: [], name: 'configuration', workerData: files });
  worker.unref();
  const [reading] = (await once(worker, 'message')) as [Reading];
  return reading;
}
