import {
  accessControlSection,
  authenticationBackendSection,
  configurationHistorySection,
  configurationTables,
  endpointsSection,
  identityValidationSection,
  logSection,
  parseConfiguration,
  passwordPolicySection,
  portalSection,
  redisSection,
  rpcSection,
  serverSection,
  sessionSection,
  telemetrySection,
  totpSection,
  type ConfigurationTree,
  type ValuesOf,
  withoutOwnPlace,
} from '@portcullis/contracts-configuration';
import { compilePolicy, fingerprintOf, lintPolicy } from '@portcullis/domain-policy';
import { DIGEST_DEFAULTS, digestOptionProblems } from '@portcullis/domain-passwords';
import { ensureSecretFile, type FileText, hashOf, hasErrors, loadConfiguration, type Problem, reportProblems } from '@portcullis/platform-config';
import { deriveSecret } from '@portcullis/platform-seal';
import { type TracingSettings, tracingSettings } from '@portcullis/platform-telemetry';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const sections = {
  accessControl: accessControlSection({ compilePolicy, lintPolicy }),
  authenticationBackend: authenticationBackendSection({ DIGEST_DEFAULTS, digestOptionProblems }),
  configurationHistory: configurationHistorySection,
  endpoints: endpointsSection,
  identityValidation: identityValidationSection,
  log: logSection,
  passwordPolicy: passwordPolicySection,
  portal: portalSection,
  redis: redisSection,
  rpc: rpcSection,
  server: serverSection,
  session: sessionSection,
  telemetry: telemetrySection,
  totp: totpSection,
};

export type GatewayValues = ValuesOf<typeof sections>;

/** One reading of the configuration: everything it says, or everything that is wrong with it. */
export interface Reading {
  readonly value: GatewayValues | null;
  readonly problems: readonly Problem[];
  readonly tree: ConfigurationTree;
  /** SHA-256 over the tree but for where this gateway listens: equal wherever the same configuration runs. */
  readonly hash: string;
  /** Equal wherever the same rules run, whatever the rest says; '' where nothing can run. */
  readonly rulesHash: string;
  readonly directory: string;
  /** The files as they were read. */
  readonly texts: readonly FileText[];
  readonly watched: readonly string[];
}

/** `--config FILE`, repeatable; without it X_AUTHELIA_CONFIG or PORTCULLIS_CONFIG. */
export function configFiles(): readonly string[] {
  const { values } = parseArgs({ options: { config: { type: 'string', short: 'c', multiple: true } }, strict: true });
  return values.config ?? [];
}

export const readConfiguration = (files: readonly string[]): Reading => read(files, sections);

/** The same without what is valid and most likely not meant, which takes a while to find; an invalid configuration is reported in full. */
export function readForReload(files: readonly string[]): Reading {
  const reading = read(files, { ...sections, accessControl: accessControlSection({ compilePolicy }) });
  return reading.value === null ? readConfiguration(files) : reading;
}

/** In a thread only: `process.env` becomes a plain object. The YAML parser asks it at every token, a sixth of its time. */
export function copyEnvironment(): void {
  process.env = { ...process.env };
}

function read(files: readonly string[], wanted: typeof sections): Reading {
  const loaded = loadConfiguration({ files, environment: process.env, tables: configurationTables });
  const parsed = parseConfiguration(loaded.tree, wanted, { directory: loaded.directory, makeSecret });
  const problems = reportProblems([...loaded.problems, ...parsed.problems], loaded.sources);
  const { tree, directory, texts, watched } = loaded;
  const hash = hashOf(withoutOwnPlace(tree));
  const value = parsed.ok && !hasErrors(problems) ? parsed.value : null;
  return { value, problems, tree, hash, rulesHash: value === null ? '' : fingerprintOf(value.accessControl), directory, texts, watched };
}

/** `session.secret`; where none is configured, the one in a file beside the configuration, made by whichever service starts first. */
export const sessionSecrets = ({ session }: GatewayValues, directory: string): readonly string[] =>
  session.secrets.length > 0 ? session.secrets : [ensureSecretFile(join(directory, 'portcullis.session_secret'), makeSecret).secret];

/** `rpc.secret`, else derived from the session's: for services that share one configuration. */
export const rpcSecrets = ({ rpc }: GatewayValues, session: readonly string[]): readonly string[] =>
  rpc.secrets.length > 0 ? rpc.secrets : session.map((secret) => deriveSecret(secret, 'rpc'));

/** Where traces go; OpenTelemetry's own variables are honoured. */
export const tracesOf = ({ telemetry }: GatewayValues): TracingSettings => tracingSettings(telemetry.tracesEndpoint, process.env);

/** Whether a supervisor keeps our standard input open and wants us to end with it. */
export const isSupervised = (): boolean => process.env['PORTCULLIS_SUPERVISED'] === '1';

/** What this instance is called where there are several of the service, for instance `verify-gateway-2`. */
export const instanceName = (): string | undefined => process.env['PORTCULLIS_INSTANCE'] ?? undefined;

const makeSecret = (): string => randomBytes(48).toString('base64url');
