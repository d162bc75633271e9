import {
  configurationTables,
  logSection,
  notifierSection,
  parseConfiguration,
  redisSection,
  rpcSection,
  sessionSection,
  telemetrySection,
  type ValuesOf,
} from '@portcullis/contracts-configuration';
import { ensureSecretFile, hasErrors, loadConfiguration, type Problem, reportProblems } from '@portcullis/platform-config';
import { deriveSecret } from '@portcullis/platform-seal';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const sections = {
  log: logSection,
  notifier: notifierSection,
  redis: redisSection,
  rpc: rpcSection,
  session: sessionSection,
  telemetry: telemetrySection,
};

export type NotifierValues = ValuesOf<typeof sections>;

export interface Reading {
  readonly value: NotifierValues | null;
  readonly problems: readonly Problem[];
  readonly directory: string;
}

/** `--config FILE`, repeatable; without it X_AUTHELIA_CONFIG or PORTCULLIS_CONFIG. */
export function configFiles(): readonly string[] {
  const { values } = parseArgs({ options: { config: { type: 'string', short: 'c', multiple: true } }, strict: true });
  return values.config ?? [];
}

export function readConfiguration(files: readonly string[]): Reading {
  const loaded = loadConfiguration({ files, environment: process.env, tables: configurationTables });
  const parsed = parseConfiguration(loaded.tree, sections, { directory: loaded.directory, makeSecret });
  const problems = reportProblems([...loaded.problems, ...parsed.problems], loaded.sources);
  return { value: parsed.ok && !hasErrors(problems) ? parsed.value : null, problems, directory: loaded.directory };
}

/** `rpc.secret`; only where it is absent is the session's looked at, which this service has no other use for. */
export function rpcSecrets({ rpc, session }: NotifierValues, directory: string): readonly string[] {
  if (rpc.secrets.length > 0) return rpc.secrets;
  const secrets = session.secrets.length > 0 ? session.secrets : [ensureSecretFile(join(directory, 'portcullis.session_secret'), makeSecret).secret];
  return secrets.map((secret) => deriveSecret(secret, 'rpc'));
}

/** Whether a supervisor keeps our standard input open and wants us to end with it. */
export const isSupervised = (): boolean => process.env['PORTCULLIS_SUPERVISED'] === '1';

const makeSecret = (): string => randomBytes(48).toString('base64url');
