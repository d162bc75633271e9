/** Shaped as `KeyKind` of platform-config. */
export type ConfigurationKeyKind = 'string' | 'integer' | 'boolean' | 'duration' | 'duration or word' | 'address' | 'strings' | 'texts' | 'any';

/** used: honoured. accepted: known, and has no effect yet. refused: the start fails while it is set. */
export type KeyState = 'used' | 'accepted' | 'refused';

export interface ConfigurationKey {
  readonly kind: ConfigurationKeyKind;
  readonly state: KeyState;
}

type Kinds = Readonly<Record<string, ConfigurationKeyKind>>;

const used: Kinds = {
  theme: 'string',
  default_2fa_method: 'string',
  default_redirection_url: 'string',
  'portal.name': 'string',
  'portal.color': 'string',
  'portal.terms_url': 'string',
  'portal.privacy_url': 'string',
  'privacy_policy.enabled': 'boolean',
  'privacy_policy.require_user_acceptance': 'boolean',
  'privacy_policy.policy_url': 'string',

  'server.address': 'address',
  'server.asset_path': 'string',
  'server.disable_healthcheck': 'boolean',
  'server.trusted_proxies': 'strings',
  'server.share_port': 'boolean',
  'server.drain_delay': 'duration',
  'server.tls.certificate': 'string',
  'server.tls.key': 'string',
  'server.tls.client_certificates': 'texts',
  'server.tls.minimum_version': 'string',
  'server.tls.maximum_version': 'string',
  'server.buffers.read': 'integer',
  'server.timeouts.read': 'duration',
  'server.timeouts.write': 'duration',
  'server.timeouts.idle': 'duration',
  'server.endpoints.authz.*.implementation': 'string',
  'server.endpoints.authz.*.authn_strategies[].name': 'string',
  'server.endpoints.authz.*.authn_strategies[].schemes': 'strings',
  ...rateLimit('reset_password_start'),
  ...rateLimit('reset_password_finish'),
  ...rateLimit('second_factor_totp'),
  ...rateLimit('session_elevation_start'),

  'telemetry.metrics.enabled': 'boolean',
  'telemetry.metrics.address': 'address',
  'telemetry.metrics.identity_address': 'address',
  'telemetry.metrics.session_address': 'address',
  'telemetry.metrics.notifier_address': 'address',
  'telemetry.metrics.authelia_names': 'boolean',
  'telemetry.traces.otlp_endpoint': 'string',

  'log.level': 'string',
  'log.format': 'string',
  'log.file_path': 'string',
  'log.keep_stdout': 'boolean',
  'log.decisions': 'string',

  'session.secret': 'texts',
  'session.name': 'string',
  'session.domain': 'string',
  'session.same_site': 'string',
  'session.expiration': 'duration',
  'session.inactivity': 'duration',
  'session.remember_me': 'duration',
  'session.cookies[].domain': 'string',
  'session.cookies[].authelia_url': 'string',
  'session.cookies[].default_redirection_url': 'string',
  'session.cookies[].name': 'string',
  'session.cookies[].same_site': 'string',
  'session.cookies[].expiration': 'duration',
  'session.cookies[].inactivity': 'duration',
  'session.cookies[].remember_me': 'duration',
  'session.redis_outage': 'string',
  'session.redis.host': 'string',
  'session.redis.port': 'integer',
  'session.redis.timeout': 'duration',
  'session.redis.username': 'string',
  'session.redis.password': 'string',
  'session.redis.database_index': 'integer',
  'session.redis.key_prefix': 'string',
  ...tls('session.redis.tls'),
  'session.redis.high_availability.sentinel_name': 'string',
  'session.redis.high_availability.sentinel_username': 'string',
  'session.redis.high_availability.sentinel_password': 'string',
  'session.redis.high_availability.nodes[].host': 'string',
  'session.redis.high_availability.nodes[].port': 'integer',

  'rpc.secret': 'texts',

  'authentication_backend.refresh_interval': 'duration or word',
  'authentication_backend.password_reset.disable': 'boolean',
  'authentication_backend.password_reset.custom_url': 'string',
  'authentication_backend.password_change.disable': 'boolean',
  'authentication_backend.file.path': 'string',
  'authentication_backend.file.watch': 'boolean',
  'authentication_backend.file.search.email': 'boolean',
  'authentication_backend.file.search.case_insensitive': 'boolean',
  ...digest('authentication_backend.file.password'),
  'authentication_backend.sql.search.email': 'boolean',
  'authentication_backend.sql.search.case_insensitive': 'boolean',
  ...digest('authentication_backend.sql.password'),

  'access_control.default_policy': 'string',
  'access_control.watch': 'boolean',
  'access_control.networks[].name': 'string',
  'access_control.networks[].networks': 'strings',
  'access_control.rules[].domain': 'strings',
  'access_control.rules[].domain_regex': 'texts',
  'access_control.rules[].policy': 'string',
  'access_control.rules[].subject': 'any',
  'access_control.rules[].networks': 'strings',
  'access_control.rules[].methods': 'strings',
  'access_control.rules[].resources': 'texts',
  'access_control.rules[].query': 'any',
  'definitions.network.*': 'strings',

  'regulation.modes': 'strings',
  'regulation.max_retries': 'integer',
  'regulation.find_time': 'duration',
  'regulation.ban_time': 'duration',

  'password_policy.standard.enabled': 'boolean',
  'password_policy.standard.min_length': 'integer',
  'password_policy.standard.max_length': 'integer',
  'password_policy.standard.require_uppercase': 'boolean',
  'password_policy.standard.require_lowercase': 'boolean',
  'password_policy.standard.require_number': 'boolean',
  'password_policy.standard.require_special': 'boolean',
  'password_policy.zxcvbn.enabled': 'boolean',
  'password_policy.zxcvbn.min_score': 'integer',

  'identity_validation.reset_password.jwt_secret': 'string',
  'identity_validation.reset_password.jwt_algorithm': 'string',
  'identity_validation.reset_password.jwt_lifespan': 'duration',
  'identity_validation.elevated_session.code_lifespan': 'duration',
  'identity_validation.elevated_session.elevation_lifespan': 'duration',
  'identity_validation.elevated_session.characters': 'integer',
  'identity_validation.elevated_session.require_second_factor': 'boolean',
  'identity_validation.elevated_session.skip_second_factor': 'boolean',

  'totp.disable': 'boolean',
  'totp.issuer': 'string',
  'totp.algorithm': 'string',
  'totp.digits': 'integer',
  'totp.period': 'integer',
  'totp.skew': 'integer',
  'totp.secret_size': 'integer',
  'totp.allowed_algorithms': 'strings',
  'totp.allowed_digits': 'strings',
  'totp.allowed_periods': 'strings',
  'totp.disable_reuse_security_policy': 'boolean',

  'notifier.disable_startup_check': 'boolean',
  'notifier.template_path': 'string',
  'notifier.filesystem.filename': 'string',
  'notifier.filesystem.append': 'boolean',
  'notifier.smtp.address': 'address',
  'notifier.smtp.timeout': 'duration',
  'notifier.smtp.username': 'string',
  'notifier.smtp.password': 'string',
  'notifier.smtp.sender': 'string',
  'notifier.smtp.identifier': 'string',
  'notifier.smtp.subject': 'string',
  'notifier.smtp.startup_check_address': 'string',
  'notifier.smtp.disable_require_tls': 'boolean',
  'notifier.smtp.disable_starttls': 'boolean',
  'notifier.smtp.disable_html_emails': 'boolean',
  ...tls('notifier.smtp.tls'),

  'audit.retention': 'duration',

  'configuration_history.directory': 'string',
  'configuration_history.keep': 'integer',

  'storage.encryption_key': 'string',
  'storage.local.path': 'string',
  'storage.postgres.address': 'address',
  'storage.postgres.database': 'string',
  'storage.postgres.schema': 'string',
  'storage.postgres.username': 'string',
  'storage.postgres.password': 'string',
  'storage.postgres.timeout': 'duration',
  ...tls('storage.postgres.tls'),
};

const accepted: Kinds = {
  certificates_directory: 'string',
  'server.headers.csp_template': 'string',
  'server.buffers.write': 'integer',
  'server.endpoints.authz.*.authn_strategies[].scheme_basic_cache_lifespan': 'duration',
  'server.endpoints.enable_pprof': 'boolean',
  'server.endpoints.enable_expvars': 'boolean',
  ...rateLimit('second_factor_duo'),
  ...rateLimit('session_elevation_finish'),
  ...rateLimit('openid_connect_token'),
  ...rateLimit('openid_connect_pushed_authorization_request'),
  ...rateLimit('openid_connect_introspection'),
  ...rateLimit('openid_connect_revocation'),
  ...rateLimit('openid_connect_userinfo'),
  'telemetry.metrics.buffers.read': 'integer',
  'telemetry.metrics.buffers.write': 'integer',
  'telemetry.metrics.timeouts.read': 'duration',
  'telemetry.metrics.timeouts.write': 'duration',
  'telemetry.metrics.timeouts.idle': 'duration',
  'ntp.address': 'address',
  'ntp.version': 'integer',
  'ntp.max_desync': 'duration',
  'ntp.disable_startup_check': 'boolean',
  'ntp.disable_failure': 'boolean',
  'definitions.user_attributes.*.expression': 'string',
  'session.redis.max_retries': 'integer',
  'session.redis.maximum_active_connections': 'integer',
  'session.redis.minimum_idle_connections': 'integer',
  'session.redis.high_availability.route_by_latency': 'boolean',
  'session.redis.high_availability.route_randomly': 'boolean',
  'authentication_backend.file.extra_attributes.*.value_type': 'string',
  'authentication_backend.file.extra_attributes.*.multi_valued': 'boolean',
  'webauthn.disable': 'boolean',
  'webauthn.enable_passkey_login': 'boolean',
  'webauthn.experimental_enable_passkey_uv_two_factors': 'boolean',
  'webauthn.experimental_enable_passkey_upgrade': 'boolean',
  'webauthn.display_name': 'string',
  'webauthn.timeout': 'duration',
  'webauthn.attestation_conveyance_preference': 'string',
  'webauthn.selection_criteria.attachment': 'string',
  'webauthn.selection_criteria.discoverability': 'string',
  'webauthn.selection_criteria.user_verification': 'string',
  'webauthn.filtering.permitted_aaguids': 'strings',
  'webauthn.filtering.prohibited_aaguids': 'strings',
  'webauthn.filtering.prohibit_backup_eligibility': 'boolean',
  'webauthn.metadata.enabled': 'boolean',
  'webauthn.metadata.cache_policy': 'string',
  'webauthn.metadata.validate_trust_anchor': 'boolean',
  'webauthn.metadata.validate_entry': 'boolean',
  'webauthn.metadata.validate_entry_permit_zero_aaguid': 'boolean',
  'webauthn.metadata.validate_status': 'boolean',
  'webauthn.metadata.validate_status_permitted': 'strings',
  'webauthn.metadata.validate_status_prohibited': 'strings',
  'duo_api.disable': 'boolean',
  'duo_api.hostname': 'string',
  'duo_api.integration_key': 'string',
  'duo_api.secret_key': 'string',
  'duo_api.enable_self_enrollment': 'boolean',
};

/** Whole sections: what stands in them is not looked at. */
const refused: Kinds = {
  'authentication_backend.ldap': 'any',
  identity_providers: 'any',
  'storage.mysql': 'any',
  'storage.postgres.servers': 'any',
  'storage.postgres.ssl': 'any',
};

/** Every key by its path (`[]` an entry of a list, `*` a name of the operator's choice), its kind and its state. Old names: see the mappings. */
export const configurationKeys: Readonly<Record<string, ConfigurationKey>> = {
  ...withState(used, 'used'),
  ...withState(accepted, 'accepted'),
  ...withState(refused, 'refused'),
};

/** A changed value of these sections takes effect while running. */
export const liveSections = ['access_control', 'definitions'] as const;

function rateLimit(name: string): Kinds {
  const path = `server.endpoints.rate_limits.${name}`;
  return { [`${path}.enable`]: 'boolean', [`${path}.buckets[].period`]: 'duration', [`${path}.buckets[].requests`]: 'integer' };
}

function tls(path: string): Kinds {
  return {
    [`${path}.server_name`]: 'string',
    [`${path}.skip_verify`]: 'boolean',
    [`${path}.minimum_version`]: 'string',
    [`${path}.maximum_version`]: 'string',
    [`${path}.private_key`]: 'string',
    [`${path}.certificate_chain`]: 'string',
  };
}

function digest(path: string): Kinds {
  return {
    [`${path}.algorithm`]: 'string',
    [`${path}.iterations`]: 'integer',
    [`${path}.memory`]: 'integer',
    [`${path}.parallelism`]: 'integer',
    [`${path}.key_length`]: 'integer',
    [`${path}.salt_length`]: 'integer',
    [`${path}.argon2.variant`]: 'string',
    [`${path}.argon2.iterations`]: 'integer',
    [`${path}.argon2.memory`]: 'integer',
    [`${path}.argon2.parallelism`]: 'integer',
    [`${path}.argon2.key_length`]: 'integer',
    [`${path}.argon2.salt_length`]: 'integer',
    [`${path}.sha2crypt.variant`]: 'string',
    [`${path}.sha2crypt.iterations`]: 'integer',
    [`${path}.sha2crypt.salt_length`]: 'integer',
    [`${path}.pbkdf2.variant`]: 'string',
    [`${path}.pbkdf2.iterations`]: 'integer',
    [`${path}.pbkdf2.salt_length`]: 'integer',
    [`${path}.bcrypt.variant`]: 'string',
    [`${path}.bcrypt.cost`]: 'integer',
    [`${path}.scrypt.variant`]: 'string',
    [`${path}.scrypt.iterations`]: 'integer',
    [`${path}.scrypt.block_size`]: 'integer',
    [`${path}.scrypt.parallelism`]: 'integer',
    [`${path}.scrypt.key_length`]: 'integer',
    [`${path}.scrypt.salt_length`]: 'integer',
  };
}

function withState(kinds: Kinds, state: KeyState): Readonly<Record<string, ConfigurationKey>> {
  return Object.fromEntries(Object.entries(kinds).map(([path, kind]) => [path, { kind, state }]));
}
