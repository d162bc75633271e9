import { Controller } from '@nestjs/common';
import { identityContract } from '@portcullis/contracts-identity';
import { type Handlers, type RpcContext, Serves } from '@portcullis/platform-rpc';
import { IdentityParts } from './identity-parts.js';
import { personOf } from './people.js';

type Identity = Handlers<typeof identityContract>;
type Request<K extends keyof Identity> = Parameters<Identity[K]>[0];
type Reply<K extends keyof Identity> = ReturnType<Identity[K]>;

/** Every operation of the identity contract: the road from the gateway and the notifier into this service. */
@Controller()
@Serves(identityContract)
export class IdentityController implements Identity {
  constructor(private readonly parts: IdentityParts) {}

  async authenticate({ username, password, origin }: Request<'authenticate'>, context: RpcContext): Reply<'authenticate'> {
    this.#observeWait('authenticate', context);
    const user = await this.parts.passwords.check(username, password, origin);
    if (user === null) return { outcome: 'refused' };
    return { outcome: 'authenticated', person: personOf(user), hasSecondFactor: await this.parts.hasTotp(user.username) };
  }

  changePassword(request: Request<'changePassword'>, context: RpcContext): Reply<'changePassword'> {
    this.#observeWait('changePassword', context);
    return this.parts.newPassword.change(request);
  }

  resetPassword(request: Request<'resetPassword'>, context: RpcContext): Reply<'resetPassword'> {
    this.#observeWait('resetPassword', context);
    return this.parts.newPassword.reset(request);
  }

  async describe({ username }: Request<'describe'>): Reply<'describe'> {
    const person = this.parts.people.byName(username);
    if (person === null) return { outcome: 'unknown' };
    return { outcome: 'known', person, hasTotp: await this.parts.hasTotp(username), preferredMethod: await this.parts.preferred.of(username) };
  }

  async setPreferredMethod({ username, method }: Request<'setPreferredMethod'>): Reply<'setPreferredMethod'> {
    return { outcome: (await this.parts.preferred.set(username, method)) ? 'stored' : 'unavailable' };
  }

  verifyTotp({ username, code, origin }: Request<'verifyTotp'>): Reply<'verifyTotp'> {
    return this.parts.totpSignIn.verify(username, code, origin);
  }

  async describeTotp({ username }: Request<'describeTotp'>): Reply<'describeTotp'> {
    const device = await this.parts.findTotp(username);
    if (device === null) return { outcome: 'none' };
    const { issuer, algorithm, digits, periodS, createdAtMs, lastUsedAtMs } = device;
    return { outcome: 'found', device: { issuer, algorithm, digits, periodS, createdAtMs, lastUsedAtMs } };
  }

  async deleteTotp({ username, ip }: Request<'deleteTotp'>): Reply<'deleteTotp'> {
    return { outcome: (await this.parts.totpRegistration.remove(username, ip)) ? 'deleted' : 'none' };
  }

  async beginTotpRegistration({ username, handle, settings }: Request<'beginTotpRegistration'>): Reply<'beginTotpRegistration'> {
    const begun = await this.parts.totpRegistration.begin(username, handle, settings);
    return begun === null ? { outcome: 'not_allowed' } : { outcome: 'begun', ...begun };
  }

  async dropTotpRegistration({ username, handle }: Request<'dropTotpRegistration'>): Reply<'dropTotpRegistration'> {
    return { outcome: (await this.parts.totpRegistration.drop(username, handle)) ? 'dropped' : 'none' };
  }

  finishTotpRegistration({ username, handle, code, ip }: Request<'finishTotpRegistration'>): Reply<'finishTotpRegistration'> {
    return this.parts.totpRegistration.finish(username, handle, code, ip);
  }

  describeRecoveryCodes(request: Request<'describeRecoveryCodes'>): Reply<'describeRecoveryCodes'> {
    return this.parts.recovery.describe(request);
  }

  renewRecoveryCodes(request: Request<'renewRecoveryCodes'>): Reply<'renewRecoveryCodes'> {
    return this.parts.recovery.renew(request);
  }

  verifyRecoveryCode(request: Request<'verifyRecoveryCode'>): Reply<'verifyRecoveryCode'> {
    return this.parts.recovery.verify(request);
  }

  recordSignIn(request: Request<'recordSignIn'>): Reply<'recordSignIn'> {
    return this.parts.signIns.record(request);
  }

  disownSignIn(request: Request<'disownSignIn'>): Reply<'disownSignIn'> {
    return this.parts.signIns.disown(request);
  }

  listAttempts(request: Request<'listAttempts'>): Reply<'listAttempts'> {
    return this.parts.listAttempts(request);
  }

  describePasswords(): Reply<'describePasswords'> {
    return Promise.resolve({ writable: this.parts.users.readOnly === null });
  }

  recordEvent(request: Request<'recordEvent'>): Reply<'recordEvent'> {
    return this.parts.audit.record(request);
  }

  startElevation(request: Request<'startElevation'>): Reply<'startElevation'> {
    return this.parts.elevations.start(request);
  }

  finishElevation(request: Request<'finishElevation'>): Reply<'finishElevation'> {
    return this.parts.elevations.finish(request);
  }

  revokeElevation(request: Request<'revokeElevation'>): Reply<'revokeElevation'> {
    return this.parts.elevations.revoke(request);
  }

  startReset(request: Request<'startReset'>): Reply<'startReset'> {
    return this.parts.resets.start(request);
  }

  finishReset(request: Request<'finishReset'>): Reply<'finishReset'> {
    return this.parts.resets.finish(request);
  }

  revokeReset(request: Request<'revokeReset'>): Reply<'revokeReset'> {
    return this.parts.resets.revoke(request);
  }

  acknowledgeNotice(request: Request<'acknowledgeNotice'>): Reply<'acknowledgeNotice'> {
    return this.parts.outbox.acknowledge(request);
  }

  // Requests wait in Redis for a place in the lane that hashes; callers leave the timeout as the contract has it.
  #observeWait(operation: 'authenticate' | 'changePassword' | 'resetPassword', { deadlineMs }: RpcContext): void {
    this.parts.metrics.observeWait(identityContract.operations[operation].timeoutMs - deadlineMs);
  }
}
