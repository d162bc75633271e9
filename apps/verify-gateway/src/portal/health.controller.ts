import { ok } from '@portcullis/contracts-portal-api';
import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Readiness } from '../readiness.js';

/** `/api/health` says that the process lives, as Authelia's does; `/health/ready` that a verify would be answered now. */
@Controller()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('api/health')
  live() {
    return ok();
  }

  @Get('health/ready')
  ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const { ok: isReady, reasons } = this.readiness.state();
    reply.status(isReady ? 200 : 503);
    return { status: isReady ? 'ready' : 'not ready', reasons };
  }
}
