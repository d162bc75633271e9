import type { identityContract } from '@portcullis/contracts-identity';
import type { sessionContract } from '@portcullis/contracts-session';
import type { PortalConfiguration } from '@portcullis/contracts-configuration';
import type { CompiledPolicy } from '@portcullis/domain-policy';
import type { Client } from '@portcullis/platform-rpc';
import type { TellAudit } from '../audit-teller.js';
import type { Logger } from '@portcullis/platform-telemetry';
import type { SessionGate } from '../sessions/session-gate.js';
import { OperatorAssets } from './operator-assets.js';
import type { PortalFiles } from './portal-files.js';
import type { PortalDomain, Visits } from './visit.js';
import type { RateLimits } from './rate-limit.js';
import { RefusalPages } from './refusal-page.js';

/** What the configuration says to the portal. */
export interface PortalSettings {
  readonly domains: readonly PortalDomain[];
  /** Name, colours, links, files and words of the operator. */
  readonly look: PortalConfiguration;
  /** `''` or `/authelia`. */
  readonly subPath: string;
  readonly resetDisabled: boolean;
  /** `authentication_backend.password_reset.custom_url` */
  readonly resetUrl: string | null;
  readonly changeDisabled: boolean;
  readonly passwordPolicy: PasswordPolicySettings;
  readonly totp: TotpOptions | null;
  readonly elevation: { readonly requireSecondFactor: boolean; readonly skipSecondFactor: boolean };
}

/** The answer of GET /api/configuration/password-policy, in our words. */
export interface PasswordPolicySettings {
  readonly mode: 'disabled' | 'standard' | 'zxcvbn';
  readonly minLength: number;
  readonly maxLength: number;
  readonly minScore: number;
  readonly requireUppercase: boolean;
  readonly requireLowercase: boolean;
  readonly requireNumber: boolean;
  readonly requireSpecial: boolean;
}

/** Authelia `totp.*`; null in the settings when it is disabled. */
export interface TotpOptions {
  readonly algorithm: string;
  readonly digits: number;
  readonly periodS: number;
  readonly allowedAlgorithms: readonly string[];
  readonly allowedDigits: readonly number[];
  readonly allowedPeriodsS: readonly number[];
}

/** The policy in force and what follows from it; replaced as a whole by a reload. */
export interface LivePolicy {
  policy: CompiledPolicy;
  needsSecondFactor: boolean;
}

/** What every controller of the portal is given. */
export class PortalParts {
  readonly assets: OperatorAssets;
  readonly refusals: RefusalPages;

  constructor(
    readonly settings: PortalSettings,
    readonly live: LivePolicy,
    readonly visits: Visits,
    readonly sessions: SessionGate,
    readonly identity: Client<typeof identityContract>,
    readonly session: Client<typeof sessionContract>,
    readonly limits: RateLimits,
    readonly now: () => number,
    readonly logger: Pick<Logger, 'error'>,
    /** The built pages; null where they are not: ours then come plain. */
    readonly files: PortalFiles | null = null,
    readonly tellAudit: TellAudit = () => undefined,
  ) {
    this.assets = new OperatorAssets(settings.look.assetDirectory);
    this.refusals = new RefusalPages(settings.look);
  }
}
