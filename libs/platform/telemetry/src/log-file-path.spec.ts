import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatLogFilePath } from './log-file-path.js';

describe('formatLogFilePath', () => {
  beforeEach(() => {
    vi.stubEnv('TZ', 'UTC');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.each([
    ['/var/log/authelia.log', '/var/log/authelia.log'],
    ['/var/log/authelia-%d.log', '/var/log/authelia-2026-01-02T03:04:05Z.log'],
    ['/var/log/{datetime}.log', '/var/log/2026-01-02T03:04:05Z.log'],
    ['/var/log/{datetime:2006-01-02}.log', '/var/log/2026-01-02.log'],
  ])('writes %s to %s', (path, expected) => {
    expect(formatLogFilePath(path, new Date('2026-01-02T03:04:05Z'))).toBe(expected);
  });
});
