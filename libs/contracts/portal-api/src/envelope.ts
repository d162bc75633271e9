/** `{"status":"OK","data":…}` or `{"status":"KO","message":…}`; a KO means that nothing changed. */
export type Answer<Data = never> =
  { readonly status: 'OK'; readonly data?: Data } | { readonly status: 'KO'; readonly message?: string; readonly data?: unknown };

export const ok = <Data = never>(data?: Data): Answer<Data> => (data === undefined ? { status: 'OK' } : { status: 'OK', data });
export const ko = (message: string): Answer => ({ status: 'KO', message });

/** The sentences scripts match on (reference 4). */
export const MESSAGES = {
  authenticationFailed: 'Authentication failed. Check your credentials.',
  secondFactorFailed: 'Authentication failed, please retry later.',
  totpRegistrationFailed: 'Unable to set up one-time password.',
  operationFailed: 'Operation failed.',
  resetFailed: 'Unable to reset your password.',
  passwordTooWeak: 'Your supplied password does not meet the password policy requirements.',
  incorrectPassword: 'Incorrect Password',
  tooManyRequests: 'Too Many Requests',
} as const;
