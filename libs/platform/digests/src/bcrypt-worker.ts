import { parentPort } from 'node:worker_threads';
import bcrypt from 'bcryptjs';

// It imports nothing of ours: it is loaded by its file, compiled or not.
parentPort?.on('message', ({ password, setting }: { readonly password: string; readonly setting: string }) => {
  parentPort?.postMessage(bcrypt.hashSync(password, setting));
});
