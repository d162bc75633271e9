import { once } from 'node:events';
import type { Server } from 'node:net';
import { portHolder } from './port-holder.js';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The key or variable a person changes when the port is taken, for the message. */
  readonly setting: string;
  /** Together with others that ask for the same: on Linux and the BSDs. */
  readonly reusePort?: boolean | undefined;
}

/** A port that cannot be had: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL` or `ENOTSUP`, with what to change in the message. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  constructor(
    readonly code: string,
    message: string,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

function explain(code: string | undefined, { host, port, setting }: ListenOptions): string | undefined {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  if (code === 'EADDRINUSE') {
    const holder = portHolder(port);
    return `${address} is taken${holder === undefined ? '' : ` by ${holder}`}; end that process or set ${setting} to another port`;
  }
  if (code === 'EACCES') return `${address} may not be used by this user; set ${setting} to a port above 1023`;
  if (code === 'EADDRNOTAVAIL') return `${address} is not an address of this machine; set ${setting} to one that is`;
  if (code === 'ENOTSUP') return `this system does not let processes share ${address}; give each a port of its own`;
  return undefined;
}

/** Listens and resolves to the port. Rejects with a ListenError, or with the system's error where there is nothing to advise. */
export async function listen(server: Server, options: ListenOptions): Promise<number> {
  const listening = once(server, 'listening');
  server.listen({ host: options.host, port: options.port, reusePort: options.reusePort ?? false });
  try {
    await listening;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
    const message = explain(code, options);
    throw code !== undefined && message !== undefined ? new ListenError(code, message, cause) : cause;
  }
  const address = server.address();
  return typeof address === 'object' && address ? address.port : options.port;
}
