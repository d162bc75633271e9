import { type Logger, newRequestId } from '@portcullis/platform-telemetry';
import { type Told } from './verify.js';
import { targetUrl } from './target.js';

const ANONYMOUS = '<anonymous>';

/** One line per answer worth telling (`log.decisions`): the sentences of reference 1.9, then stable words. No cookie, code or password. */
export function logDecision(logger: Logger, told: Told): void {
  const { route, question, reason, decision } = told;
  const fields = {
    method: question?.target.method,
    path: question?.target.uri,
    endpoint: route.endpoint.name,
    outcome: told.result,
    reason,
    rule: decision === null ? undefined : decision.ruleIndex < 0 ? 'default' : `#${decision.ruleIndex + 1}`,
    request_id: newRequestId(),
    remote_ip: told.ip ?? undefined,
  };
  if (question === null) logger.error(refusalSentence(told), fields);
  else if (told.result === 'unavailable')
    logger.error(`Access to '${targetUrl(question.target)}' cannot be decided: sessions are unavailable`, fields);
  else logger.info(decisionSentence(told), fields);
}

function decisionSentence({ question, result, username, status }: Told): string {
  if (question === null) return '';
  const url = targetUrl(question.target);
  const user = username ?? ANONYMOUS;
  switch (result) {
    case 'forbidden':
      return `Access to '${url}' is forbidden to user '${user}'`;
    case 'challenged':
      return `Access to '${url}' is not authorized to user '${user}', sending ${status} response with WWW-Authenticate header requesting Basic scheme`;
    case 'sign_in': {
      const to = question.portal === null ? '' : ` with location redirect to ${question.portal}`;
      return `Access to ${url} (method ${question.target.method}) is not authorized to user ${user}, responding with status code ${status}${to}`;
    }
    case 'allowed':
    case 'refused':
    case 'unavailable':
      return `Access to '${url}' is ${result} for user '${user}'`;
  }
}

/** What is wrong, and what to change: read at two in the morning. */
function refusalSentence({ route, reason }: Told): string {
  const { implementation } = route.endpoint.dialect;
  switch (reason) {
    case 'missing_target':
      return implementation === 'Legacy'
        ? 'Error getting Target URL and Request Method: the proxy sends neither X-Original-URL nor X-Forwarded-Proto, -Host and -URI. Include deploy/nginx/portcullis-location.conf in the protected site'
        : `Error getting Target URL and Request Method: the proxy does not send ${implementation === 'AuthRequest' ? 'X-Original-URL' : 'X-Forwarded-Host'}. The files in deploy/ show what it must send`;
    case 'missing_method':
      return `Error getting Target URL and Request Method: the proxy does not send ${implementation === 'AuthRequest' ? 'X-Original-Method' : 'X-Forwarded-Method'}`;
    case 'insecure_scheme':
      return "Target URL has an insecure scheme, only the 'https' and 'wss' schemes are supported so session cookies can be transmitted securely. The proxy must send X-Forwarded-Proto: https";
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
