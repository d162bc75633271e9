/**
 * The headers the gate reads, found in one pass over the raw ones: no object per request, every repetition seen.
 * Reading is not believing: only target.ts turns forwarded headers into a target.
 */
const NAMES = [
  'host',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-uri',
  'x-forwarded-method',
  'x-forwarded-for',
  'x-original-url',
  'x-original-method',
  'x-authelia-url',
  'authorization',
  'proxy-authorization',
  'cookie',
  'accept',
  'x-requested-with',
  'session-username',
  'x-request-id',
] as const;
export type HeaderName = (typeof NAMES)[number];
/** Where each header's value lies: `head.get(SLOT.host)`. */
export const SLOT = Object.fromEntries(NAMES.map((name, slot) => [name, slot])) as Readonly<Record<HeaderName, number>>;

const IGNORED = -1;
const FORGED = -2;
/** Repeating one of these is harmless: the first counts (`accept`), or all of them together (`cookie`). */
const REPEATABLE: ReadonlySet<string> = new Set(['accept', 'cookie', 'x-requested-with', 'x-request-id']);
const IDENTITY_HEADERS: ReadonlySet<string> = new Set(['remote-user', 'remote-groups', 'remote-name', 'remote-email']);
const MAX_SPELLINGS = 4096;
/** A longer name is none of these, and becomes none: it is not remembered, for whatever a client makes up would stay. */
const LONGEST_NAME = Math.max(...[...NAMES, ...IDENTITY_HEADERS].map(({ length }) => length));

/** Names that a backend may fold into one of the four identity headers (attack 7): `Remote_User`, `Remote.User`, and for CGI `Remote!User` as well. */
function isForgedAlias(lower: string): boolean {
  return !IDENTITY_HEADERS.has(lower) && IDENTITY_HEADERS.has(lower.replaceAll(/[^a-z0-9]/g, '-'));
}

export class RequestHead {
  /** Set when a header that may come once came twice. */
  repeated = false;
  /** Set when a header would become an identity header after folding. */
  forged = false;
  readonly #values = new Array<string | undefined>(NAMES.length).fill(undefined);
  readonly #slots = new Map<string, number>(NAMES.map((name, slot) => [name, slot]));
  /** What stood at each place of the last request, and its slot: a proxy sends its headers in the same order again and again. */
  readonly #lastNames: string[] = [];
  readonly #lastSlots: number[] = [];

  /** @param ownScheme of this gate's own listener */
  constructor(readonly ownScheme: 'http' | 'https' = 'http') {}

  /** @param raw `IncomingMessage.rawHeaders`: name, value, name, value, … */
  read(raw: readonly string[]): void {
    for (let slot = 0; slot < NAMES.length; slot++) this.#values[slot] = undefined;
    this.repeated = false;
    this.forged = false;
    for (let i = 0; i + 1 < raw.length; i += 2) {
      const name = raw[i] as string;
      const slot = this.#lastNames[i >> 1] === name ? (this.#lastSlots[i >> 1] as number) : this.#learn(i >> 1, name);
      if (slot === IGNORED) continue;
      if (slot === FORGED) this.forged = true;
      else this.#put(slot, raw[i + 1] as string);
    }
  }

  /** The value of the header at that slot; repeated cookies are joined as one line. */
  get(slot: number): string | undefined {
    return this.#values[slot];
  }

  #put(slot: number, value: string): void {
    const before = this.#values[slot];
    if (before === undefined) this.#values[slot] = value;
    else if (!REPEATABLE.has(NAMES[slot] as string)) this.repeated = true;
    else if (NAMES[slot] === 'cookie') this.#values[slot] = `${before}; ${value}`;
  }

  #learn(place: number, name: string): number {
    const slot = this.#slotOf(name);
    this.#lastNames[place] = name;
    this.#lastSlots[place] = slot;
    return slot;
  }

  /** Spellings seen are remembered, so that the usual ones cost one lookup; the memory is bounded. */
  #slotOf(name: string): number {
    if (name.length > LONGEST_NAME) return IGNORED;
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const lower = name.toLowerCase();
    const slot = this.#slots.get(lower) ?? (isForgedAlias(lower) ? FORGED : IGNORED);
    if (this.#slots.size >= MAX_SPELLINGS) this.#forget();
    this.#slots.set(name, slot);
    return slot;
  }

  #forget(): void {
    this.#slots.clear();
    NAMES.forEach((name, slot) => this.#slots.set(name, slot));
  }
}
