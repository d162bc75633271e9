import type { FastifyReply } from 'fastify';

/** On every answer of whatever kind (portal.md, headers); a page brings its own Content-Security-Policy. */
const HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  'X-Frame-Options': 'DENY',
  'X-DNS-Prefetch-Control': 'off',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy':
    'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=(), interest-cohort=()',
  'Content-Security-Policy': "default-src 'none'",
};

/** Nothing is kept by a browser or a proxy unless its route says so. */
const NOT_KEPT: Readonly<Record<string, string>> = { Pragma: 'no-cache', 'Cache-Control': 'no-store' };

export function setSecurityHeaders(reply: FastifyReply): void {
  if (!reply.hasHeader('Cache-Control')) reply.headers(NOT_KEPT);
  for (const [name, value] of Object.entries(HEADERS)) if (!reply.hasHeader(name)) reply.header(name, value);
}
