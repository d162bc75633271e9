/** `{"status":"OK","data":…}` or `{"status":"KO","message":…}`; a KO means that nothing changed. */
export type Answer<Data = never> =
  { readonly status: 'OK'; readonly data?: Data } | { readonly status: 'KO'; readonly message?: string; readonly data?: unknown };

export const ok = <Data = never>(data?: Data): Answer<Data> => (data === undefined ? { status: 'OK' } : { status: 'OK', data });
export const ko = (message: string): Answer => ({ status: 'KO', message });

/** The sentences scripts match on (reference 4). */
export const MESSAGES = {
  authenticationFailed: 'Authentication failed. Check your credentials.',
  secondFactorFailed: 'Authentication failed, please retry later.',
  codeUsed: 'This code was used already. Wait for the next one.',
  noDevice: 'There is no one-time password device yet.',
  codesBanned: 'Too many wrong codes. Please try again later.',
  totpRegistrationFailed: 'Unable to set up one-time password.',
  operationFailed: 'Operation failed.',
  resetFailed: 'Unable to reset your password.',
  passwordTooWeak: 'Your supplied password does not meet the password policy requirements.',
  incorrectPassword: 'Incorrect Password',
  noAddress: 'There is no mail address to send a code to. Ask the administrator.',
  recoveryCodeRefused: 'This recovery code is wrong.',
  recoveryCodeUsed: 'This recovery code was used already. Take another one.',
  linkUsed: 'This link was used already. Ask for a new one.',
  linkExpired: 'This link has expired. Ask for a new one.',
  linkRevoked: 'This link was revoked. Ask for a new one.',
  unknownSession: 'There is no such session.',
  tooManyRequests: 'Too Many Requests',
} as const;
