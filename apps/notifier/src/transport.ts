/** A notice ready to go. */
export interface Message {
  /** Stable over every try: the mail server or the reader tells doubles by it. */
  readonly id: string;
  readonly to: { readonly name: string; readonly address: string };
  readonly title: string;
  readonly text: string;
  readonly html: string;
}

/** Where notices go (Authelia `notifier.filesystem`, `notifier.smtp`). */
export interface Transport {
  /** Before the first notice: throws where it could not work. */
  check(): Promise<void>;
  /** Resolves when the file is written or the server has taken it; rejects otherwise. */
  deliver(message: Message): Promise<void>;
  close(): void;
}
