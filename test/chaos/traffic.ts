import { hash } from 'node:crypto';
import { type Client, client as clientOf, http, type HttpResponse, type RunningPortcullis, until } from '../support/index.js';
import { freshAddress, passwordOf, PORTAL_HOST, tryPassword, verifyRequest } from '../attacks/world.js';

const APP = 'https://app.example.com/';
const ADMINS_ONLY = 'https://admin.example.com/';
const PUBLIC = 'https://public.example.com/';

/** What happened to the requests while the fault lasted and after it. */
export interface Tally {
  sent: number;
  /** 2xx to somebody who may not: nobody, one of another group, one who had signed out. */
  wronglyGiven: number;
  /** Of the last: sessions that had ended and opened something again. */
  resurrected: number;
  /** Somebody signed in was told to sign in, and the session was there. */
  sentToSignIn: number;
  /** The same, and the session was gone from Redis: what a flush or a lost write costs. */
  sessionsLost: number;
  /** 503 with Retry-After. */
  unavailable: number;
  /** What is open to everybody was not. */
  bypassRefused: number;
  /** The connection was refused or cut, or nothing came within five seconds. */
  withoutAnswer: number;
  /** An answer that is none of those: a 500, a 503 that does not say when to come back. */
  unexpected: number;
  signIns: number;
  signInsRefused: number;
  slowestMs: number;
  noticesAsked: number;
}

const nothing = (): Tally => ({
  sent: 0,
  wronglyGiven: 0,
  resurrected: 0,
  sentToSignIn: 0,
  sessionsLost: 0,
  unavailable: 0,
  bypassRefused: 0,
  withoutAnswer: 0,
  unexpected: 0,
  signIns: 0,
  signInsRefused: 0,
  slowestMs: 0,
  noticesAsked: 0,
});

const TICK_MS = 25;
const ANSWER_WITHIN_MS = 5000;
/** An ending reaches every gate within this long. */
const ENDINGS_ARRIVE_MS = 1000;
const MOST_IN_FLIGHT = 400;
const MOST_SIGNED_IN = 12;
const MOST_ENDED = 40;

export interface Visitor {
  readonly name: string;
  readonly client: Client;
}

interface Ended {
  readonly client: Client;
  readonly atMs: number;
}

export interface TrafficOptions {
  readonly portcullis: RunningPortcullis;
  /** Who sign in and out all the while. */
  readonly names: readonly string[];
  /** Who each ask once for a link to set a new password. */
  readonly mailed: readonly string[];
  /** The truth: whether the session with this hash is in Redis now. */
  readonly isKept: (hash: string) => Promise<boolean>;
  /** Every so many ticks of 25 ms; a fault that is about other load asks for less. */
  readonly every?: number;
  /** Where a gateway takes no connection, or ends one in the middle of a verify, the next one is asked, as nginx does. */
  readonly elsewhere?: boolean;
}

/** People who browse, sign in, sign out and ask for mail, evenly on every gate, until stopped. */
export class Traffic {
  readonly tally = nothing();
  /** When an answer was last not what it is on a good day, by performance.now(). */
  lastTroubleMs = 0;
  /** When somebody signed in, by the same clock. */
  readonly signedInMs: number[] = [];
  readonly asked: string[] = [];
  readonly #options: TrafficOptions;
  readonly #signedIn: Visitor[] = [];
  readonly #ended: Ended[] = [];
  readonly #problems: string[] = [];
  readonly #refusals: string[] = [];
  #begunMs = 0;
  #stoppedMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  #inFlight = 0;
  #nextName = 0;

  constructor(options: TrafficOptions) {
    this.#options = options;
  }

  /** What was not as it must be, in words, for the one who looks. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** What was answered 503, or not at all, in words. */
  get refusals(): readonly string[] {
    return this.#refusals;
  }

  get seconds(): number {
    return (this.#stoppedMs - this.#begunMs) / 1000;
  }

  /** So many people signed in, and as many who have signed out again. */
  async begin(count = 6): Promise<void> {
    for (let i = 0; i < count; i++) {
      const visitor = await this.#signIn();
      if (visitor === null) throw new Error('nobody can sign in before the fault');
      this.#signedIn.push(visitor);
    }
    for (let i = 0; i < 2; i++) {
      const visitor = await this.#signIn();
      if (visitor === null || !(await this.#signOut(visitor))) throw new Error('nobody can sign out before the fault');
    }
    Object.assign(this.tally, nothing());
    this.#begunMs = performance.now();
    this.#timer = setInterval(() => {
      this.#tick();
    }, TICK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stoppedMs = performance.now();
    await until(() => this.#inFlight === 0, { timeoutMs: 15_000, what: 'the last answers' });
  }

  /** Resolves when the traffic has gone on for so long. */
  async goOn(ms: number): Promise<void> {
    const from = performance.now();
    await until(() => performance.now() - from >= ms, { timeoutMs: ms + 10_000, what: 'the fault to last' });
  }

  /** Whatever has ended must stay so: asked of every gate, once more. */
  async askTheEnded(): Promise<void> {
    for (const ended of this.#ended) for (const base of this.#gateways) await this.#count(() => this.#askEnded(base, ended));
  }

  get #gateways(): readonly string[] {
    return this.#options.portcullis.gateways;
  }

  #tick(): void {
    const { every = 1 } = this.#options;
    const tick = this.#ticks++;
    if (tick % every !== 0 || this.#inFlight >= MOST_IN_FLIGHT) return;
    const round = tick / every;
    const base = this.#gateways[round % this.#gateways.length]!;
    const visitor = this.#signedIn[round % this.#signedIn.length];
    if (visitor) void this.#count(() => this.#browse(base, visitor));
    void this.#count(() => this.#askPublic(base, round % 4 === 0 ? visitor : undefined));
    if (round % 3 === 0) void this.#count(() => this.#askClosed(base, APP));
    if (round % 3 === 1 && visitor) void this.#count(() => this.#askClosed(base, ADMINS_ONLY, visitor));
    const ended = this.#ended[round % (this.#ended.length || 1)];
    if (round % 3 === 2 && ended) void this.#count(() => this.#askEnded(base, ended));
    if (round % 20 === 5) void this.#count(() => this.#comeAndGo());
    if (round % 40 === 10) void this.#count(() => this.#askForMail());
  }

  async #count(act: () => Promise<void>): Promise<void> {
    this.#inFlight++;
    try {
      await act();
    } catch (error) {
      this.#problem(`fault of the scenario itself: ${String(error)}`);
      this.tally.unexpected++;
    } finally {
      this.#inFlight--;
    }
  }

  /** null: nothing came. */
  async #ask(base: string, url: string, as?: Client): Promise<HttpResponse | null> {
    this.tally.sent++;
    const begun = performance.now();
    try {
      const request = { ...verifyRequest(url, as === undefined ? {} : { as }), timeoutMs: ANSWER_WITHIN_MS };
      const answer = await this.#reach(base, (gateway) => http(gateway, request), ['ECONNREFUSED', 'ECONNRESET']);
      this.tally.slowestMs = Math.max(this.tally.slowestMs, performance.now() - begun);
      return answer;
    } catch (error) {
      this.tally.withoutAnswer++;
      this.lastTroubleMs = performance.now();
      this.#note(this.#refusals, `nothing from ${base}: ${String(error)}`);
      return null;
    }
  }

  /** Asks that gateway, and the other where it took no connection; a verify may also be asked twice. */
  async #reach<T>(base: string, ask: (gateway: string) => Promise<T>, again: readonly string[] = ['ECONNREFUSED']): Promise<T> {
    try {
      return await ask(base);
    } catch (error) {
      const other = this.#gateways.find((each) => each !== base);
      if (this.#options.elsewhere !== true || other === undefined || !again.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      return await ask(other);
    }
  }

  async #browse(base: string, visitor: Visitor): Promise<void> {
    const answer = await this.#ask(base, APP, visitor.client);
    if (answer === null || answer.status === 200 || !this.#signedIn.includes(visitor)) return;
    this.lastTroubleMs = performance.now();
    if (this.#isUnavailable(answer, `${visitor.name} at ${base}`)) return;
    if (answer.status !== 302) {
      this.#unexpected(`${visitor.name} was answered ${answer.status}`);
      return;
    }
    this.#signedIn.splice(this.#signedIn.indexOf(visitor), 1);
    if (await this.#options.isKept(hashOf(visitor.client)).catch(() => true)) {
      this.tally.sentToSignIn++;
      this.#problem(`${visitor.name} was sent to sign in by ${base}`);
    } else this.tally.sessionsLost++;
  }

  async #askPublic(base: string, visitor: Visitor | undefined): Promise<void> {
    const answer = await this.#ask(base, PUBLIC, visitor?.client);
    if (answer === null || answer.status === 200) return;
    this.tally.bypassRefused++;
    this.lastTroubleMs = performance.now();
    this.#problem(`bypass was answered ${answer.status}`);
  }

  /** Where whoever asks may never get in. */
  async #askClosed(base: string, url: string, visitor?: Visitor): Promise<void> {
    const answer = await this.#ask(base, url, visitor?.client);
    if (answer !== null) this.#mustRefuse(answer, `${visitor?.name ?? 'nobody'} was let in to ${url}`);
  }

  async #askEnded(base: string, { client, atMs }: Ended): Promise<void> {
    if (performance.now() - atMs < ENDINGS_ARRIVE_MS) return;
    const answer = await this.#ask(base, APP, client);
    if (answer !== null && this.#mustRefuse(answer, `a session ended ${Math.round(performance.now() - atMs)} ms before was let in by ${base}`))
      this.tally.resurrected++;
  }

  #mustRefuse(answer: HttpResponse, problem: string): boolean {
    if (answer.status >= 300) return answer.status < 500 ? false : (this.#isUnavailable(answer, 'a request that is not let in'), false);
    this.tally.wronglyGiven++;
    this.#problem(problem);
    return true;
  }

  /** Whoever is new takes part; whoever is there longest goes. */
  async #comeAndGo(): Promise<void> {
    this.tally.signIns++;
    const visitor = await this.#signIn();
    if (visitor === null) this.tally.signInsRefused++;
    else this.#signedIn.push(visitor);
    if (this.#signedIn.length <= MOST_SIGNED_IN / 2) return;
    const leaving = this.#signedIn.shift();
    // Where the answer is not "done", it may be done later: nothing can be said of that session.
    if (leaving) await this.#signOut(leaving);
  }

  async #signIn(): Promise<Visitor | null> {
    const { names } = this.#options;
    const index = this.#nextName++;
    const name = names[index % names.length]!;
    const base = this.#gateways[index % this.#gateways.length]!;
    const ip = freshAddress();
    try {
      const { client, answer } = await this.#reach(base, async (gateway) => {
        const visitor = clientOf(gateway, { host: PORTAL_HOST, ip });
        return { client: visitor, answer: await tryPassword(visitor, name, passwordOf(name)) };
      });
      if (answer.status === 200) {
        this.signedInMs.push(performance.now());
        return { name, client };
      }
      if (!this.#isUnavailable(answer, `the sign-in of ${name}`))
        this.#unexpected(`the right password of ${name} was answered ${answer.status} ${answer.body}`);
    } catch {
      this.tally.withoutAnswer++;
    }
    return null;
  }

  async #signOut({ client }: Visitor): Promise<boolean> {
    const base = this.#gateways[this.#ticks % this.#gateways.length]!;
    const leave = (gateway: string) => clientOf(gateway, { host: PORTAL_HOST }, new Map(client.cookies)).post('/api/logout');
    const answer = await this.#reach(base, leave).catch(() => null);
    if (answer?.status !== 200) {
      if (answer) this.#isUnavailable(answer, 'a sign-out');
      return false;
    }
    this.#ended.push({ client, atMs: performance.now() });
    if (this.#ended.length > MOST_ENDED) this.#ended.shift();
    return true;
  }

  async #askForMail(): Promise<void> {
    const { mailed } = this.#options;
    const name = mailed[this.tally.noticesAsked];
    if (name === undefined) return;
    this.tally.noticesAsked++;
    const base = this.#gateways[this.tally.noticesAsked % this.#gateways.length]!;
    const ip = freshAddress();
    const ask = (gateway: string) => clientOf(gateway, { host: PORTAL_HOST, ip }).post('/api/reset-password/identity/start', { username: name });
    const answer = await this.#reach(base, ask).catch(() => null);
    if (answer?.status === 200) this.asked.push(name);
    else if (answer) this.#isUnavailable(answer, 'the wish for a mail');
  }

  #isUnavailable(answer: HttpResponse, what: string): boolean {
    if (answer.status === 503 && answer.headers['retry-after'] !== undefined) {
      this.tally.unavailable++;
      this.#note(this.#refusals, `503 for ${what}`);
      return true;
    }
    if (answer.status >= 500) this.#unexpected(`an answer was ${answer.status} ${answer.body.slice(0, 200)}`);
    return false;
  }

  #unexpected(problem: string): void {
    this.tally.unexpected++;
    this.#problem(problem);
  }

  #problem(problem: string): void {
    this.#note(this.#problems, problem);
  }

  #note(list: string[], text: string): void {
    if (list.length < 50) list.push(`${Math.round(performance.now() - this.#begunMs)} ms: ${text}`);
  }
}

const hashOf = (client: Client): string => hash('sha256', client.cookies.get('authelia_session') ?? '', 'base64url');
