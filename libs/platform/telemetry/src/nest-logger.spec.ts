import { describe, expect, it } from 'vitest';
import type { LogFields, LogLevel } from './log-line.js';
import type { Logger, WriteLog } from './logger.js';
import { nestLogger } from './nest-logger.js';

function recorder(): { readonly logger: Logger; readonly lines: [LogLevel, string, LogFields | undefined][] } {
  const lines: [LogLevel, string, LogFields | undefined][] = [];
  const write =
    (level: LogLevel): WriteLog =>
    (message, fields) => {
      lines.push([level, message, fields]);
    };
  const logger: Logger = {
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    trace: write('trace'),
    enabled: () => true,
    reopen: () => undefined,
    dropped: () => 0,
    flush: () => Promise.resolve(),
  };
  return { logger, lines };
}

describe('nestLogger', () => {
  it('names the component that speaks and keeps Nest’s own start for debugging', () => {
    const { logger, lines } = recorder();
    nestLogger(logger).log('Nest application successfully started', 'NestApplication');
    expect(lines).toEqual([['debug', 'Nest application successfully started', { component: 'NestApplication', stack: undefined }]]);
  });

  it('keeps the stack of an error, given apart or in the error', () => {
    const { logger, lines } = recorder();
    const failure = new Error('boom');
    nestLogger(logger).error('boom', 'Error: boom\n at x', 'Exceptions');
    nestLogger(logger).error(failure, 'Exceptions');
    expect(lines).toEqual([
      ['error', 'boom', { component: 'Exceptions', stack: 'Error: boom\n at x' }],
      ['error', 'boom', { component: 'Exceptions', stack: failure.stack }],
    ]);
  });

  it('prints an object on one line', () => {
    const { logger, lines } = recorder();
    nestLogger(logger).warn({ a: 1, b: ['x'] });
    expect(lines[0]?.[1]).toBe("{ a: 1, b: [ 'x' ] }");
  });
});
