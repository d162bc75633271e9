import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mustRun, run } from './run.mjs';
import { writeText } from './workspace.mjs';

const LISTS_LAST_MS = 24 * 3600 * 1000;

export const canUnpack = () => process.platform === 'linux' && existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg');

/** Lists, cache and locks of our own, and none of the machine's hooks: any user may, and the system is only read. */
const aptConfiguration = (aptDir, archives) => `
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
Dir::State "${aptDir}/state";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "${aptDir}/cache";
Dir::Cache::archives "${archives}";
APT::Sandbox::User "";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "3";
Debug::NoLocking "true";
`;

/**
 * Downloads Debian packages with what they miss on this machine and unpacks them into `dir`/root. Nothing is installed, no
 * script of a package runs, no right of root is needed. Throws a Refusal with apt's words.
 */
export async function unpackPackages(name, packages, dir, say) {
  const building = `${dir}.new`;
  const archives = path.join(building, 'archives');
  rmSync(building, { recursive: true, force: true });
  mkdirSync(path.join(archives, 'partial'), { recursive: true });

  const aptDir = path.join(path.dirname(dir), 'apt');
  const config = path.join(building, 'apt.conf');
  writeText(config, aptConfiguration(aptDir, archives));
  const apt = (...args) => ['-c', config, '-qq', '-y', ...args];

  if (!isFresh(path.join(aptDir, 'refreshed'))) {
    say('package lists');
    mkdirSync(path.join(aptDir, 'state', 'lists', 'partial'), { recursive: true });
    const { code } = await run('apt-get', apt('update'));
    if (code === 0) writeFileSync(path.join(aptDir, 'refreshed'), '');
  }
  say('download');
  await mustRun(`The download of ${name}`, 'apt-get', apt('--download-only', '--reinstall', 'install', ...packages));

  const root = path.join(building, 'root');
  mkdirSync(root);
  const files = readdirSync(archives).filter((file) => file.endsWith('.deb'));
  for (const [index, file] of files.entries()) {
    say(`unpack ${index + 1} of ${files.length}`);
    await mustRun(`Unpacking ${file}`, 'dpkg', ['-x', path.join(archives, file), root]);
  }
  rmSync(archives, { recursive: true });
  rmSync(dir, { recursive: true, force: true });
  renameSync(building, dir);
}

const isFresh = (mark) => existsSync(mark) && Date.now() - statSync(mark).mtimeMs < LISTS_LAST_MS;
