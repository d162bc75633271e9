import type { Logger } from '@portcullis/platform-telemetry';
import { requestIdOf } from './request-id.js';
import type { Told } from './verify.js';
import type { Target } from './target.js';

const ANONYMOUS = '<anonymous>';

/** One line per answer worth telling (`log.decisions`): the sentences of reference 1.9, then stable words. No cookie, code or password. */
export function logDecision(logger: Logger, told: Told, rulesHash: string): void {
  const { route, target, result, reason, decision, fault } = told;
  const fields = {
    method: target?.method,
    path: target === null ? undefined : pathOf(target),
    target_url: target === null ? undefined : urlOf(target),
    endpoint: route.endpoint.name,
    outcome: result,
    reason,
    username: told.username ?? undefined,
    rule: decision === null ? undefined : decision.ruleIndex < 0 ? 'default' : `#${decision.ruleIndex + 1}`,
    rules_hash: decision === null ? undefined : rulesHash,
    request_id: requestIdOf(told.requestId),
    remote_ip: told.ip ?? undefined,
    error: fault instanceof Error ? `${fault.name}: ${fault.message}` : undefined,
  };
  switch (result) {
    case 'refused':
      logger.error(refusalSentence(told), fields);
      return;
    case 'unavailable':
      logger.error('Error occurred while attempting to authenticate a request: it cannot be told now who asks', fields);
      return;
    case 'allowed':
    case 'sign_in':
    case 'challenged':
    case 'forbidden':
      logger.info(decisionSentence(told, result), fields);
  }
}

/** Without the query: what an application behind the gate carries there (codes, tokens) is nobody's business. */
function pathOf({ uri }: Target): string {
  const question = uri.indexOf('?');
  return question === -1 ? uri : `${uri.slice(0, question)}?…`;
}
const urlOf = (target: Target): string => `${target.scheme}://${target.authority}${pathOf(target)}`;

function decisionSentence({ target, portal, username, status }: Told, result: 'allowed' | 'sign_in' | 'challenged' | 'forbidden'): string {
  const url = target === null ? '' : urlOf(target);
  const user = username ?? ANONYMOUS;
  switch (result) {
    case 'allowed':
      return `Access to '${url}' is allowed for user '${user}'`;
    case 'forbidden':
      return `Access to '${url}' is forbidden to user '${user}'`;
    case 'challenged': {
      const header = status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate';
      return `Access to '${url}' is not authorized to user '${user}', sending ${status} response with ${header} header requesting Basic scheme`;
    }
    case 'sign_in': {
      const to = portal === null ? '' : ` with location redirect to ${portal}`;
      return `Access to ${url} (method ${target?.method ?? ''}) is not authorized to user ${user}, responding with status code ${status}${to}`;
    }
  }
}

/** What is wrong, and what to change: read at two in the morning. */
function refusalSentence({ route, reason, target }: Told): string {
  const { implementation } = route.endpoint.dialect;
  switch (reason) {
    case 'missing_target':
      return implementation === 'Legacy'
        ? 'Error getting Target URL and Request Method: the proxy sends neither X-Original-URL nor X-Forwarded-Proto, -Host and -URI. Include deploy/nginx/portcullis-location.conf in the protected site'
        : `Error getting Target URL and Request Method: the proxy does not send ${implementation === 'AuthRequest' ? 'X-Original-URL' : 'X-Forwarded-Host'}. The files in deploy/ show what it must send`;
    case 'missing_method':
      return `Error getting Target URL and Request Method: the proxy does not send ${implementation === 'AuthRequest' ? 'X-Original-Method' : 'X-Forwarded-Method'}`;
    case 'insecure_scheme':
      return `Target URL '${target === null ? '' : urlOf(target)}' has an insecure scheme '${target?.scheme ?? ''}', only the 'https' and 'wss' schemes are supported so session cookies can be transmitted securely. The proxy must send X-Forwarded-Proto: https`;
    case 'foreign_host':
      return 'Target URL does not appear to have a relevant session cookies configuration. Add its domain to session.cookies';
    case 'unknown_portal':
      return 'Error occurred trying to determine the external Authelia URL for Target URL: the proxy names a portal that is not configured for this domain';
    case 'untrusted_peer':
      return 'Refused: the peer is neither loopback nor private. Name your proxies in server.trusted_proxies';
    default:
      return `Error getting Target URL and Request Method: ${reason.replaceAll('_', ' ')}`;
  }
}
