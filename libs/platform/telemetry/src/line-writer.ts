/** Where lines go. `write` must not block and calls back exactly once, with an error when the chunk is lost. */
export interface LineSink {
  write(chunk: string, done: (error?: Error | null) => void): void;
  /** The last words of a process that is about to exit; must not hang on a stuck reader. */
  writeLast(chunk: string): void;
}

export interface LineWriterOptions {
  readonly sink: LineSink;
  /** What may wait in memory while the reader is slow. */
  readonly maxCharacters: number;
  /** The line that tells the reader how many lines are missing. */
  readonly dropNotice: (lines: number) => string;
}

/**
 * A bounded buffer before a sink. Lines of one turn of the event loop leave as one chunk, one chunk is under way at a time,
 * and a line that finds the buffer full is dropped and counted: whoever logs never waits.
 */
export class LineWriter {
  readonly #options: LineWriterOptions;
  #waiting: string[] = [];
  #waitingCharacters = 0;
  #scheduled = false;
  #busy = false;
  #dropped = 0;
  #untold = 0;
  #onIdle: (() => void)[] = [];

  constructor(options: LineWriterOptions) {
    this.#options = options;
  }

  get dropped(): number {
    return this.#dropped;
  }

  push(line: string): void {
    if (this.#waitingCharacters + line.length > this.#options.maxCharacters) {
      this.#drop(1);
      return;
    }
    this.#waiting.push(line);
    this.#waitingCharacters += line.length;
    if (this.#busy || this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#send();
    });
  }

  /** Resolves once everything pushed so far is written or dropped. */
  idle(): Promise<void> {
    if (!this.#busy && this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  flushLast(): void {
    if (this.#waiting.length > 0) this.#options.sink.writeLast(this.#take());
  }

  #send(): void {
    if (this.#busy || this.#waiting.length === 0) return;
    const lines = this.#waiting.length;
    const untold = this.#untold;
    const chunk = untold > 0 ? this.#take() + this.#options.dropNotice(untold) : this.#take();
    this.#busy = true;
    this.#options.sink.write(chunk, (error) => {
      this.#busy = false;
      if (error) this.#drop(lines);
      else this.#untold -= untold;
      if (this.#waiting.length > 0) this.#send();
      else
        this.#onIdle.splice(0).forEach((resolve) => {
          resolve();
        });
    });
  }

  #drop(lines: number): void {
    this.#dropped += lines;
    this.#untold += lines;
  }

  #take(): string {
    const chunk = this.#waiting.join('');
    this.#waiting = [];
    this.#waitingCharacters = 0;
    return chunk;
  }
}
