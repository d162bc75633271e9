import type { DigestOptions } from '@portcullis/domain-passwords';
import type { PolicySource } from '@portcullis/domain-policy';

/** `server.address`. An empty host is every address of the machine. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string; readonly umask: number | null };

export interface ServerConfiguration {
  readonly listen: ListenAddress;
  /** '' or `/authelia`: every route answers at `/` and below this. */
  readonly pathPrefix: string;
  /** Networks (CIDR) whose `X-Forwarded-For` is believed; empty: the direct peer alone, if loopback or private. */
  readonly trustedProxies: readonly string[];
  /** Whether other gateways of this machine may listen on the same port. */
  readonly sharePort: boolean;
  /** Between no longer ready and no longer listening. */
  readonly drainDelayMs: number;
  readonly healthcheckDisabled: boolean;
  /** Most bytes of a request's head. */
  readonly headLimitBytes: number;
  readonly readTimeoutMs: number;
  readonly writeTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** null: the listener answers in the clear. */
  readonly tls: ServerTlsConfiguration | null;
}

/** Paths of PEM files. */
export interface ServerTlsConfiguration {
  readonly certificate: string;
  readonly key: string;
  /** Authorities of the clients; with any, a client without a certificate of one of them is turned away. */
  readonly clientCertificates: readonly string[];
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
}

export type AuthzImplementation = 'Legacy' | 'ForwardAuth' | 'AuthRequest' | 'ExtAuthz';
export type AuthzStrategyName =
  'CookieSession' | 'HeaderAuthorization' | 'HeaderProxyAuthorization' | 'HeaderAuthRequestProxyAuthorization' | 'HeaderLegacy';

export interface AuthzStrategy {
  readonly name: AuthzStrategyName;
  readonly schemes: readonly ('basic' | 'bearer')[];
}

export interface AuthzEndpoint {
  readonly name: string;
  /** `/api/verify`, `/api/authz/forward-auth`. */
  readonly path: string;
  readonly implementation: AuthzImplementation;
  /** Named in the file, not one of those out of the box. */
  readonly isNamed: boolean;
  /** Answers below its path too. */
  readonly anySubPath: boolean;
  readonly strategies: readonly AuthzStrategy[];
}

export type RateLimitName = 'reset_password_start' | 'reset_password_finish' | 'second_factor_totp' | 'session_elevation_start';

/** A bucket holds `requests` tokens and gains one a `periodMs`; all buckets must admit. */
export interface RateLimit {
  readonly enabled: boolean;
  readonly buckets: readonly { readonly periodMs: number; readonly requests: number }[];
}

export interface EndpointsConfiguration {
  readonly authz: readonly AuthzEndpoint[];
  readonly rateLimits: Readonly<Record<RateLimitName, RateLimit>>;
}

export interface LogConfiguration {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'text' | 'json';
  readonly filePath: string | null;
  readonly keepStdout: boolean;
  /** Which verify decisions get a line. */
  readonly decisions: 'refused' | 'all';
}

export interface ManagementAddress {
  readonly host: string;
  readonly port: number;
}

export interface TelemetryConfiguration {
  readonly metricsEnabled: boolean;
  readonly metricsPath: string;
  /** Authelia's own metric names besides ours. */
  readonly autheliaNames: boolean;
  /** Where OTLP over HTTP is taken; null: not said. */
  readonly tracesEndpoint: string | null;
  /** Metrics and health of each service; on 127.0.0.1 while metrics are off. */
  readonly addresses: Readonly<Record<'gateway' | 'identity' | 'session' | 'notifier', ManagementAddress>>;
}

export interface CookieConfiguration {
  readonly domain: string;
  /** null with the old `session.domain`: redirects then come from the request's own `rd`, and mails carry no link. */
  readonly autheliaUrl: string | null;
  readonly defaultRedirectionUrl: string | null;
  readonly name: string;
  readonly sameSite: 'none' | 'lax' | 'strict';
  readonly expirationMs: number;
  readonly inactivityMs: number;
  /** null: nobody is remembered. */
  readonly rememberMeMs: number | null;
}

export interface SessionConfiguration {
  /** The first seals, all open; empty: none is configured and the application makes one. */
  readonly secrets: readonly string[];
  readonly cookies: readonly CookieConfiguration[];
  /** What becomes of people who are signed in while Redis is away: 503, or for a minute what the gateway last knew of them. */
  readonly redisOutage: 'refuse' | 'serve_cached';
}

export interface RedisConfiguration {
  readonly host: string;
  readonly port: number;
  /** A unix socket, in the place of host and port. */
  readonly path?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly database: number;
  /** Of every key and channel. */
  readonly keyPrefix: string;
  readonly timeoutMs: number;
  readonly tls?: TlsConfiguration | undefined;
  readonly sentinel?:
    | {
        readonly name: string;
        readonly username?: string | undefined;
        readonly password?: string | undefined;
        readonly nodes: readonly { readonly host: string; readonly port: number }[];
      }
    | undefined;
}

/** TLS towards a server; `key` and `cert` are PEM. */
export interface TlsConfiguration {
  readonly serverName?: string | undefined;
  readonly skipVerify: boolean;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
  readonly key?: string | undefined;
  readonly cert?: string | undefined;
}

export interface AccessControlConfiguration extends PolicySource {
  /** Whether a changed file takes effect without a restart. */
  readonly watch: boolean;
}

export interface AuthenticationBackendConfiguration {
  /** null: people live in the store (`authentication_backend.sql`). */
  readonly usersFile: string | null;
  readonly watch: boolean;
  readonly search: { readonly email: boolean; readonly caseInsensitive: boolean };
  /** How new digests are made. */
  readonly digest: DigestOptions;
  readonly refreshInterval: { readonly kind: 'every'; readonly intervalMs: number } | { readonly kind: 'always' | 'never' };
  readonly passwordReset: { readonly disabled: boolean; readonly customUrl: string | null };
  readonly passwordChange: { readonly disabled: boolean };
}

export interface ConfigurationHistory {
  readonly directory: string;
  /** 0: none are kept. */
  readonly keep: number;
}

export interface AuditConfiguration {
  readonly retentionMs: number;
}

export interface RegulationConfiguration {
  readonly modes: readonly ('user' | 'ip')[];
  /** 0: no automatic bans. */
  readonly maxRetries: number;
  readonly findTimeMs: number;
  readonly banTimeMs: number;
}

export type PasswordPolicyConfiguration =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'standard';
      readonly minLength: number;
      /** 0: none. */
      readonly maxLength: number;
      readonly requireUppercase: boolean;
      readonly requireLowercase: boolean;
      readonly requireNumber: boolean;
      readonly requireSpecial: boolean;
    }
  | { readonly kind: 'zxcvbn'; readonly minScore: number };

export interface IdentityValidationConfiguration {
  readonly resetPassword: {
    /** null: none is configured and the application makes one (or resetting is off). */
    readonly jwtSecret: string | null;
    readonly jwtAlgorithm: 'HS256' | 'HS384' | 'HS512';
    readonly jwtLifespanMs: number;
  };
  readonly elevatedSession: {
    readonly codeLifespanMs: number;
    readonly elevationLifespanMs: number;
    readonly characters: number;
    readonly requireSecondFactor: boolean;
    readonly skipSecondFactor: boolean;
  };
}

export type TotpAlgorithm = 'SHA1' | 'SHA256' | 'SHA512';

export interface TotpConfiguration {
  readonly disabled: boolean;
  readonly issuer: string;
  readonly algorithm: TotpAlgorithm;
  readonly digits: 6 | 8;
  readonly periodSeconds: number;
  /** Steps to either side that count too. */
  readonly skew: number;
  readonly secretSizeBytes: number;
  readonly allowedAlgorithms: readonly TotpAlgorithm[];
  readonly allowedDigits: readonly (6 | 8)[];
  readonly allowedPeriods: readonly number[];
  readonly reuseAllowed: boolean;
}

export interface SmtpConfiguration {
  readonly kind: 'smtp';
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`submissions`). */
  readonly implicitTls: boolean;
  readonly startTls: 'required' | 'opportunistic' | 'never';
  readonly tls: TlsConfiguration;
  readonly timeoutMs: number;
  readonly username: string | null;
  readonly password: string | null;
  /** `Name <address>` or an address. */
  readonly sender: string;
  /** The name in EHLO. */
  readonly identifier: string;
  /** `{title}` is the notice's own title. */
  readonly subject: string;
  readonly startupCheckAddress: string;
  readonly htmlDisabled: boolean;
}

export interface NotifierConfiguration {
  readonly transport: { readonly kind: 'filesystem'; readonly path: string; readonly append: boolean } | SmtpConfiguration;
  readonly startupCheckDisabled: boolean;
  readonly templateDirectory: string | null;
}

/** A file, or a schema of a PostgreSQL server. */
export type StoreConfiguration =
  | { readonly kind: 'sqlite'; readonly path: string }
  | {
      readonly kind: 'postgres';
      /** The directory of its socket where it begins with a slash. */
      readonly host: string;
      readonly port: number;
      readonly database: string;
      readonly schema: string;
      readonly username: string;
      readonly password?: string | undefined;
      readonly timeoutMs: number;
      readonly tls?: TlsConfiguration | undefined;
    };

export interface StorageConfiguration {
  readonly store: StoreConfiguration;
  /** null: none is configured and the application makes one, once, beside the configuration. */
  readonly encryptionKey: string | null;
}

export interface RpcConfiguration {
  /** The first seals, all open; empty: derived where all services run on one machine. */
  readonly secrets: readonly string[];
}

export interface PortalConfiguration {
  readonly theme: 'light' | 'dark' | 'grey' | 'oled' | 'auto';
  /** null: the first there is. */
  readonly default2faMethod: 'totp' | null;
  /** What people know the place by. */
  readonly name: string;
  /** `#rrggbb`, or null: our own. */
  readonly color: string | null;
  readonly termsUrl: string | null;
  readonly privacyUrl: string | null;
  /** People must accept the privacy policy before they sign in. */
  readonly privacyAcceptance: boolean;
  /** `server.asset_path`: the operator's logo, icon and texts. */
  readonly assetDirectory: string | null;
  /** How notices leave: `file` means that the administrator has the code. */
  readonly notices: 'mail' | 'file';
}
