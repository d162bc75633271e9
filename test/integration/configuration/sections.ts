import * as contract from '@portcullis/contracts-configuration';
import { DIGEST_DEFAULTS, digestOptionProblems } from '@portcullis/domain-passwords';
import { compilePolicy, lintPolicy } from '@portcullis/domain-policy';

/** All that any service reads. */
export const sections = {
  accessControl: contract.accessControlSection({ compilePolicy, lintPolicy }),
  audit: contract.auditSection,
  authenticationBackend: contract.authenticationBackendSection({ DIGEST_DEFAULTS, digestOptionProblems }),
  endpoints: contract.endpointsSection,
  identityValidation: contract.identityValidationSection,
  log: contract.logSection,
  notifier: contract.notifierSection,
  passwordPolicy: contract.passwordPolicySection,
  portal: contract.portalSection,
  redis: contract.redisSection,
  regulation: contract.regulationSection,
  rpc: contract.rpcSection,
  server: contract.serverSection,
  session: contract.sessionSection,
  storage: contract.storageSection,
  telemetry: contract.telemetrySection,
  totp: contract.totpSection,
};
