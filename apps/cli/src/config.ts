import {
  accessControlSection,
  auditSection,
  authenticationBackendSection,
  configurationHistorySection,
  configurationTables,
  endpointsSection,
  identityValidationSection,
  logSection,
  notifierSection,
  parseConfiguration,
  parseUsersDatabase,
  passwordPolicySection,
  portalSection,
  redisSection,
  regulationSection,
  rpcSection,
  serverSection,
  sessionSection,
  storageSection,
  telemetrySection,
  totpSection,
  type Sections,
  type ValuesOf,
} from '@portcullis/contracts-configuration';
import { DIGEST_DEFAULTS, describeDigestProblem, digestOptionProblems, parseDigest } from '@portcullis/domain-passwords';
import { compilePolicy, lintPolicy } from '@portcullis/domain-policy';
import {
  filterConfiguration,
  formatProblems,
  loadConfiguration,
  type Problem,
  readYaml,
  reportProblems,
  type Sources,
} from '@portcullis/platform-config';
import { readServerTls } from '@portcullis/platform-tls';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.js';

export const everySection = {
  accessControl: accessControlSection({ compilePolicy, lintPolicy }),
  audit: auditSection,
  authenticationBackend: authenticationBackendSection({ DIGEST_DEFAULTS, digestOptionProblems }),
  configurationHistory: configurationHistorySection,
  endpoints: endpointsSection,
  identityValidation: identityValidationSection,
  log: logSection,
  notifier: notifierSection,
  passwordPolicy: passwordPolicySection,
  portal: portalSection,
  redis: redisSection,
  regulation: regulationSection,
  rpc: rpcSection,
  server: serverSection,
  session: sessionSection,
  storage: storageSection,
  telemetry: telemetrySection,
  totp: totpSection,
};

export interface Reading<S extends Sections> {
  readonly value: ValuesOf<S> | null;
  readonly problems: readonly Problem[];
  /** Where each value was written. */
  readonly sources: Sources;
  readonly directory: string;
}

export const makeSecret = (): string => randomBytes(48).toString('base64url');

/** The filters of `--config.experimental.filters`, which win over the variables, for us and for programs run in our place. */
export function useFilters(names: string): void {
  process.env['PORTCULLIS_CONFIG_FILTERS'] = names;
}

/** What services that start in this process find in their environment. @returns whether a supervisor stands above this process */
export function prepareServices(found: { readonly redisSocket: string | undefined; readonly sessionSecret: string | undefined }): boolean {
  const isSupervised = process.env['PORTCULLIS_SUPERVISED'] === '1';
  if (found.redisSocket !== undefined) process.env['PORTCULLIS_SESSION_REDIS_HOST'] = found.redisSocket;
  if (found.sessionSecret !== undefined) process.env['PORTCULLIS_SESSION_SECRET'] = found.sessionSecret;
  // What is wrong with the files has been told already, once for all.
  process.env['PORTCULLIS_SUPERVISED'] = '1';
  return isSupervised;
}

/** Our own environment, for what takes our place. */
export const ownEnvironment = (): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

/** The files as they were read, and what they and the environment say; what is wrong with their form alone is among the problems. */
export const readPlain = (files: readonly string[]) => loadConfiguration({ files, environment: process.env, tables: configurationTables });

/** What the files and the environment say, as it stands there: for keys that no section reads. */
export const readTree = (files: readonly string[]) => readPlain(files).tree;

/** The files as the filters leave them. */
export const readFiltered = (files: readonly string[]) => filterConfiguration({ files, environment: process.env, tables: configurationTables });

/** Reads the sections asked for; what is wrong comes back in `problems`. */
export const readConfiguration = <S extends Sections>(files: readonly string[], sections: S): Reading<S> =>
  readSections(files, environmentFor(files), sections);

/** The same for who starts what `environmentFor` looks for: what an earlier start left there does not count. */
export const readConfigurationAlone = <S extends Sections>(files: readonly string[], sections: S): Reading<S> =>
  readSections(files, process.env, sections);

function readSections<S extends Sections>(
  files: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  sections: S,
): Reading<S> {
  const loaded = loadConfiguration({ files, environment, tables: configurationTables });
  const parsed = parseConfiguration(loaded.tree, sections, { directory: loaded.directory, makeSecret });
  const problems = reportProblems([...loaded.problems, ...parsed.problems], loaded.sources);
  return { value: parsed.ok ? parsed.value : null, problems, sources: loaded.sources, directory: loaded.directory };
}

/** The same for a command that cannot go on without it: errors end it, warnings are for `validate-config`. */
export function requireConfiguration<S extends Sections>(
  files: readonly string[],
  sections: S,
): { readonly value: ValuesOf<S>; readonly directory: string } {
  const { value, problems, directory } = readConfiguration(files, sections);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (value === null || errors.length > 0) throw new Failure(formatProblems(errors));
  return { value, directory };
}

/** What is wrong with the users file, as the services would say it. */
export function usersProblems(path: string, search: { readonly email: boolean; readonly caseInsensitive: boolean }): readonly Problem[] {
  const file = readYaml(path);
  const parsed = parseUsersDatabase(file.tree, { search, digestProblem });
  const broken = file.problems.some(({ severity }) => severity === 'error');
  return reportProblems(broken ? file.problems : [...file.problems, ...parsed.problems], file.sources).map((problem) => ({
    ...problem,
    file: problem.file ?? path,
  }));
}

/** What is wrong with the files of `server.tls`, as the gateway would say it. */
export function tlsProblems(files: readonly string[]): readonly Problem[] {
  const tls = readConfiguration(files, { server: serverSection }).value?.server.tls ?? null;
  if (tls === null) return [];
  const { sources } = loadConfiguration({ files, environment: environmentFor(files), tables: configurationTables });
  const found = readServerTls(tls, Date.now()).problems.map(({ key, ...problem }) => ({ ...problem, path: `server.tls.${key}` }));
  return reportProblems(found, sources);
}

const digestProblem = (digest: string): string | null => (parseDigest(digest) === null ? describeDigestProblem(digest) : null);

/** `npm start` runs a private Redis where the file names none, and leaves the way to it beside the configuration. */
function environmentFor(files: readonly string[]): Readonly<Record<string, string | undefined>> {
  const { tree, directory } = readPlain(files);
  const socket = join(directory, 'portcullis-redis', 'redis.sock');
  const secret = join(directory, 'portcullis.session_secret');
  const session = tree['session'] as { readonly redis?: unknown; readonly secret?: unknown } | undefined;
  if (session?.redis !== undefined || !existsSync(socket)) return process.env;
  const own = session?.secret === undefined && existsSync(secret) ? { PORTCULLIS_SESSION_SECRET: readFileSync(secret, 'utf8').trim() } : {};
  return { ...process.env, PORTCULLIS_SESSION_REDIS_HOST: realpathSync(socket), ...own };
}

/** For a program run in our place: the same environment, and what was found beside the configuration. */
export const childEnvironment = (files: readonly string[]): NodeJS.ProcessEnv => ({ ...environmentFor(files) });
