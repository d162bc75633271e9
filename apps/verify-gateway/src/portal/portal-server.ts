import fastifyStatic from '@fastify/static';
import { inRequest } from '@portcullis/platform-rpc';
import { type Logger, nestLogger } from '@portcullis/platform-telemetry';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BODY_LIMIT_BYTES } from './body.js';
import { requestIdOf } from '../verify/request-id.js';
import { setSecurityHeaders } from './security-headers.js';

export interface PortalServer {
  readonly application: NestFastifyApplication;
  readonly handle: (req: IncomingMessage, res: ServerResponse) => void;
}

/**
 * Nest on Fastify without a listener of its own: the bare listener hands over what is not a verify. Bodies stay bytes, so that each
 * route says what it takes; `/x/` is `/x`; with a sub-path every route answers with and without it.
 * @param assets the folder of the built pages' files; null: there are none
 * @param prepare may add hooks of its own
 */
export async function createPortalServer(
  module: DynamicModule,
  subPath: string,
  logger: Logger,
  assets: string | null,
  prepare: (fastify: FastifyInstance) => void = () => undefined,
): Promise<PortalServer> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: false },
    genReqId: idOf,
    frameworkErrors: refuseUrl,
    rewriteUrl: ({ url = '/' }) => withoutSubPath(url, subPath),
  });
  const application = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    logger: nestLogger(logger),
    abortOnError: false,
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  // What is asked of other services carries the number of the request.
  fastify.addHook('onRequest', ({ id }, _reply, done) => {
    inRequest({ requestId: id, sender: null }, done);
  });
  // What was typed does not lie about in a buffer until another request overwrites it.
  fastify.addHook('onResponse', ({ body }, _reply, done) => {
    if (Buffer.isBuffer(body)) body.fill(0);
    done();
  });
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    setSecurityHeaders(reply);
    done();
  });
  prepare(fastify);
  if (assets !== null) serveAssets(fastify, assets);
  await application.init();
  await fastify.ready();
  return {
    application,
    handle: (req, res) => {
      fastify.routing(req, res);
    },
  };
}

/** The names carry a hash of what is in the file: a browser need never ask again. */
function serveAssets(fastify: FastifyInstance, root: string): void {
  const kept = { cacheControl: true, immutable: true, maxAge: '365d' };
  void fastify.register(fastifyStatic, {
    root,
    prefix: '/assets/',
    preCompressed: true,
    decorateReply: false,
    index: false,
    dotfiles: 'ignore',
    ...kept,
  });
}

/** An address that cannot be decoded, or with a parameter that is too long to be one of ours: no route and no hook is reached. */
function refuseUrl({ code }: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  setSecurityHeaders(reply);
  const [status, text] = code === 'FST_ERR_BAD_URL' ? [400, '400 Bad Request'] : [404, '404 Not Found'];
  void reply.status(status).type('text/plain; charset=utf-8').send(text);
}

/** The proxy's number of the request, so that what a page quotes stands in every log. */
function idOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return requestIdOf(typeof given === 'string' ? given : undefined);
}

function withoutSubPath(url: string, subPath: string): string {
  if (subPath === '' || !url.startsWith(subPath)) return url;
  const rest = url.slice(subPath.length);
  return rest === '' ? '/' : rest.startsWith('/') ? rest : rest.startsWith('?') ? `/${rest}` : url;
}
