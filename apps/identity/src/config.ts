import {
  auditSection,
  authenticationBackendSection,
  configurationTables,
  identityValidationSection,
  logSection,
  parseConfiguration,
  passwordPolicySection,
  portalSection,
  redisSection,
  regulationSection,
  rpcSection,
  sessionFactsSection,
  storageSection,
  telemetrySection,
  totpSection,
  type ValuesOf,
  withoutLiveSections,
  withoutOwnPlace,
} from '@portcullis/contracts-configuration';
import { DIGEST_DEFAULTS, digestOptionProblems } from '@portcullis/domain-passwords';
import { ensureSecretFile, hashOf, hasErrors, loadConfiguration, type Problem, reportProblems } from '@portcullis/platform-config';
import { deriveSecret } from '@portcullis/platform-seal';
import { type TracingSettings, tracingSettings } from '@portcullis/platform-telemetry';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const sections = {
  audit: auditSection,
  backend: authenticationBackendSection({ DIGEST_DEFAULTS, digestOptionProblems }),
  identityValidation: identityValidationSection,
  log: logSection,
  passwordPolicy: passwordPolicySection,
  portal: portalSection,
  redis: redisSection,
  regulation: regulationSection,
  rpc: rpcSection,
  session: sessionFactsSection,
  storage: storageSection,
  telemetry: telemetrySection,
  totp: totpSection,
};

export type IdentityValues = ValuesOf<typeof sections>;

/** The configuration of this service: all it says, or all that is wrong with it. */
export interface Reading {
  readonly value: IdentityValues | null;
  readonly problems: readonly Problem[];
  readonly directory: string;
  /** Of all that a restart is needed for: equal in all instances that run the same. */
  readonly hash: string;
}

export interface CommandLine {
  /** `--config FILE`, repeatable; empty: X_AUTHELIA_CONFIG or PORTCULLIS_CONFIG. */
  readonly files: readonly string[];
  /** Answer one operation of the admin contract from standard input, and end. */
  readonly once: boolean;
  /** `--copy-to FILE`, repeatable: copy the store into the one that those files configure, and end. */
  readonly copyTo: readonly string[];
  /** Of a copy: only count and refuse. */
  readonly dryRun: boolean;
}

export function commandLine(): CommandLine {
  const { values } = parseArgs({
    options: {
      config: { type: 'string', short: 'c', multiple: true },
      once: { type: 'boolean' },
      'copy-to': { type: 'string', multiple: true },
      'dry-run': { type: 'boolean' },
    },
    strict: true,
  });
  return { files: values.config ?? [], once: values.once ?? false, copyTo: values['copy-to'] ?? [], dryRun: values['dry-run'] ?? false };
}

export function readConfiguration(files: readonly string[]): Reading {
  const loaded = loadConfiguration({ files, environment: process.env, tables: configurationTables });
  const parsed = parseConfiguration(loaded.tree, sections, { directory: loaded.directory, makeSecret });
  const problems = reportProblems([...loaded.problems, ...parsed.problems], loaded.sources);
  const hash = hashOf(withoutOwnPlace(withoutLiveSections(loaded.tree)));
  return { value: parsed.ok && !hasErrors(problems) ? parsed.value : null, problems, directory: loaded.directory, hash };
}

/** A secret that is configured, or kept in a file beside the configuration. */
export interface Kept {
  readonly secret: string;
  /** The file; null: it is configured. */
  readonly file: string | null;
  /** The file, if it was made just now: people must back it up. */
  readonly madeFile: string | null;
}

const STORAGE_KEY_FILE = 'portcullis.storage_key';

/** `storage.encryption_key`. */
export const storageKey = ({ storage }: IdentityValues, directory: string): Kept =>
  storage.encryptionKey === null ? keptIn(directory, STORAGE_KEY_FILE) : { secret: storage.encryptionKey, file: null, madeFile: null };

/** The same where it is there already; null: it would be made. */
export function presentStorageKey({ storage }: IdentityValues, directory: string): string | null {
  const path = resolve(directory, STORAGE_KEY_FILE);
  return storage.encryptionKey ?? (existsSync(path) ? readFileSync(path, 'utf8').trim() : null);
}

/** `identity_validation.reset_password.jwt_secret`. */
export const jwtSecret = ({ identityValidation }: IdentityValues, directory: string): Kept =>
  identityValidation.resetPassword.jwtSecret === null
    ? keptIn(directory, 'portcullis.jwt_secret')
    : { secret: identityValidation.resetPassword.jwtSecret, file: null, madeFile: null };

/** `rpc.secret`, else derived from the session's: for services that share one configuration. */
export function rpcSecrets({ rpc, session }: IdentityValues, directory: string): readonly string[] {
  if (rpc.secrets.length > 0) return rpc.secrets;
  const secrets = session.secrets.length > 0 ? session.secrets : [keptIn(directory, 'portcullis.session_secret').secret];
  return secrets.map((secret) => deriveSecret(secret, 'rpc'));
}

/** Where traces go; OpenTelemetry's own variables are honoured. */
export const tracesOf = ({ telemetry }: IdentityValues): TracingSettings => tracingSettings(telemetry.tracesEndpoint, process.env);

/** Whether a supervisor keeps our standard input open and wants us to end with it. */
export const isSupervised = (): boolean => process.env['PORTCULLIS_SUPERVISED'] === '1';

/** What this instance is called where there are several of the service, for instance `identity-2`. */
export const instanceName = (): string | undefined => process.env['PORTCULLIS_INSTANCE'] ?? undefined;

function keptIn(directory: string, name: string): Kept {
  const path = resolve(directory, name);
  const { secret, created } = ensureSecretFile(path, makeSecret);
  return { secret, file: path, madeFile: created ? path : null };
}

const makeSecret = (): string => randomBytes(48).toString('base64url');
