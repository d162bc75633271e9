/** Shaped as `Mapping` of platform-config. */
export type ConfigurationMapping =
  | {
      readonly kind: 'rename';
      readonly from: string;
      readonly to: string;
      readonly note?: string;
      readonly conflict?: 'error';
      readonly convert?: (value: unknown) => { readonly value: unknown } | { readonly error: string };
    }
  | {
      readonly kind: 'combine';
      readonly from: readonly string[];
      readonly to: string;
      readonly note: string;
      readonly combine: (values: Readonly<Record<string, unknown>>) => unknown;
    }
  | { readonly kind: 'drop'; readonly from: string; readonly note: string }
  | { readonly kind: 'refuse'; readonly from: string; readonly note: string; readonly fix?: string };

/** Old names (reference 7.6) and the names guides use for today's keys (7.8), in the order they are applied. */
export const configurationMappings: readonly ConfigurationMapping[] = [
  old('jwt_secret', 'identity_validation.reset_password.jwt_secret', '4.38'),
  old('host', 'server.host', '4.30'),
  old('port', 'server.port', '4.30'),
  refused('tls_key', 'TLS on the listener is not there yet', 'end TLS in the proxy in front, and take tls_key out'),
  refused('tls_cert', 'TLS on the listener is not there yet', 'end TLS in the proxy in front, and take tls_cert out'),
  old('log_level', 'log.level', '4.30'),
  old('log_file_path', 'log.file_path', '4.30'),
  old('log_format', 'log.format', '4.30'),
  old('logs_level', 'log.level', '4.7'),
  old('logs_file', 'log.file_path', '4.7'),
  refused('google_analytics', 'it was removed, and there is nothing in its place', 'remove it'),

  old('server.read_buffer_size', 'server.buffers.read', '4.36'),
  old('server.write_buffer_size', 'server.buffers.write', '4.36'),
  old('server.enable_pprof', 'server.endpoints.enable_pprof', '4.38'),
  old('server.enable_expvars', 'server.endpoints.enable_expvars', '4.38'),
  {
    kind: 'combine',
    from: ['server.host', 'server.port', 'server.path', 'server.path_prefix'],
    to: 'server.address',
    note: 'one address since 4.38',
    combine: (values) => serverAddress(values['server.host'], values['server.port'], values['server.path'] ?? values['server.path_prefix']),
  },

  old('session.remember_me_duration', 'session.remember_me', '4.38'),
  alias('session.lifetime', 'session.expiration'),
  alias('session.cookies[].lifetime', 'session.cookies[].expiration'),

  old('authentication_backend.disable_reset_password', 'authentication_backend.password_reset.disable', '4.36'),
  refused('authentication_backend.file.hashing', 'it was replaced', 'write authentication_backend.file.password'),
  refused('authentication_backend.file.password_hashing', 'it was replaced', 'write authentication_backend.file.password'),
  refused('authentication_backend.file.password_options', 'it was replaced', 'write authentication_backend.file.password'),
  {
    kind: 'combine',
    from: ['notifier.smtp.host', 'notifier.smtp.port'],
    to: 'notifier.smtp.address',
    note: 'one address since 4.38',
    combine: (values) => `${bracketed(values['notifier.smtp.host'])}:${written(values['notifier.smtp.port'], 25)}`,
  },
  old('notifier.smtp.disable_verify_cert', 'notifier.smtp.tls.skip_verify', '4.25'),
  refused('notifier.smtp.trusted_cert', 'it was replaced by certificates_directory', 'name the file in NODE_EXTRA_CA_CERTS'),
  old('webauthn.user_verification', 'webauthn.selection_criteria.user_verification', '4.39'),

  alias('password_policy.standard.require_numbers', 'password_policy.standard.require_number'),
  {
    kind: 'rename',
    from: 'access_control.rules[].path',
    to: 'access_control.rules[].resources',
    note: 'a regular expression for the path and all below it',
    conflict: 'error',
    convert: pathToResources,
  },
];

function old(from: string, to: string, since: string): ConfigurationMapping {
  return { kind: 'rename', from, to, note: `its name since ${since}` };
}

function alias(from: string, to: string): ConfigurationMapping {
  return { kind: 'rename', from, to, note: 'that is what the key is called' };
}

function refused(from: string, note: string, fix: string): ConfigurationMapping {
  return { kind: 'refuse', from, note, fix };
}

/** A path is cleaned of the slashes around it: `/authelia/` is `/authelia`. */
function serverAddress(host: unknown, port: unknown, path: unknown): string {
  const prefix = typeof path === 'string' ? path.replace(/^\/+|\/+$/gu, '') : '';
  return `tcp://${bracketed(host)}:${written(port, 9091)}/${prefix}`;
}

function written(value: unknown, fallback: number): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : String(fallback);
}

function bracketed(host: unknown): string {
  const text = typeof host === 'string' ? host : '';
  return text.includes(':') && !text.startsWith('[') ? `[${text}]` : text;
}

/** `/admin` is `/admin`, what is below it and any query of it, and not `/administrator`. */
function pathToResources(value: unknown): { readonly value: unknown } | { readonly error: string } {
  const paths: readonly unknown[] = Array.isArray(value) ? value : [value];
  const patterns: string[] = [];
  for (const path of paths) {
    if (typeof path !== 'string' || !path.startsWith('/') || /[*?]/u.test(path)) {
      return { error: `'${String(path)}' is no path such as /admin: write a regular expression under \`resources\`, such as '^/admin([/?].*)?$'` };
    }
    patterns.push(`^${path.replace(/\/+$/u, '').replace(/[.+^${}()|[\]\\]/gu, '\\$&')}([/?].*)?$`);
  }
  return { value: patterns };
}
