import type { identityContract } from '@portcullis/contracts-identity';
import type { Client } from '@portcullis/platform-rpc';
import type { Logger } from '@portcullis/platform-telemetry';
import { Counter, type Registry } from 'prom-client';

type Event = Parameters<Client<typeof identityContract>['recordEvent']>[0];

/** Tells the identity service what shall be written down. Nobody waits for it, and what cannot be told is counted. */
export type TellAudit = (event: Event) => void;

export function createAuditTeller(
  identity: Pick<Client<typeof identityContract>, 'recordEvent'>,
  registry: Registry,
  logger: Pick<Logger, 'warn'>,
): TellAudit {
  const untold = new Counter({
    name: 'portcullis_audit_events_untold_total',
    help: 'Events that are missing in the audit trail, for the identity service did not take them.',
    registers: [registry],
  });
  return (event) => {
    identity.recordEvent(event).catch((error: unknown) => {
      untold.inc();
      logger.warn(`What happened could not be written into the audit trail: ${event.kind}`, { error: String(error) });
    });
  };
}
