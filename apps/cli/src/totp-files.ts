import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { TotpImport } from '@portcullis/contracts-identity';
import { readFileSync } from 'node:fs';
import { Failure } from './failure.js';

/** The file that Authelia exports and imports (reference 6.5): the secret is base64 of its base32 text. */
const file = z.object({
  totp_configurations: z
    .array(
      z.object({
        created_at: z.coerce.date().nullish(),
        last_used_at: z.coerce.date().nullish(),
        username: z.string().min(1),
        issuer: z.string(),
        algorithm: z.enum(['SHA1', 'SHA256', 'SHA512']),
        digits: z.number().int(),
        period: z.number().int(),
        secret: z.string(),
      }),
    )
    .min(1),
});

export interface ExportedDevice {
  readonly username: string;
  readonly issuer: string;
  readonly algorithm: string;
  readonly digits: number;
  readonly periodS: number;
  readonly secret: string;
  readonly createdAtMs?: number | undefined;
  readonly lastUsedAtMs?: number | null | undefined;
}

export function writeDevices(devices: readonly ExportedDevice[]): string {
  const date = (ms: number | null | undefined): Date | null => (ms === null || ms === undefined ? null : new Date(ms));
  return stringify({
    totp_configurations: devices.map(({ username, issuer, algorithm, digits, periodS, secret, createdAtMs, lastUsedAtMs }) => ({
      created_at: date(createdAtMs),
      last_used_at: date(lastUsedAtMs),
      ...{ username, issuer, algorithm, digits, period: periodS, secret: Buffer.from(secret).toString('base64') },
    })),
  });
}

/** The devices in a file that was exported, here or by Authelia; a Failure names what is wrong with it. */
export function readDevices(path: string): TotpImport[] {
  return readExport(path, file, 'TOTP configurations').totp_configurations.map((device) => ({
    username: device.username,
    issuer: device.issuer,
    algorithm: device.algorithm,
    digits: device.digits,
    periodS: device.period,
    secret: Buffer.from(device.secret, 'base64').toString(),
    createdAtMs: device.created_at?.getTime() ?? null,
    lastUsedAtMs: device.last_used_at?.getTime() ?? null,
  }));
}

/** A YAML file of a shape; `what` it should hold is for the message. */
export function readExport<S extends z.ZodType>(path: string, shape: S, what: string): z.output<S> {
  const parsed = shape.safeParse(contentOf(path));
  if (parsed.success) return parsed.data;
  throw new Failure(`${path} holds no exported ${what} that can be read; nothing was imported.\n${z.prettifyError(parsed.error)}`);
}

function contentOf(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8')) as unknown;
  } catch (error) {
    throw new Failure(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
