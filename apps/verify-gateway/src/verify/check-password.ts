import type { identityContract } from '@portcullis/contracts-identity';
import type { Client } from '@portcullis/platform-rpc';
import type { CheckPassword } from './identify.js';
import { targetUrl } from './target.js';

/** Credentials in a header, asked of the identity service: counted, banned and logged as every other sign-in (reference 1.4). */
export function passwordChecker(identity: Pick<Client<typeof identityContract>, 'authenticate'>): CheckPassword {
  return async ({ username, password }, target) => {
    const { ip, method, uri } = target;
    const origin = { ip, method, path: uri.split('?', 1)[0] as string, via: 'basic' as const, targetUrl: targetUrl(target), targetMethod: method };
    const reply = await identity.authenticate({ username, password, origin });
    return reply.outcome === 'authenticated' ? reply.person : null;
  };
}
