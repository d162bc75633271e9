import { ok } from '@portcullis/contracts-portal-api';
import { isLanguage } from '@portcullis/domain-portal-texts';
import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AssetName } from './operator-assets.js';
import { askedOf } from './page-exchange.js';
import { portalDataFor } from './portal-data.js';
import { PortalParts } from './portal-parts.js';
import { PortalRefusal } from './portal-refusal.js';

const notFound = (): PortalRefusal => new PortalRefusal(404, '404 Not Found');

/** What a page is opened with, and the operator's own logo, icon and texts. */
@Controller()
export class PortalController {
  constructor(private readonly parts: PortalParts) {}

  @Get('api/portal')
  async data(@Req() request: FastifyRequest) {
    const visit = await this.parts.visits.open(request);
    return ok(await portalDataFor(this.parts, request, visit, askedOf(request)));
  }

  @Get('static/logo.png')
  async logo(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.#send(request, reply, 'logo.png');
  }

  @Get('favicon.ico')
  async icon(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.#send(request, reply, 'favicon.ico');
  }

  @Get('locales/:language/portal.json')
  async texts(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('language') language: string) {
    if (!isLanguage(language)) throw notFound();
    return this.#send(request, reply, `locales/${language}/portal.json`);
  }

  /** Kept by a browser, and asked about each time: a changed file shows at once. */
  async #send(request: FastifyRequest, reply: FastifyReply, name: AssetName) {
    const asset = await this.parts.assets.read(name);
    if (asset === null) throw notFound();
    reply.header('Cache-Control', 'no-cache').header('ETag', asset.etag);
    const known = request.headers['if-none-match']?.split(',').some((tag) => tag.trim() === asset.etag);
    return known === true ? reply.status(304).send() : reply.type(asset.type).send(asset.bytes);
  }
}
