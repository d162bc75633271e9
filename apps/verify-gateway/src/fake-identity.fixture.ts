import type { identityContract, Person } from '@portcullis/contracts-identity';
import type { Client } from '@portcullis/platform-rpc';

type IdentityClient = Client<typeof identityContract>;
type Operation = keyof IdentityClient;

/** The code of every device, and of every mail. */
export const CODE = '123456';
export const MAILED = 'ABCD2345';
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
    return answer({ outcome: 'registered' });
  };
  describeRecoveryCodes: IdentityClient['describeRecoveryCodes'] = () => answer({ remaining: 0, createdAtMs: null });
  renewRecoveryCodes: IdentityClient['renewRecoveryCodes'] = (request) => {
    this.#note('renewRecoveryCodes', request);
    return answer({ outcome: 'no_device' });
  };
  verifyRecoveryCode: IdentityClient['verifyRecoveryCode'] = (request) => {
    this.#note('verifyRecoveryCode', request);
    return answer({ outcome: 'refused', reason: 'none' });
  };
  recordSignIn: IdentityClient['recordSignIn'] = (request) => {
    this.#note('recordSignIn', request);
    return answer({ device: 'first', deviceToken: 'a-device-token' });
  };
  disownSignIn: IdentityClient['disownSignIn'] = (request) => {
    this.#note('disownSignIn', request);
    return answer({ outcome: 'refused', reason: 'invalid' });
  };
  listAttempts: IdentityClient['listAttempts'] = () => answer({ attempts: [] });
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

  #note(operation: Operation, request: unknown): void {
    this.calls.push({ operation, request });
  }
}

const isKnown = (username: string): boolean => username === 'alice' || username === 'bob';
const answer = <T>(value: T): Promise<T> => Promise.resolve(value);
