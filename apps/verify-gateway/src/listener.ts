import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { ServerTls } from '@portcullis/platform-tls';
import { GateRequest } from './gate-request.js';
import type { Routes } from './verify/routes.js';
import type { Verify } from './verify/verify.js';

export interface ListenerOptions {
  readonly routes: Routes;
  readonly verify: Verify;
  /** Everything that is not a verify: the portal. */
  readonly portal: (req: IncomingMessage, res: ServerResponse) => void;
  /** Authelia `server.timeouts` and `server.buffers.read`, milliseconds and bytes. */
  readonly readTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxHeaderBytes: number;
  /** Absent: in the clear. */
  readonly tls?: ServerTls | undefined;
  readonly onFault: (error: unknown) => void;
}

/** The bare listener: verifies are answered here, before any framework; only the rest goes on to it. */
export function createListener({ routes, verify, portal, onFault, tls, ...limits }: ListenerOptions): Server | TlsServer {
  const fail = (res: ServerResponse, error: unknown): void => {
    onFault(error);
    failClosed(res);
  };
  const options = {
    IncomingMessage: GateRequest,
    // A request without a body ends with its head: no stream is set up to find that out.
    optimizeEmptyRequests: true,
    maxHeaderSize: limits.maxHeaderBytes,
    requestTimeout: limits.readTimeoutMs,
    headersTimeout: limits.readTimeoutMs,
    // Node looks every half minute by default: whoever sends slowly would hold a connection that much longer.
    connectionsCheckingInterval: LOOK_EVERY_MS,
    keepAliveTimeout: limits.idleTimeoutMs,
  };
  const answer = (req: GateRequest, res: ServerResponse): void => {
    try {
      if (req.rawHeaders.length > 2 * MAX_HEADERS) {
        tooManyHeaders(res);
        return;
      }
      const route = routes.match(req.url ?? '/');
      if (route === null) {
        req.unfold();
        portal(req, res);
      } else verify.handle(req, res, route)?.catch(fail.bind(null, res));
    } catch (error) {
      fail(res, error);
    }
  };
  const server =
    tls === undefined
      ? createServer(options, answer)
      : createTlsServer({ ...options, ...tls.options, handshakeTimeout: limits.readTimeoutMs }, answer);
  server.maxRequestsPerSocket = 0;
  // By default some versions of Node drop the headers beyond a count without a word: a client could push out the proxy's own.
  server.maxHeadersCount = 0;
  return server;
}

/** How often it is looked for requests that are not read in time. */
const LOOK_EVERY_MS = 1000;

/** Far more than any browser and proxy send together. */
const MAX_HEADERS = 256;

/** RFC 6585 section 5. */
function tooManyHeaders(res: ServerResponse): void {
  res.writeHead(431, ['Content-Length', '0', 'Cache-Control', 'no-store']).end();
}

/** A fault of ours is a refusal, never an answer that reads as "allow". */
function failClosed(res: ServerResponse): void {
  if (res.headersSent) res.destroy();
  else res.writeHead(500, ['Content-Length', '0', 'Cache-Control', 'no-store']).end();
}
