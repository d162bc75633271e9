import { SESSION_SEAL_PURPOSE, sessionRecord, type SessionKeys, type SessionRecord } from '@portcullis/contracts-session';
import { createKeyRing, type KeyRing } from '@portcullis/platform-seal';

/** Records as they lie in Redis: sealed, each bound to its own key. */
export class SealedRecords {
  readonly #ring: KeyRing;

  constructor(
    private readonly keys: SessionKeys,
    secrets: readonly string[],
    private readonly onUnreadable: (hash: string, error: unknown) => void,
  ) {
    this.#ring = createKeyRing(secrets, SESSION_SEAL_PURPOSE);
  }

  seal(hash: string, record: SessionRecord): Buffer {
    return this.#ring.seal(Buffer.from(JSON.stringify(record)), this.keys.session(hash));
  }

  /** null: altered, moved here from another key, of a secret or a version that is not known. */
  open(hash: string, sealed: Buffer): SessionRecord | null {
    try {
      return sessionRecord.parse(JSON.parse(this.#ring.open(sealed, this.keys.session(hash)).toString()));
    } catch (error) {
      this.onUnreadable(hash, error);
      return null;
    }
  }
}
