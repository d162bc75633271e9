export type DigestsErrorCode =
  /** No slot in time: try again in a moment. */
  | 'DIGESTS_BUSY'
  /** Not a digest this package checks. */
  | 'DIGESTS_UNSUPPORTED'
  /** A new password of which the digest would keep only the beginning. */
  | 'DIGESTS_PASSWORD_TOO_LONG';

export class DigestsError extends Error {
  override readonly name = 'DigestsError';

  constructor(
    readonly code: DigestsErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
