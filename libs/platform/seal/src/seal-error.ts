/**
 * SEAL_CORRUPT: cut short, altered, or sealed with other additional data. SEAL_UNKNOWN_KEY: sealed with a key that is not in the ring.
 * SEAL_VERSION: a layout this version does not know.
 */
export type SealErrorCode = 'SEAL_CORRUPT' | 'SEAL_UNKNOWN_KEY' | 'SEAL_VERSION';

export class SealError extends Error {
  override readonly name = 'SealError';

  constructor(
    readonly code: SealErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
