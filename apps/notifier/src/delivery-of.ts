import type { NotifierConfiguration } from '@portcullis/contracts-configuration';
import type { Delivery } from './delivery.js';
import { createSmtpDelivery } from './deliver-by-smtp.js';
import { createFileDelivery } from './deliver-to-file.js';

/** The way that `notifier` names. */
export function deliveryOf({ transport }: NotifierConfiguration): Delivery {
  return transport.kind === 'smtp' ? createSmtpDelivery(transport) : createFileDelivery({ ...transport, now: Date.now });
}

export const describePlace = ({ transport }: NotifierConfiguration): string =>
  transport.kind === 'smtp' ? `the mail server ${transport.host}:${transport.port}` : `the file ${transport.path}`;
