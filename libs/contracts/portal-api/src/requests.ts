import { z } from 'zod';

/** What a person typed: capped before anything looks at it (attack 34). */
const typed = z.string().max(4096);
const name = z.string().min(1).max(256);
/** Absent and null mean the same to scripts. */
const text = z
  .string()
  .max(8192)
  .nullish()
  .transform((value) => value ?? '');
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);

/** Where to go afterwards; never a reason to refuse right credentials. */
const target = { targetURL: z.string().max(8192).catch(''), requestMethod: text };

/** POST /api/firstfactor */
export const firstFactorRequest = z.object({ username: name, password: typed.min(1), keepMeLoggedIn: flag, ...target });
/** POST /api/firstfactor/reauthenticate */
export const reauthenticateRequest = z.object({ password: typed.min(1), ...target });
/** POST /api/secondfactor/totp; the code is judged by identity, so that a malformed one is a refusal like another. */
export const totpRequest = z.object({ token: z.string().max(64), ...target });
/** POST /api/logout */
export const logoutRequest = z.object({ targetURL: target.targetURL });
/** POST /api/checks/safe-redirection */
export const safeRedirectionRequest = z.object({ uri: z.string().min(1).max(8192) });
/** POST /api/user/info/2fa_method */
export const preferredMethodRequest = z.object({ method: z.string().max(64) });
/** PUT /api/secondfactor/totp/register; `length` is the number of digits, `period` seconds. */
export const totpRegistrationBeginRequest = z.object({ algorithm: z.string().max(16), length: z.number().int(), period: z.number().int() });
/**
 * POST /api/secondfactor/totp/register. With `continue` the code that proves the device is the second factor of this session as well,
 * and the answer says where to go; without it the level stays, as scripts know it.
 */
export const totpRegistrationFinishRequest = z.object({ token: z.string().max(64), continue: flag, ...target });
/** POST /api/secondfactor/recovery-code */
export const recoveryCodeRequest = z.object({ code: z.string().max(64), ...target });
/** POST /api/user/sessions/disown: the token of the mail about a new device. */
export const disownRequest = z.object({ token: z.string().min(1).max(4096) });
/** PUT /api/user/session/elevation */
export const elevationFinishRequest = z.object({ otc: z.string().max(256) });
/** POST /api/reset-password/identity/start */
export const resetStartRequest = z.object({ username: name });
/** POST /api/reset-password/identity/finish */
export const resetFinishRequest = z.object({ token: z.string().min(1).max(4096) });
/** POST /api/reset-password */
export const resetPasswordRequest = z.object({ password: typed });
/** DELETE /api/reset-password */
export const resetRevokeRequest = z.object({ token: z.string().min(1).max(4096) });
/** POST /api/change-password; `username` is ignored: the session says who. */
export const changePasswordRequest = z.object({ old_password: typed, new_password: typed });
