/** What the identity service answers: to the gateway and the notifier, and (apart) to the operator's command line. */
export { auditActor, auditDetail, auditKind, auditRow, type AuditKind, type AuditRow } from './audit-row.js';
export { attemptOrigin, identityContract, person, policyFailure, type Person } from './contract.js';
export {
  ban,
  identityAdminContract,
  noticeRow,
  opaqueIdentifier,
  totpExport,
  userChange,
  userEdit,
  userRow,
  type Ban,
  type NoticeRow,
  type OpaqueIdentifier,
  type TotpImport,
  type UserChange,
  type UserEdit,
  type WholeUser,
} from './admin-contract.js';
