/** Redis came back from somewhere, or has just lost its epoch: until the endings in force are replayed, no session counts. */
export class EndingsNotReplayed extends Error {
  override readonly name = 'EndingsNotReplayed';
  readonly code = 'ENDINGS_NOT_REPLAYED';

  constructor() {
    super('the endings of sessions are not replayed on this Redis yet');
  }
}
