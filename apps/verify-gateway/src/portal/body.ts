import type { z, ZodObject } from 'zod';
import { malformed, PortalRefusal } from './portal-refusal.js';
import { ko } from '@portcullis/contracts-portal-api';

export const BODY_LIMIT_BYTES = 64 * 1024;

/** What the framework hands over: the raw body and its type. */
export interface RawBody {
  readonly type: string | undefined;
  readonly bytes: Buffer | undefined;
}

/**
 * The body as the schema says, or a 400 that names what is wrong. JSON alone is taken (415): a form of another site cannot send it.
 * @param absent what an empty body stands for, where a route needs none
 */
export function readBody<Schema extends ZodObject>(schema: Schema, raw: RawBody, absent?: unknown): z.output<Schema> {
  const bytes = raw.bytes ?? Buffer.alloc(0);
  if (bytes.length === 0 && absent !== undefined) return parse(schema, absent);
  if (raw.type?.split(';', 1)[0]?.trim().toLowerCase() !== 'application/json') {
    throw new PortalRefusal(415, ko('The body must be application/json.'));
  }
  return parse(schema, json(bytes));
}

function json(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return malformedJson();
  }
}

function malformedJson(): never {
  throw malformed('The body is not JSON.');
}

function parse<Schema extends ZodObject>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(foldKeys(schema, value));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw malformed(`The body is malformed: ${issue?.path.join('.') || 'it'} ${issue?.message ?? 'is invalid'}.`);
}

/** Scripts write field names in any case; the schema's spelling is the one that counts (observed: reference 4.3 accepts them). */
function foldKeys(schema: ZodObject, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const spelling = new Map(Object.keys(schema.shape).map((key) => [key.toLowerCase(), key]));
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [spelling.get(key.toLowerCase()) ?? key, field]));
}
