import { Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { languageOf } from './language.js';
import { PortalParts } from './portal-parts.js';
import { readsPages } from './refusal-page.js';

/**
 * What a proxy shows in the place of an application that the gate does not open. It asks here for the page and keeps the status; no session
 * is looked at, so that nothing can be learnt here.
 */
@Controller('error')
export class ErrorPagesController {
  constructor(private readonly parts: PortalParts) {}

  @Get('403')
  forbidden(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const portalUrl = this.parts.visits.domainAt(request)?.portalUrl ?? null;
    return this.#show(request, reply.status(403), portalUrl === null ? null : { href: portalUrl, label: 'account' });
  }

  @Get('503')
  unavailable(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    // An empty address is that of the page it stands on: the application's own.
    return this.#show(request, reply.status(503).header('Retry-After', '2'), { href: '', label: 'again' });
  }

  #show({ id, headers }: FastifyRequest, reply: FastifyReply, back: { readonly href: string; readonly label: 'account' | 'again' } | null) {
    const { statusCode: status } = reply;
    if (!readsPages(headers.accept))
      return reply.type('text/plain; charset=utf-8').send(status === 403 ? '403 Forbidden' : '503 Service Unavailable');
    const { refusals } = this.parts;
    const language = languageOf(headers.cookie, headers['accept-language']);
    return reply
      .type('text/html; charset=utf-8')
      .header('Content-Security-Policy', refusals.policy)
      .send(refusals.render({ status, requestId: id, language, back }));
  }
}
