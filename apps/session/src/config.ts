import {
  configurationTables,
  logSection,
  parseConfiguration,
  redisSection,
  rpcSection,
  sessionSection,
  storeSection,
  telemetrySection,
  type Section,
  type ValuesOf,
  withoutLiveSections,
  withoutOwnPlace,
} from '@portcullis/contracts-configuration';
import { ensureSecretFile, hashOf, hasErrors, loadConfiguration, reportProblems, type Problem } from '@portcullis/platform-config';
import { deriveSecret } from '@portcullis/platform-seal';
import type { StoreLocation } from '@portcullis/platform-sql';
import { type TracingSettings, tracingSettings } from '@portcullis/platform-telemetry';
import { randomBytes } from 'node:crypto';
import { join, parse, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** The journal lies beside the store of `storage`, on the same server or in the same directory: the key of that store is not ours to know. */
const journalSection: Section<StoreLocation> = {
  schema: storeSection.schema,
  read: (tree, report) => {
    const store = storeSection.read(tree, report);
    return store && journalBeside(store);
  },
};

/** In a schema of its own, for the tables of the two services know nothing of each other. */
export const journalBeside = (store: StoreLocation): StoreLocation =>
  store.kind === 'sqlite' ? { ...store, path: journalPath(store.path) } : { ...store, schema: `${store.schema}_sessions` };

/** `db.sqlite3` to `db.sessions.sqlite3`. */
function journalPath(storagePath: string): string {
  const { dir, name, ext } = parse(storagePath);
  return resolve(dir, `${name}.sessions${ext}`);
}

const sections = {
  journal: journalSection,
  log: logSection,
  redis: redisSection,
  rpc: rpcSection,
  session: sessionSection,
  telemetry: telemetrySection,
};

export type SessionValues = ValuesOf<typeof sections>;

/** The configuration of this service: all it says (null: it must not be used), and all that is wrong with it. */
export interface Reading {
  readonly value: SessionValues | null;
  readonly problems: readonly Problem[];
  readonly directory: string;
  /** Of all that a restart is needed for: equal in all instances that run the same. */
  readonly hash: string;
}

export interface CommandLine {
  /** `--config FILE`, repeatable; empty: the variables that name files. */
  readonly files: readonly string[];
  /** `--copy-to FILE`, repeatable: copy the journal into the one that those files configure, and end. */
  readonly copyTo: readonly string[];
  /** Of a copy: only count and refuse. */
  readonly dryRun: boolean;
}

/** Throws for anything else. */
export function commandLine(): CommandLine {
  const { values } = parseArgs({
    options: {
      config: { type: 'string', short: 'c', multiple: true },
      'copy-to': { type: 'string', multiple: true },
      'dry-run': { type: 'boolean' },
    },
    strict: true,
  });
  return { files: values.config ?? [], copyTo: values['copy-to'] ?? [], dryRun: values['dry-run'] ?? false };
}

export function readConfiguration(files: readonly string[]): Reading {
  const loaded = loadConfiguration({ files, environment: process.env, tables: configurationTables });
  const parsed = parseConfiguration(loaded.tree, sections, { directory: loaded.directory, makeSecret });
  const problems = reportProblems([...loaded.problems, ...parsed.problems], loaded.sources);
  const hash = hashOf(withoutOwnPlace(withoutLiveSections(loaded.tree)));
  return { value: parsed.ok && !hasErrors(problems) ? parsed.value : null, problems, directory: loaded.directory, hash };
}

/** Where traces go; OpenTelemetry's own variables are honoured. */
export const tracesOf = ({ telemetry }: SessionValues): TracingSettings => tracingSettings(telemetry.tracesEndpoint, process.env);

/** Whether a supervisor keeps our standard input open and wants us to end with it. */
export const isSupervised = (): boolean => process.env['PORTCULLIS_SUPERVISED'] === '1';

/** What this instance is called where there are several of the service, for instance `identity-2`. */
export const instanceName = (): string | undefined => process.env['PORTCULLIS_INSTANCE'] ?? undefined;

/** `session.secret`, else one that is made once beside the configuration: every service of the machine reads the same file. */
export function sessionSecrets({ session }: SessionValues, directory: string): readonly string[] {
  return session.secrets.length > 0 ? session.secrets : [ensureSecretFile(join(directory, 'portcullis.session_secret'), makeSecret).secret];
}

/** `rpc.secret`, else derived: for services that share one configuration. */
export function rpcSecrets({ rpc }: SessionValues, ofSession: readonly string[]): readonly string[] {
  return rpc.secrets.length > 0 ? rpc.secrets : ofSession.map((secret) => deriveSecret(secret, 'rpc'));
}

const makeSecret = (): string => randomBytes(48).toString('base64url');
