import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { everySection, readConfiguration, readTree } from './config.js';
import type { Reach } from './doctor-ask.js';
import { checkTimeServer } from './doctor-clock.js';
import { checkStore, checkUsersFile } from './doctor-files.js';
import { about, type Finding } from './doctor-finding.js';
import { checkMail } from './doctor-mail.js';
import { checkPortals } from './doctor-portal.js';
import { checkRedis } from './doctor-redis.js';
import { checkSchema } from './doctor-schema.js';
import { checkServices } from './doctor-services.js';
import { checkThrough } from './doctor-through.js';
import { Failure, misused } from './failure.js';
import { allProblems } from './validate-config.js';

/** The flags of `portcullis doctor`, as commander hands them over. */
export interface DoctorOptions {
  readonly through?: readonly string[];
  readonly resolve?: readonly string[];
  readonly ca?: string;
  readonly insecure?: boolean;
  readonly mailTo?: string;
}

/** Everything that can be looked at from here, in the order in which one thing stands on another. `tell` gets each finding as it comes. */
export async function examine(files: readonly string[], options: DoctorOptions, tell: (finding: Finding) => void): Promise<readonly Finding[]> {
  const reach = reachOf(options);
  const sites = (options.through ?? []).map(siteOf);
  const all: Finding[] = [];
  const take = (findings: readonly Finding[]): void => {
    for (const finding of findings) tell(finding);
    all.push(...findings);
  };
  take([configurationFinding(files)]);
  const { value } = readConfiguration(files, everySection);
  if (value === null) return all;
  take(checkUsersFile(value.authenticationBackend));
  take(checkStore(value.storage));
  take(await checkSchema(files, value.storage));
  take(await checkRedis(value.redis));
  take(await checkTimeServer(timeServer(files)));
  take(await checkServices(value.server, value.telemetry));
  take(await checkMail(files, value.notifier, options.mailTo ?? null));
  take(await checkPortals(value.session.cookies, reach));
  for (const site of sites) take(await checkThrough(files, site, reach));
  return all;
}

function configurationFinding(files: readonly string[]): Finding {
  const configuration = about('configuration');
  const problems = allProblems(files);
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const fix = 'portcullis validate-config names each with its line and what to write';
  if (errors > 0) return configuration.problem(`${errors} ${errors === 1 ? 'error' : 'errors'} in the files`, fix);
  if (problems.length > 0) return configuration.warning(`valid, with ${problems.length} ${problems.length === 1 ? 'warning' : 'warnings'}`, fix);
  return configuration.ok('valid, without a warning');
}

interface Ntp {
  readonly address?: { readonly host: string; readonly port: number | null };
}

/** `ntp` has no effect on the services; the operator named a clock to trust all the same. */
function timeServer(files: readonly string[]): { readonly host: string; readonly port: number } | null {
  const address = (readTree(files)['ntp'] as Ntp | undefined)?.address;
  return address === undefined ? null : { host: address.host, port: address.port ?? 123 };
}

function siteOf(text: string): URL {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'https:')
    throw misused(`--through ${text}: write the address of a protected site, as https://app.example.com`);
  return url;
}

function reachOf({ resolve = [], ca, insecure = false }: DoctorOptions): Reach {
  const places = resolve.map((text) => {
    const [, host = '', port = '', address = '', otherPort = port] = /^([^:]+):(\d+):(\[[^\]]+\]|[^:[\]]+)(?::(\d+))?$/u.exec(text) ?? [];
    if (host === '') throw misused(`--resolve ${text}: write host:port:address, as app.example.com:443:127.0.0.1`);
    return [`${host}:${port}`, { host: address.replace(/^\[|\]$/gu, ''), port: Number(otherPort) }] as const;
  });
  return { resolve: new Map(places), ca: ca === undefined ? null : [readPem(ca), ...rootCertificates], insecure };
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure(`--ca ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
