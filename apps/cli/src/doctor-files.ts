import type { AuthenticationBackendConfiguration, StorageConfiguration } from '@portcullis/contracts-configuration';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { about, type Finding } from './doctor-finding.js';

/** The users file can be read, and written where people change their passwords themselves (a new file takes its place). */
export function checkUsersFile({ usersFile, passwordReset, passwordChange }: AuthenticationBackendConfiguration): readonly Finding[] {
  const users = about('users file');
  if (usersFile === null) return [about('users').ok('people live in the store: portcullis users list')];
  if (!may(usersFile, constants.R_OK))
    return [users.problem(`${usersFile} cannot be read`, `make it readable for the user of the services: chown and chmod 600 ${usersFile}`)];
  const isWritten = !(passwordReset.disabled && passwordChange.disabled);
  const unwritable = [dirname(realpathSync(usersFile)), usersFile].find((path) => !may(path, constants.W_OK));
  if (isWritten && unwritable !== undefined) {
    const what = unwritable === usersFile ? usersFile : `the folder ${unwritable}`;
    return [
      users.problem(
        `${what} cannot be written: nobody can change or reset a password, and the portal offers neither`,
        `make it writable for the user of the services (a new file takes the place of ${usersFile}), or set password_change.disable and password_reset.disable under authentication_backend`,
      ),
    ];
  }
  return [ownerAlone('users file', usersFile) ?? users.ok(`${usersFile} can be read${isWritten ? ' and written' : ''}`)];
}

/** The file of `storage.local.path`: there, ours to write, and nobody else's to read. A server is asked by the identity service. */
export function checkStore({ store: location }: StorageConfiguration): readonly Finding[] {
  if (location.kind === 'postgres') return [];
  const { path } = location;
  const store = about('storage');
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    return may(dirname(path), constants.W_OK)
      ? [store.ok(`${path} is not there yet; the services make it at their first start`)]
      : [store.problem(`${path} is not there, and cannot be made`, `make ${dirname(path)} a directory that the services may write`)];
  }
  if (!stats.isFile()) return [store.problem(`${path} is no file`, 'remove it, and mount the directory in which it shall be')];
  if (!may(path, constants.R_OK | constants.W_OK))
    return [store.problem(`${path} cannot be read and written`, 'give it to the user of the services')];
  return [ownerAlone('storage', path) ?? store.ok(`${path} is there, and can be read and written`)];
}

function ownerAlone(check: string, path: string): Finding | null {
  return (statSync(path).mode & 0o077) === 0 ? null : about(check).warning(`${path} can be read by others`, `chmod 600 ${path}`);
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
