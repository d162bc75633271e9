import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mustRun } from './run.mjs';

const POLICY = '/usr/sbin/policy-rc.d';
const SAVED = `${POLICY}.before-portcullis`;

/** Debian asks this file before a package starts or stops its service; 101 means no. Returns what puts things back. */
function forbidServices() {
  if (existsSync(POLICY) && !existsSync(SAVED)) renameSync(POLICY, SAVED);
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const restore = () => {
    rmSync(POLICY, { force: true });
    if (existsSync(SAVED)) renameSync(SAVED, POLICY);
    process.off('exit', restore);
  };
  process.on('exit', restore);
  return restore;
}

/** apt-get install, as root, with the person's yes; no service is started by it. Throws a Refusal with apt's words. */
export function installSystemPackages(terminal, packages) {
  return terminal.step(`apt-get install ${packages.join(' ')}`, async (say) => {
    const restore = forbidServices();
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    try {
      say('package lists');
      await mustRun('apt-get update', 'apt-get', ['-qq', 'update'], { env });
      await mustRun('apt-get install', 'apt-get', ['-y', '--no-install-recommends', 'install', ...packages], { env, onLine: say });
    } finally {
      restore();
    }
  });
}
