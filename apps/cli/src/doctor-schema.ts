import type { StorageConfiguration } from '@portcullis/contracts-configuration';
import { existsSync } from 'node:fs';
import { about, type Finding, messageOf } from './doctor-finding.js';
import { askIdentity } from './services.js';

const store = about('storage');

/** Whether the tables and the key of the store are those the services would use; looked at by the identity service, changed by nobody. */
export async function checkSchema(files: readonly string[], { store: location }: StorageConfiguration): Promise<readonly Finding[]> {
  if (location.kind === 'sqlite' && !existsSync(location.path)) return [];
  const asking = { files, store: {} };
  try {
    const { version, latest } = await askIdentity(asking, 'describeSchema', {});
    // To look at the key of a server that has no tables yet would make them.
    if (version === 0 && location.kind === 'postgres') return [store.ok('it answers; the services make its tables at their first start')];
    const { result } = await askIdentity(asking, 'checkEncryption', { verbose: false });
    return [schemaFinding(version, latest), ...keyFinding(result)];
  } catch (error) {
    return [store.problem(messageOf(error), 'docs/break-glass.md says what to do without the store')];
  }
}

function schemaFinding(version: number, latest: number): Finding {
  if (version > latest)
    return store.warning(
      `its tables are of version ${version}, and this program knows ${latest}`,
      'it works with what was only added; run the newer program',
    );
  return store.ok(
    version === latest ? `its tables are of version ${version}, the newest` : `its tables (${version}) are brought to ${latest} at the next start`,
  );
}

function keyFinding(result: 'success' | 'failure' | 'unknown'): readonly Finding[] {
  if (result === 'success') return [store.ok('storage.encryption_key opens it')];
  if (result === 'unknown') return [];
  return [store.problem('storage.encryption_key is not the key it was sealed with', 'give back the key it was made with: docs/break-glass.md')];
}
