import { hash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { orUnavailable } from './redis-unavailable.js';

export interface Script {
  readonly name: string;
  readonly lua: string;
  readonly sha: string;
  /** The same for a Redis before 7, which knows no flags. */
  readonly withoutFlags?: Script;
}

export type ScriptArgument = string | number | Buffer;

/** `allowOom` lets the script write while Redis is over its `maxmemory`: only for writes that are few and go by themselves. Needs Redis 7. */
export function script(name: string, lua: string, { allowOom = false }: { readonly allowOom?: boolean } = {}): Script {
  const plain = { name, lua, sha: hash('sha1', lua) };
  return allowOom ? { ...script(name, `#!lua flags=allow-oom\n${lua}`), withoutFlags: plain } : plain;
}

/** EVALSHA, and EVAL where Redis does not know the script (any more). Fails as orUnavailable does. */
export function runScript(redis: Redis, script: Script, keys: readonly string[], args: readonly ScriptArgument[]): Promise<unknown> {
  return orUnavailable(evaluate(redis, script, keys, args, 'string'));
}

/** The same with every string of the reply as a Buffer. */
export function runScriptBuffer(redis: Redis, script: Script, keys: readonly string[], args: readonly ScriptArgument[]): Promise<unknown> {
  return orUnavailable(evaluate(redis, script, keys, args, 'buffer'));
}

type Strings = 'string' | 'buffer';
const knowsNoFlags = new WeakSet<Redis>();

async function evaluate(redis: Redis, script: Script, keys: readonly string[], args: readonly ScriptArgument[], as: Strings): Promise<unknown> {
  const { lua, sha, withoutFlags } = knowsNoFlags.has(redis) ? (script.withoutFlags ?? script) : script;
  const rest = [keys.length, ...keys, ...args];
  const call = (command: string, text: string): Promise<unknown> =>
    as === 'buffer' ? redis.callBuffer(command, text, ...rest) : redis.call(command, text, ...rest);
  try {
    return await call('EVALSHA', sha);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
  }
  try {
    return await call('EVAL', lua);
  } catch (error) {
    if (withoutFlags === undefined || !isCompileError(error)) throw error;
    knowsNoFlags.add(redis);
    return evaluate(redis, script, keys, args, as);
  }
}

const isCompileError = (error: unknown): boolean => error instanceof Error && error.message.includes('Error compiling script');

/** Redis' own clock, milliseconds since 1970. */
export async function redisTimeMs(redis: Redis): Promise<number> {
  const [seconds, microseconds] = await orUnavailable(redis.time());
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
}
