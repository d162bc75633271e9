import type { identityContract } from '@portcullis/contracts-identity';
import type { Client } from '@portcullis/platform-rpc';
import { setTimeout as delay } from 'node:timers/promises';
import type { PortalSettings } from './portal/portal-parts.js';

const LOOK_EVERY_MS = 5000;

/** Whether a new password could be kept now, as the identity service last said it; until it says so, it could. */
export interface PasswordWrites {
  writable: boolean;
}

/** Asks until the signal ends it: somebody may make the users file writable, or no more, at any time. While nobody answers, what was said stands. */
export async function followPasswordWrites(
  writes: PasswordWrites,
  identity: Pick<Client<typeof identityContract>, 'describePasswords'>,
  signal: AbortSignal,
  everyMs = LOOK_EVERY_MS,
): Promise<void> {
  while (!signal.aborted) {
    writes.writable = await identity.describePasswords({}).then(
      ({ writable }) => writable,
      () => writes.writable,
    );
    await delay(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** Pages and answers offer neither a reset nor a change while none could be kept, as if both were switched off. */
export const offeringWrites = (settings: PortalSettings, writes: PasswordWrites): PortalSettings => ({
  ...settings,
  get resetDisabled() {
    return settings.resetDisabled || !writes.writable;
  },
  get changeDisabled() {
    return settings.changeDisabled || !writes.writable;
  },
});
