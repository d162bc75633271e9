import { z } from 'zod';
import { texts } from './raw.js';
import { defineSection, type Section } from './section.js';
import type { RpcConfiguration } from './values.js';

const schema = z.object({ rpc: z.object({ secret: texts }).optional() });

/** `rpc.secret`: seals what the services say to each other. Ours. */
export const rpcSection: Section<RpcConfiguration> = defineSection(schema, ({ rpc = {} }, report) => {
  const secrets = rpc.secret ?? [];
  secrets.forEach((secret, index) => {
    report.secret(secrets.length === 1 ? 'rpc.secret' : `rpc.secret[${index}]`, secret, 20);
  });
  return { secrets };
});
