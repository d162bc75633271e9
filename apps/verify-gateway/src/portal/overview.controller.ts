import { ok, type overviewData } from '@portcullis/contracts-portal-api';
import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { sitesOf } from './overview.js';
import { PortalParts } from './portal-parts.js';

/** Who I am, and where I may go. */
@Controller('api/user')
export class OverviewController {
  constructor(private readonly parts: PortalParts) {}

  @Get('overview')
  async overview(@Req() request: FastifyRequest) {
    const visit = this.parts.visits.signedIn(await this.parts.visits.open(request));
    const { username, displayName, groups } = visit.session.record.profile;
    const data: z.output<typeof overviewData> = { username, display_name: displayName, groups, sites: [...(await sitesOf(this.parts, visit))] };
    return ok(data);
  }
}
