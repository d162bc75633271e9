import { Logger } from '@nestjs/common';
import type { RedisEvent } from '@portcullis/platform-redis';

/** For logs and metrics; carries no payload. */
export type RpcEvent =
  | { readonly kind: 'redis'; readonly connection: 'commands' | 'subscriber'; readonly event: RedisEvent }
  /** A message that was forged, altered, replayed or out of its time: dropped without an answer. */
  | { readonly kind: 'refused'; readonly pattern: string; readonly reason: string }
  | { readonly kind: 'handler_failed'; readonly pattern: string; readonly requestId: string; readonly error: unknown }
  /** Something between us and Redis did not work; it is tried again. */
  | { readonly kind: 'wire_failed'; readonly what: string; readonly error: unknown };

const logger = new Logger('rpc');

/** What happens to events by default: lines of Nest's logger. */
export function logRpcEvent(event: RpcEvent): void {
  switch (event.kind) {
    case 'redis':
      if (event.event.kind === 'error') logger.warn(`redis ${event.connection}: ${messageOf(event.event.error)}`);
      else logger.log(`redis ${event.connection}: ${event.event.kind}`);
      return;
    case 'refused':
      logger.warn(`refused a message for ${event.pattern}: ${event.reason}`);
      return;
    case 'handler_failed':
      logger.error(`${event.pattern} failed, request ${event.requestId}`, stackOf(event.error));
      return;
    case 'wire_failed':
      logger.warn(`${event.what}: ${messageOf(event.error)}`);
  }
}

// A host with several addresses fails with an AggregateError, whose message is empty.
const messageOf = (error: unknown): string =>
  error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : error instanceof Error ? error.message : String(error);
const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error));
