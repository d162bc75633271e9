/** Exit codes: 0 done, and these. What stands in `unable` is mended by the operator, in `usage` by whoever typed, in `fault` by us. */
export const EXIT = { unable: 1, usage: 2, fault: 70, interrupted: 130 } as const;

/** Ends a command with a message for people. An empty one: all was said already. */
export class Failure extends Error {
  override readonly name = 'Failure';
  constructor(
    message: string,
    readonly exitCode: number = EXIT.unable,
  ) {
    super(message);
  }
}

/** The command was not typed as it wants to be. */
export const misused = (message: string): Failure => new Failure(`${message}\n(add --help for what it takes)`, EXIT.usage);
