import { formatGoTime, type LogFields, type Logger } from '@portcullis/platform-telemetry';
import type { Earned, Refusal, Try } from './regulation.js';

type Where = Pick<Try, 'method' | 'path' | 'remoteIp'>;

/** Words people grep for and fields in the order intrusion filters expect: remote_ip comes after the message and last. */
const fieldsOf = ({ method, path, remoteIp }: Where, error?: string): LogFields => ({ error, method, path, remote_ip: remoteIp });

/** One refused sign-in (reference 8.4). */
export function logRefusedTry(log: Logger, tried: Try, refusal: Refusal | null): void {
  const banned = refusal === null ? '' : ` and they are banned until ${banEnd(refusal.untilMs)}`;
  log.error(`Unsuccessful ${tried.factor} authentication attempt by user '${tried.username}'${banned}`, fieldsOf(tried, 'authentication failed'));
}

/** What was typed is nobody's name. */
export function logUnknownUser(log: Logger, typed: string, where: Where): void {
  log.error(
    `Error occurred getting details for user with username input '${typed.slice(0, 256)}' which usually indicates they do not exist`,
    fieldsOf(where),
  );
}

export function logSuccessfulTry(log: Logger, tried: Try): void {
  log.debug(`Successful ${tried.factor} authentication attempt made by user '${tried.username}'`, fieldsOf(tried));
}

export function logBan(log: Logger, ban: Earned, tried: Try): void {
  log.warn(`Banned the ${ban.kind} '${ban.subject}' until ${banEnd(ban.untilMs)} for too many ${tried.factor} attempts`, fieldsOf(tried));
}

const banEnd = (untilMs: number | null): string =>
  untilMs === null ? 'never expires' : formatGoTime('3:04:05PM on January 2 2006 (-07:00)', new Date(untilMs));
