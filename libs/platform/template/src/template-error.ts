export interface TemplateErrorOptions extends ErrorOptions {
  readonly line?: number;
  readonly following?: readonly TemplateError[];
}

/** A template that cannot be read, or asks for what is not there. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly code = 'TEMPLATE';
  /** Where in the template, from 1. */
  readonly line: number | undefined;
  /** Others of the same template, where several were found at once. */
  readonly following: readonly TemplateError[];

  constructor(message: string, { line, following = [], ...options }: TemplateErrorOptions = {}) {
    super(message, options);
    this.line = line;
    this.following = following;
  }
}

/** Runs what reads or renders at a line; what it throws without a line gets this one. */
export function atLine<T>(line: number, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof TemplateError) || cause.line !== undefined) throw cause;
    throw new TemplateError(cause.message, { cause, line });
  }
}
