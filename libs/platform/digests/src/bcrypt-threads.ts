import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

const idle: Worker[] = [];

/** bcrypt in JavaScript, in a thread of its own so that the event loop goes on: `setting` is `$2b$12$` and the salt. */
export async function bcryptInThread(password: string, setting: string): Promise<string> {
  const worker = idle.pop() ?? startWorker();
  // Only a thread at work keeps the process from ending.
  worker.ref();
  worker.postMessage({ password, setting });
  const [hash] = (await once(worker, 'message')) as [string];
  worker.unref();
  idle.push(worker);
  return hash;
}

/** Ends the threads that are not at work. */
export async function endThreads(): Promise<void> {
  await Promise.all(idle.splice(0).map((worker) => worker.terminate()));
}

function startWorker(): Worker {
  const file = new URL(`./bcrypt-worker${extname(import.meta.url)}`, import.meta.url);
  return new Worker(file, { execArgv: [], name: 'bcrypt' });
}
