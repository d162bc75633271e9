/** What the identity service answers: to the gateway and the notifier, and (apart) to the operator's command line. */
export { attemptOrigin, identityContract, person, policyFailure, type Person } from './contract.js';
export {
  ban,
  identityAdminContract,
  noticeRow,
  opaqueIdentifier,
  totpExport,
  type Ban,
  type NoticeRow,
  type OpaqueIdentifier,
  type TotpImport,
} from './admin-contract.js';
