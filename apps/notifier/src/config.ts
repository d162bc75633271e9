import {
  configurationTables,
  logSection,
  notifierSection,
  parseConfiguration,
  redisSection,
  rpcSection,
  telemetrySection,
  type Section,
  type ValuesOf,
  withoutLiveSections,
  withoutOwnPlace,
} from '@portcullis/contracts-configuration';
import { ensureSecretFile, hashOf, hasErrors, loadConfiguration, type Problem, reportProblems } from '@portcullis/platform-config';
import { deriveSecret } from '@portcullis/platform-seal';
import { type TracingSettings, tracingSettings } from '@portcullis/platform-telemetry';
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';

const sessionSecret = z.object({ session: z.object({ secret: z.array(z.string()).optional() }).optional() });

/** Only `session.secret`, and that only in case there is no `rpc.secret`: of sessions this service knows nothing. */
const sessionSecretsSection: Section<readonly string[]> = {
  schema: sessionSecret,
  read: (tree) => (sessionSecret.safeParse(tree).data?.session?.secret ?? []).filter((secret) => secret !== ''),
};

const sections = {
  log: logSection,
  notifier: notifierSection,
  redis: redisSection,
  rpc: rpcSection,
  sessionSecrets: sessionSecretsSection,
  telemetry: telemetrySection,
};

export type NotifierValues = ValuesOf<typeof sections>;

/** The configuration of this service: all it says (null: it must not be used), and all that is wrong with it. */
export interface Reading {
  readonly value: NotifierValues | null;
  readonly problems: readonly Problem[];
  readonly directory: string;
  /** Of all that a restart is needed for: equal in all instances that run the same. */
  readonly hash: string;
}

export interface CommandLine {
  /** `--config FILE`, repeatable; empty: the variables that name files. */
  readonly files: readonly string[];
  /** `--check`: look whether notices could be delivered, and end. */
  readonly check: boolean;
  /** `--mail-to ADDRESS`: with a test mail to it. */
  readonly mailTo: string | null;
}

/** Throws for anything else. */
export function commandLine(): CommandLine {
  const options = {
    config: { type: 'string', short: 'c', multiple: true },
    check: { type: 'boolean' },
    'mail-to': { type: 'string' },
  } as const;
  const { values } = parseArgs({ options, strict: true });
  return { files: values.config ?? [], check: values.check ?? false, mailTo: values['mail-to'] ?? null };
}

export function readConfiguration(files: readonly string[]): Reading {
  const loaded = loadConfiguration({ files, environment: process.env, tables: configurationTables });
  const parsed = parseConfiguration(loaded.tree, sections, { directory: loaded.directory, makeSecret });
  const problems = reportProblems([...loaded.problems, ...parsed.problems], loaded.sources);
  const hash = hashOf(withoutOwnPlace(withoutLiveSections(loaded.tree)));
  return { value: parsed.ok && !hasErrors(problems) ? parsed.value : null, problems, directory: loaded.directory, hash };
}

/** Where traces go; OpenTelemetry's own variables are honoured. */
export const tracesOf = ({ telemetry }: NotifierValues): TracingSettings => tracingSettings(telemetry.tracesEndpoint, process.env);

/** Whether a supervisor keeps our standard input open and wants us to end with it. */
export const isSupervised = (): boolean => process.env['PORTCULLIS_SUPERVISED'] === '1';

/** What this instance is called where there are several of the service, for instance `identity-2`. */
export const instanceName = (): string | undefined => process.env['PORTCULLIS_INSTANCE'] ?? undefined;

/** `rpc.secret`, else derived from the session's: for services that share one configuration. */
export function rpcSecrets({ rpc, sessionSecrets }: NotifierValues, directory: string): readonly string[] {
  if (rpc.secrets.length > 0) return rpc.secrets;
  const kept = (): string => ensureSecretFile(resolve(directory, 'portcullis.session_secret'), makeSecret).secret;
  return (sessionSecrets.length > 0 ? sessionSecrets : [kept()]).map((secret) => deriveSecret(secret, 'rpc'));
}

const makeSecret = (): string => randomBytes(48).toString('base64url');
