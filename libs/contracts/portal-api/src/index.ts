/** The HTTP API of the portal: every request and answer (reference chapter 4, portal.md). Shared by the gateway and the portal's pages. */
export {
  authenticationLevel,
  configurationData,
  elevationData,
  passwordPolicyData,
  redirectData,
  stateData,
  totpDeviceData,
  totpOptionsData,
  totpSecretData,
  userInfoData,
} from './answers.js';
export {
  changePasswordRequest,
  elevationFinishRequest,
  firstFactorRequest,
  logoutRequest,
  preferredMethodRequest,
  reauthenticateRequest,
  resetFinishRequest,
  resetPasswordRequest,
  resetRevokeRequest,
  resetStartRequest,
  safeRedirectionRequest,
  totpRegistrationBeginRequest,
  totpRegistrationFinishRequest,
  totpRequest,
} from './requests.js';
export { MESSAGES, ko, ok, type Answer } from './envelope.js';
