import { withoutLiveSections } from '@portcullis/contracts-configuration';
import { extname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
// A thread is started from the sources too, where Node finds a neighbour only by its real ending.
const { copyEnvironment, readForReload } = (await import(`./config${extname(import.meta.url)}`)) as typeof import('./config.js');

copyEnvironment();
const reading = readForReload(workerData as readonly string[]);
// The tree is only asked what needs a restart; the rules, most of a long one, would be copied twice.
parentPort?.postMessage({ ...reading, tree: withoutLiveSections(reading.tree) });
