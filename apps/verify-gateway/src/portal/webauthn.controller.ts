import { All, Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { PortalParts } from './portal-parts.js';
import { PortalRefusal } from './portal-refusal.js';

const notFound = (): PortalRefusal => new PortalRefusal(404, '404 Not Found');

/** Where security keys will be: guarded as they will be (reference 4.6), and nothing behind. */
@Controller('api/secondfactor/webauthn')
export class WebauthnController {
  constructor(private readonly parts: PortalParts) {}

  @All(['', 'credentials'])
  async assertion(@Req() request: FastifyRequest): Promise<never> {
    this.parts.visits.signedIn(await this.parts.visits.open(request));
    throw notFound();
  }

  @All(['credential/register', 'credential/:id'])
  async credential(@Req() request: FastifyRequest): Promise<never> {
    await this.parts.visits.elevated(await this.parts.visits.open(request), { hasSecondFactor: false, replaces: false });
    throw notFound();
  }
}
