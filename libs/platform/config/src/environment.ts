import { readFileSync } from 'node:fs';
import { setAt, valueAt, type LocatedMap } from './located.js';
import type { Problem } from './problem.js';
import { closest } from './suggest.js';
import type { ConfigurationTables } from './tables.js';

interface Variable {
  readonly name: string;
  /** The name without its prefix. */
  readonly key: string;
  readonly value: string;
}

const KUBERNETES_LINK = /^(?:tcp|udp|sctp):\/\//u;

/** Lays the environment over the files: `<PREFIX>SESSION_NAME` sets session.name, `<PREFIX>SESSION_SECRET_FILE` reads session.secret. */
export function readEnvironment(map: LocatedMap, environment: Readonly<Record<string, string | undefined>>, tables: ConfigurationTables): Problem[] {
  const paths = pathsByVariable(tables);
  const problems: Problem[] = [];
  const secrets: Variable[] = [];
  for (const variable of variablesOf(environment, tables)) {
    const path = paths.get(variable.key) ?? pathBelow(variable.key, tables);
    if (isServiceLink(variable)) problems.push(serviceLink(variable));
    else if (path !== undefined) problems.push(...setVariable(map, path, variable.name, variable.value));
    else if (secretPath(variable, paths, tables) !== undefined) secrets.push(variable);
    else problems.push(unexpected(variable, paths));
  }
  return [...problems, ...readSecrets(map, secrets, paths, tables)];
}

/** Weakest prefix first, so that the stronger one is set over it. An empty variable is one that is not set. */
function variablesOf(environment: Readonly<Record<string, string | undefined>>, tables: ConfigurationTables): Variable[] {
  const names = Object.keys(environment).sort();
  return tables.prefixes.toReversed().flatMap((prefix) =>
    names.flatMap((name) => {
      const value = environment[name];
      if (!name.startsWith(prefix) || value === undefined || value === '' || tables.reservedVariables.includes(name)) return [];
      return [{ name, key: name.slice(prefix.length), value }];
    }),
  );
}

function pathsByVariable(tables: ConfigurationTables): Map<string, string> {
  const old = tables.mappings.flatMap((mapping) => mapping.from);
  const settable = [...Object.keys(tables.keys), ...old].filter((path) => !/[[*]/u.test(path));
  const paths = new Map<string, string>();
  for (const path of settable) {
    const name = path.replaceAll('.', '_').toUpperCase();
    if (!paths.has(name)) paths.set(name, path);
  }
  return paths;
}

/** A variable below a key that is not looked into keeps its own last name: SECTION_SOME_THING is section.some_thing. */
function pathBelow(key: string, tables: ConfigurationTables): string | undefined {
  const whole = Object.entries(tables.keys).filter(([path, kind]) => kind === 'any' && !/[[*]/u.test(path));
  const found = whole.find(([path]) => key.startsWith(`${path.replaceAll('.', '_').toUpperCase()}_`))?.[0];
  return found === undefined ? undefined : `${found}.${key.slice(found.length + 1).toLowerCase()}`;
}

function secretPath(variable: Variable, paths: ReadonlyMap<string, string>, tables: ConfigurationTables): string | undefined {
  if (!variable.key.endsWith('_FILE')) return undefined;
  const path = paths.get(variable.key.slice(0, -'_FILE'.length));
  return path !== undefined && tables.secretNames.some((name) => path.endsWith(name)) ? path : undefined;
}

function setVariable(map: LocatedMap, path: string, name: string, value: string): Problem[] {
  const source = { file: `environment: ${name}` };
  if (setAt(map, path.split('.'), { type: 'scalar', value, source })) return [];
  return [{ severity: 'error', path, ...source, message: `${name} sets ${path}, but the files hold a plain value where its section would be` }];
}

function readSecrets(map: LocatedMap, secrets: readonly Variable[], paths: ReadonlyMap<string, string>, tables: ConfigurationTables): Problem[] {
  const fromFiles = new Set<string>();
  return secrets.flatMap((secret) => {
    const path = secretPath(secret, paths, tables) ?? '';
    const source = { file: `environment: ${secret.name}` };
    const defined = valueAt(map, path.split('.'));
    if (defined !== undefined && !fromFiles.has(path)) {
      const fix = `keep one: take ${path} out of ${defined.source.file}, or unset ${secret.name}`;
      return [
        { severity: 'error', path, ...source, message: `${path} is already defined in other configuration sources (${defined.source.file})`, fix },
      ];
    }
    fromFiles.add(path);
    try {
      return setVariable(map, path, secret.name, readFileSync(secret.value, 'utf8').replace(/[\r\n]+$/u, ''));
    } catch (cause) {
      return [
        {
          severity: 'error',
          path,
          ...source,
          message: `the secret of ${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
        },
      ];
    }
  });
}

function unexpected(variable: Variable, paths: ReadonlyMap<string, string>): Problem {
  const prefix = variable.name.slice(0, -variable.key.length);
  const near = closest(variable.key, [...paths.keys()]);
  return {
    severity: 'warning',
    path: '',
    file: `environment: ${variable.name}`,
    message: `configuration environment variable not expected: ${variable.name}`,
    ...(near === undefined ? {} : { fix: `did you mean ${prefix}${near}?` }),
  };
}

const isServiceLink = (variable: Variable): boolean => KUBERNETES_LINK.test(variable.value) && /(?:^|_)PORT(?:_\d+_[A-Z]+)?$/u.test(variable.key);

function serviceLink(variable: Variable): Problem {
  const message = `${variable.name} is a service link of Kubernetes and no setting: it is ignored`;
  return { severity: 'warning', path: '', file: `environment: ${variable.name}`, message, fix: 'set `enableServiceLinks: false` in the pod' };
}
