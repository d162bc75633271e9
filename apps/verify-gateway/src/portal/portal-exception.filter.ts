import { type Answer, ko } from '@portcullis/contracts-portal-api';
import type { Logger } from '@portcullis/platform-telemetry';
import { RpcFault } from '@portcullis/platform-rpc';
import { RedisUnavailable } from '@portcullis/platform-redis';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SessionsUnavailable } from '../sessions/session-reader.js';
import { languageOf } from './language.js';
import { baseOf } from './page-exchange.js';
import type { PortalParts } from './portal-parts.js';
import { PortalRefusal, unavailable } from './portal-refusal.js';
import { readsPages } from './refusal-page.js';

/** A refusal is answered as it says; a store or a service that is away is 503; whatever else went wrong is ours, is logged, and is 500. */
@Catch()
export class PortalExceptionFilter implements ExceptionFilter {
  constructor(
    private readonly parts: PortalParts,
    private readonly logger: Logger,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const refusal = this.#refusal(error, request);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    void reply.status(refusal.status).headers(refusal.headers).header('X-Request-Id', request.id);
    if (readsPages(request.headers.accept)) this.#showPage(request, reply, refusal);
    else void reply.type(typeOf(refusal.body)).send(refusal.body);
  }

  /** The number on the page stands in the log, whatever the reason. */
  #showPage(request: FastifyRequest, reply: FastifyReply, { status, body }: PortalRefusal): void {
    const { refusals, settings } = this.parts;
    const { method, headers, id } = request;
    if (status < 500) this.logger.info('A page was refused', { ...fieldsOf(request), status, reason: reasonOf(body) });
    const home = { href: `${baseOf(request, this.parts)}/`, label: 'home' } as const;
    const page = refusals.render({
      status,
      requestId: id,
      language: languageOf(headers.cookie, headers['accept-language']),
      back: status === 421 ? null : status >= 500 && method === 'GET' ? { href: '', label: 'again' } : home,
      places: status === 421 ? settings.domains.flatMap(({ portalUrl }) => portalUrl ?? []) : [],
    });
    void reply.type('text/html; charset=utf-8').header('Content-Security-Policy', refusals.policy).send(page);
  }

  #refusal(error: unknown, request: FastifyRequest): PortalRefusal {
    if (error instanceof PortalRefusal) return error;
    if (error instanceof HttpException)
      return error.getStatus() === 404 ? unknownRoute(request) : new PortalRefusal(error.getStatus(), plain(error.getStatus()));
    const status = statusOf(error);
    if (status !== null) return new PortalRefusal(status, ko(status === 413 ? 'The body is too large.' : 'The request is malformed.'));
    const fields = { ...fieldsOf(request), error: describe(error) };
    if (error instanceof RpcFault || error instanceof RedisUnavailable || error instanceof SessionsUnavailable) {
      this.logger.error('Request cannot be answered: a service is away or busy', fields);
      return unavailable();
    }
    this.logger.error('Request failed by a fault of ours', fields);
    return new PortalRefusal(500, ko('Something went wrong on our side; it was logged.'));
  }
}

const fieldsOf = ({ method, url, id }: FastifyRequest) => ({ method, path: url.split('?', 1)[0], request_id: id });
const reasonOf = (body: Answer<unknown> | string): string | undefined =>
  typeof body === 'string' ? body : body.status === 'KO' ? body.message : undefined;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'] as const;

/** 405 with Allow where the path is one of ours, else 404: never the portal's page with 200 (house.md, Trust). */
function unknownRoute({ url, server }: FastifyRequest): PortalRefusal {
  const path = (url.split('?', 1)[0] ?? '').replace(/(?<=.)\/$/, '');
  // The one parameter that our routes have is a last segment.
  const patterns = [path, path.replace(/[^/]+$/, ':id')];
  const allowed = METHODS.filter((method) => patterns.some((pattern) => server.hasRoute({ method, url: pattern })));
  return allowed.length > 0 ? new PortalRefusal(405, plain(405), { Allow: allowed.join(', ') }) : new PortalRefusal(404, plain(404));
}

const typeOf = (body: Answer<unknown> | string): string =>
  typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
const REASONS: Readonly<Record<number, string>> = { 400: 'Bad Request', 404: 'Not Found', 405: 'Method Not Allowed', 413: 'Payload Too Large' };
const plain = (status: number): string => `${status} ${REASONS[status] ?? 'Error'}`;
const describe = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));

/** The framework's own refusals of a request (body too large, bad length) carry a 4xx. */
function statusOf(error: unknown): number | null {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null;
}
