import type { LoggerService } from '@nestjs/common';
import { inspect } from 'node:util';
import type { LogFields } from './log-line.js';
import type { Logger, WriteLog } from './logger.js';

function text(message: unknown): string {
  if (typeof message === 'string') return message;
  return message instanceof Error ? message.message : inspect(message, { depth: 3, breakLength: Infinity });
}

/** Nest passes its context last, and a stack before it where it has one. */
function fieldsOf(message: unknown, rest: readonly unknown[]): LogFields {
  const context = rest.at(-1);
  const before = rest.length > 1 ? rest[0] : undefined;
  const stack = message instanceof Error ? message.stack : before;
  return { component: typeof context === 'string' ? context : undefined, stack: typeof stack === 'string' ? stack : undefined };
}

/** Nest's own messages in our log. What Nest calls `log` is how it puts itself together: debug to an operator. */
export function nestLogger(logger: Logger): LoggerService {
  const forward =
    (write: WriteLog) =>
    (message: unknown, ...rest: unknown[]): void => {
      write(text(message), fieldsOf(message, rest));
    };
  return {
    log: forward(logger.debug),
    error: forward(logger.error),
    warn: forward(logger.warn),
    debug: forward(logger.debug),
    verbose: forward(logger.trace),
    fatal: forward(logger.error),
  };
}
