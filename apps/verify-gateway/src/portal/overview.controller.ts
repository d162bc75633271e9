import { type historyData, ok, type overviewData } from '@portcullis/contracts-portal-api';
import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { sitesOf } from './overview.js';
import { PortalParts } from './portal-parts.js';

const MAX_ATTEMPTS = 50;

/** Who I am, where I may go, and what was tried with my account. */
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

  @Get('history')
  async history(@Req() request: FastifyRequest) {
    const { session } = this.parts.visits.signedIn(await this.parts.visits.open(request));
    const { attempts } = await this.parts.identity.listAttempts({ username: session.subject.username, limit: MAX_ATTEMPTS });
    const data: z.output<typeof historyData> = {
      attempts: attempts.map(({ atMs, ip, ...attempt }) => ({ at: new Date(atMs).toISOString(), ...attempt, remote_ip: ip })),
    };
    return ok(data);
  }
}
