import type { NotifierConfiguration } from '@portcullis/contracts-configuration';
import { randomUUID } from 'node:crypto';
import { deliveryOf, describePlace } from './delivery-of.js';

const TEST = 'This is the test that portcullis doctor was asked for: codes and links reach you at this address.';

/**
 * What the start checks, without starting; and, where somebody is named, a mail to them. One line says how it went. A mail server alone is
 * checked: the check of a file empties it.
 */
export async function checkOnly(settings: NotifierConfiguration, mailTo: string | null): Promise<void> {
  const delivery = deliveryOf(settings);
  try {
    if (settings.transport.kind === 'smtp') await delivery.check();
    if (mailTo !== null) {
      const letter = { to: { name: '', address: mailTo }, title: 'A test of Portcullis', text: TEST, html: `<p>${TEST}</p>` };
      await delivery.deliver(randomUUID(), letter);
    }
    process.stdout.write(`${describePlace(settings)} ${mailTo === null ? 'takes mail' : `took a mail to ${mailTo}`}\n`);
  } catch (error) {
    process.stderr.write(`${describePlace(settings)}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
