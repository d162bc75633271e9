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
  old('tls_key', 'server.tls.key', '4.30'),
  old('tls_cert', 'server.tls.certificate', '4.30'),
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
  old('authentication_backend.ldap.url', 'authentication_backend.ldap.address', '4.38'),
  old('authentication_backend.ldap.username_attribute', 'authentication_backend.ldap.attributes.username', '4.38'),
  old('authentication_backend.ldap.mail_attribute', 'authentication_backend.ldap.attributes.mail', '4.38'),
  old('authentication_backend.ldap.display_name_attribute', 'authentication_backend.ldap.attributes.display_name', '4.38'),
  old('authentication_backend.ldap.group_name_attribute', 'authentication_backend.ldap.attributes.group_name', '4.38'),
  old('authentication_backend.ldap.skip_verify', 'authentication_backend.ldap.tls.skip_verify', '4.25'),
  old('authentication_backend.ldap.minimum_tls_version', 'authentication_backend.ldap.tls.minimum_version', '4.25'),
  {
    kind: 'drop',
    from: 'authentication_backend.ldap.permit_feature_detection_failure',
    note: 'it was removed in 4.39.16, and what it allowed is always allowed',
  },
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
  serverOf('storage.mysql', 3306),
  serverOf('storage.postgres', 5432),
  old('storage.postgres.sslmode', 'storage.postgres.ssl.mode', '4.36'),
  old('webauthn.user_verification', 'webauthn.selection_criteria.user_verification', '4.39'),

  ...['access_token', 'authorize_code', 'id_token', 'refresh_token'].map((name) =>
    old(`identity_providers.oidc.${name}_lifespan`, `identity_providers.oidc.lifespans.${name}`, '4.38'),
  ),
  {
    kind: 'combine',
    from: ['identity_providers.oidc.issuer_private_key', 'identity_providers.oidc.issuer_certificate_chain'],
    to: 'identity_providers.oidc.jwks',
    note: 'one list of keys since 4.38',
    combine: (values) => [
      {
        key: values['identity_providers.oidc.issuer_private_key'],
        certificate_chain: values['identity_providers.oidc.issuer_certificate_chain'],
      },
    ],
  },
  ofClients('id', 'client_id'),
  ofClients('secret', 'client_secret'),
  ofClients('description', 'client_name'),
  ofClients('sector_identifier', 'sector_identifier_uri'),
  ofClients('userinfo_signing_algorithm', 'userinfo_signed_response_alg'),

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

function ofClients(from: string, to: string): ConfigurationMapping {
  return old(`identity_providers.oidc.clients[].${from}`, `identity_providers.oidc.clients[].${to}`, '4.38');
}

/** `host` and `port` of a database; a host that is a path is a socket. */
function serverOf(section: string, standardPort: number): ConfigurationMapping {
  return {
    kind: 'combine',
    from: [`${section}.host`, `${section}.port`],
    to: `${section}.address`,
    note: 'one address since 4.38',
    combine: (values) => {
      const host = values[`${section}.host`];
      return typeof host === 'string' && host.startsWith('/')
        ? `unix://${host}`
        : `tcp://${bracketed(host)}:${written(values[`${section}.port`], standardPort)}`;
    },
  };
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
