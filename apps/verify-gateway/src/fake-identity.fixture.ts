import type { identityContract, Person } from '@portcullis/contracts-identity';
import { type Client, currentRequest } from '@portcullis/platform-rpc';

type IdentityClient = Client<typeof identityContract>;
type Operation = keyof IdentityClient;

/** The code of every device, and of every mail. */
export const CODE = '123456';
export const MAILED = 'ABCD2345';
export const RECOVERY_CODES: readonly string[] = ['aaaa-bbbb-cccc', 'dddd-eeee-ffff'];
export const DEVICE_TOKEN = 'd'.repeat(43);
export const GRANT = 'g'.repeat(43);
export const passwordOf = (username: string): string => `${username}'s password`;
const personOf = (username: string): Person => ({
  username,
  displayName: `The ${username}`,
  emails: [`${username}@example.com`],
  groups: ['users', ...(username === 'alice' ? ['admins'] : [])],
});

/**
 * The identity service in memory, by hand: alice (with a device) and bob. It says what it was asked. Assign an operation to have it answer
 * something else, or fail.
 */
export class FakeIdentity implements IdentityClient {
  readonly calls: { readonly operation: Operation; readonly request: unknown }[] = [];
  readonly devices = new Set(['alice']);
  /** Those that are left, by user. */
  readonly recoveryCodes = new Map<string, Set<string>>();

  /** What was asked of one operation. */
  asked(operation: Operation): readonly unknown[] {
    return this.calls.filter((call) => call.operation === operation).map(({ request }) => request);
  }

  authenticate: IdentityClient['authenticate'] = (request) => {
    this.#note('authenticate', request);
    const { username, password } = request;
    if (!isKnown(username) || password !== passwordOf(username)) return answer({ outcome: 'refused' });
    return answer({ outcome: 'authenticated', person: personOf(username), hasSecondFactor: this.devices.has(username) });
  };
  changePassword: IdentityClient['changePassword'] = (request) => {
    this.#note('changePassword', request);
    if (request.oldPassword !== passwordOf(request.username)) return answer({ outcome: 'refused' });
    return answer(request.newPassword.length < 8 ? { outcome: 'policy', failed: ['too_short'] } : { outcome: 'changed' });
  };
  resetPassword: IdentityClient['resetPassword'] = (request) => {
    this.#note('resetPassword', request);
    if (request.grant !== GRANT) return answer({ outcome: 'refused' });
    return answer(request.password.length < 8 ? { outcome: 'policy', failed: ['too_short'] } : { outcome: 'reset', username: 'bob' });
  };
  describe: IdentityClient['describe'] = ({ username }) =>
    answer(
      isKnown(username)
        ? { outcome: 'known', person: personOf(username), hasTotp: this.devices.has(username), preferredMethod: 'totp' }
        : { outcome: 'unknown' },
    );
  setPreferredMethod: IdentityClient['setPreferredMethod'] = (request) => {
    this.#note('setPreferredMethod', request);
    return answer({ outcome: request.method === 'totp' ? 'stored' : 'unavailable' });
  };
  verifyTotp: IdentityClient['verifyTotp'] = (request) => {
    this.#note('verifyTotp', request);
    if (!this.devices.has(request.username)) return answer({ outcome: 'refused', reason: 'no_device' });
    return answer(request.code.replaceAll(' ', '') === CODE ? { outcome: 'verified' } : { outcome: 'refused', reason: 'wrong' });
  };
  describeTotp: IdentityClient['describeTotp'] = ({ username }) =>
    answer(
      this.devices.has(username)
        ? {
            outcome: 'found',
            device: { algorithm: 'SHA1', digits: 6, periodS: 30, issuer: 'example.com', createdAtMs: 1_700_000_000_000, lastUsedAtMs: null },
          }
        : { outcome: 'none' },
    );
  deleteTotp: IdentityClient['deleteTotp'] = (request) => {
    this.#note('deleteTotp', request);
    return answer({ outcome: this.devices.delete(request.username) ? 'deleted' : 'none' });
  };
  beginTotpRegistration: IdentityClient['beginTotpRegistration'] = (request) => {
    this.#note('beginTotpRegistration', request);
    if (request.settings.digits !== 6) return answer({ outcome: 'not_allowed' });
    return answer({ outcome: 'begun', secret: 'JBSWY3DPEHPK3PXP', url: `otpauth://totp/example.com:${request.username}?secret=JBSWY3DPEHPK3PXP` });
  };
  dropTotpRegistration: IdentityClient['dropTotpRegistration'] = (request) => {
    this.#note('dropTotpRegistration', request);
    return answer({ outcome: 'dropped' });
  };
  finishTotpRegistration: IdentityClient['finishTotpRegistration'] = (request) => {
    this.#note('finishTotpRegistration', request);
    if (request.code !== CODE) return answer({ outcome: 'refused', reason: 'wrong' });
    this.devices.add(request.username);
    if (this.recoveryCodes.has(request.username)) return answer({ outcome: 'registered' });
    return answer({ outcome: 'registered', recoveryCodes: this.#makeCodes(request.username) });
  };
  describeRecoveryCodes: IdentityClient['describeRecoveryCodes'] = ({ username }) => {
    const codes = this.recoveryCodes.get(username);
    return answer({ remaining: codes?.size ?? 0, createdAtMs: codes === undefined ? null : 1_700_000_000_000 });
  };
  renewRecoveryCodes: IdentityClient['renewRecoveryCodes'] = (request) => {
    this.#note('renewRecoveryCodes', request);
    if (!this.devices.has(request.username)) return answer({ outcome: 'no_device' });
    return answer({ outcome: 'made', codes: this.#makeCodes(request.username) });
  };
  verifyRecoveryCode: IdentityClient['verifyRecoveryCode'] = (request) => {
    this.#note('verifyRecoveryCode', request);
    const codes = this.recoveryCodes.get(request.username);
    if (codes === undefined) return answer({ outcome: 'refused', reason: 'none' });
    if (codes.delete(request.code)) return answer({ outcome: 'verified', remaining: codes.size });
    return answer({ outcome: 'refused', reason: RECOVERY_CODES.includes(request.code) ? 'used' : 'wrong' });
  };
  recordSignIn: IdentityClient['recordSignIn'] = (request) => {
    this.#note('recordSignIn', request);
    return answer({ device: 'first', deviceToken: request.deviceToken ?? DEVICE_TOKEN });
  };
  disownSignIn: IdentityClient['disownSignIn'] = (request) => {
    this.#note('disownSignIn', request);
    const { token } = request;
    if (token === 'used' || token === 'expired') return answer({ outcome: 'refused', reason: token });
    return answer(token === 'not me' ? { outcome: 'disowned', username: 'bob' } : { outcome: 'refused', reason: 'invalid' });
  };
  listAttempts: IdentityClient['listAttempts'] = (request) => {
    this.#note('listAttempts', request);
    const attempt = { factor: 'password', successful: true, banned: false, ip: '203.0.113.7' } as const;
    return answer({ attempts: request.username === 'bob' ? [{ ...attempt, atMs: 1_700_000_000_000 }] : [] });
  };
  describePasswords: IdentityClient['describePasswords'] = () => answer({ writable: true });
  recordEvent: IdentityClient['recordEvent'] = (request) => {
    // A real client carries this on.
    this.#note('recordEvent', { ...request, requestId: currentRequest()?.requestId });
    return answer({ outcome: 'recorded' });
  };
  startElevation: IdentityClient['startElevation'] = (request) => {
    this.#note('startElevation', request);
    return answer({ outcome: 'sent', deleteId: 'a-delete-id', expiresAtMs: 0 });
  };
  finishElevation: IdentityClient['finishElevation'] = (request) => {
    this.#note('finishElevation', request);
    return answer(request.code.toUpperCase() === MAILED ? { outcome: 'elevated', elevatedForMs: 600_000 } : { outcome: 'refused' });
  };
  revokeElevation: IdentityClient['revokeElevation'] = (request) => {
    this.#note('revokeElevation', request);
    return answer({ outcome: request.deleteId === 'a-delete-id' ? 'revoked' : 'unknown' });
  };
  startReset: IdentityClient['startReset'] = (request) => {
    this.#note('startReset', request);
    return answer({ outcome: 'accepted' });
  };
  finishReset: IdentityClient['finishReset'] = (request) => {
    this.#note('finishReset', request);
    const { token } = request;
    if (token === 'used' || token === 'expired' || token === 'revoked') return answer({ outcome: 'refused', reason: token });
    return answer(
      token === 'right' ? { outcome: 'granted', grant: GRANT, expiresAtMs: 2_000_000_000_000 } : { outcome: 'refused', reason: 'invalid' },
    );
  };
  revokeReset: IdentityClient['revokeReset'] = (request) => {
    this.#note('revokeReset', request);
    return answer({ outcome: request.token === 'cancel' ? 'revoked' : 'unknown' });
  };
  acknowledgeNotice: IdentityClient['acknowledgeNotice'] = () => Promise.reject(new Error('the gateway does not ask this'));

  #makeCodes(username: string): string[] {
    this.recoveryCodes.set(username, new Set(RECOVERY_CODES));
    return [...RECOVERY_CODES];
  }

  #note(operation: Operation, request: unknown): void {
    this.calls.push({ operation, request });
  }
}

const isKnown = (username: string): boolean => username === 'alice' || username === 'bob';
const answer = <T>(value: T): Promise<T> => Promise.resolve(value);
