import type { overviewData } from '@portcullis/contracts-portal-api';
import { decide, namedHosts } from '@portcullis/domain-policy';
import { hostInScope, parseTarget } from '@portcullis/domain-redirection';
import { setImmediate as otherWork } from 'node:timers/promises';
import type { z } from 'zod';
import type { PortalParts } from './portal-parts.js';
import type { SignedInVisit } from './visit.js';

type Site = z.output<typeof overviewData>['sites'][number];

const MAX_SITES = 200;
/** How many hosts are judged at a time, while verifies wait. */
const HOSTS_AT_A_TIME = 200;

/** The sites that rules name and this person may open at `/`, from where they are now. */
export async function sitesOf({ settings, live }: PortalParts, { session, origin }: SignedInVisit): Promise<readonly Site[]> {
  const { policy } = live;
  const portals = new Set([origin.host, ...settings.domains.map(({ portalUrl }) => parseTarget(portalUrl ?? '')?.host)]);
  const isOurs = (host: string): boolean => !portals.has(host) && settings.domains.some(({ domain }) => hostInScope(host, domain));
  const sites: Site[] = [];
  for (const [index, host] of namedHosts(policy).filter(isOurs).entries()) {
    if (sites.length === MAX_SITES) break;
    if (index % HOSTS_AT_A_TIME === HOSTS_AT_A_TIME - 1) await otherWork();
    const decision = decide(policy, { host, path: '/', query: '', method: 'GET', ip: origin.ip }, session.subject);
    if (decision.policy !== 'deny') sites.push({ host, policy: decision.policy });
  }
  return sites;
}
