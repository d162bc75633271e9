/** Every configuration key: its name, type, default and state. */
export { accessControlSection, type PolicyChecks } from './access-control.js';
export { auditSection } from './audit.js';
export { authenticationBackendSection } from './authentication-backend.js';
export { configurationHistorySection } from './configuration-history.js';
export { keyDescriptions, type KeyDescription } from './descriptions.js';
export { type DigestChecks } from './digest-options.js';
export { cookieDomainProblem } from './cookie-domain.js';
export { endpointsSection } from './endpoints.js';
export { identityValidationSection } from './identity-validation.js';
export { configurationKeys, liveSections, type ConfigurationKey, type KeyState } from './keys.js';
export { logSection } from './log.js';
export { notifierSection } from './notifier.js';
export { passwordPolicySection } from './password-policy.js';
export { portalSection } from './portal.js';
export { DEFAULT_KEY_PREFIX, redisSection } from './redis.js';
export { regulationSection } from './regulation.js';
export { type ConfigurationProblem, type ParseContext } from './report.js';
export { changedPaths, changesNeedingRestart, withoutLiveSections, withoutOwnPlace } from './restart.js';
export { rpcSection } from './rpc.js';
export { parseConfiguration, type ConfigurationTree, type ParsedConfiguration, type Section, type Sections, type ValuesOf } from './section.js';
export { serverSection } from './server.js';
export { sessionFactsSection, sessionSection } from './session.js';
export { storageSection, storeSection } from './storage.js';
export { configurationTables } from './tables.js';
export { telemetrySection } from './telemetry.js';
export { totpSection } from './totp.js';
export { upgradeMappings } from './upgrade.js';
export { parseUsersDatabase, type ParsedUsers, type UserRecord, type UsersOptions } from './users-database.js';
export type {
  AccessControlConfiguration,
  AuditConfiguration,
  AuthenticationBackendConfiguration,
  AuthzEndpoint,
  AuthzImplementation,
  AuthzStrategy,
  AuthzStrategyName,
  ConfigurationHistory,
  CookieConfiguration,
  EndpointsConfiguration,
  IdentityValidationConfiguration,
  ListenAddress,
  LogConfiguration,
  ManagementAddress,
  NotifierConfiguration,
  PasswordPolicyConfiguration,
  PortalConfiguration,
  RateLimit,
  RateLimitName,
  RedisConfiguration,
  RegulationConfiguration,
  RpcConfiguration,
  ServerConfiguration,
  ServerTlsConfiguration,
  SessionConfiguration,
  SmtpConfiguration,
  StorageConfiguration,
  TelemetryConfiguration,
  TlsConfiguration,
  TotpAlgorithm,
  TotpConfiguration,
} from './values.js';
