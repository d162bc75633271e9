import { type CompiledPolicy, type Decision, decide, decideStrictest, stricter, type Subject } from '@portcullis/domain-policy';
import { isSchemeAllowed } from '@portcullis/domain-redirection';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readSessionCookie } from './cookie.js';
import type { DecisionOutcome } from './decision-meter.js';
import { type Identified, identify, type IdentifyOptions, nobody } from './identify.js';
import { outcomeOf } from './outcome.js';
import { type CookieDomain, portalFor } from './portal-url.js';
import type { Refused } from './probe.js';
import type { Question } from './question.js';
import { allow, challenge, forbid, methodNotAllowed, refuse, signIn, unavailable } from './reply.js';
import { RequestHead, SLOT } from './request-head.js';
import type { Route } from './routes.js';
import { signInReply } from './sign-in.js';
import { clientAddress, type Target, type TargetProblem } from './target.js';
import type { TrustedProxies } from './trusted-proxies.js';

/** The word for what a verify answered: in the metrics and the decision log. */
export type VerifyResult = 'allowed' | 'sign_in' | 'challenged' | 'forbidden' | 'refused' | 'unavailable';

/** Why a request was refused before anybody asked who it is. */
export type RefusalReason =
  | TargetProblem
  | 'untrusted_peer'
  | 'repeated_header'
  | 'forged_identity_header'
  | 'malformed_address'
  | 'repeated_cookie'
  | 'foreign_host'
  | 'unknown_portal'
  | 'method_not_allowed';

/** What is told of an answer to the decision log, as `log.decisions` says. What was not known by then is null. */
export interface Told {
  readonly route: Route;
  readonly result: VerifyResult;
  readonly reason: RefusalReason | 'policy' | 'no_session' | 'level' | 'bad_credentials' | 'store_away';
  readonly status: number;
  readonly target: Target | null;
  readonly portal: string | null;
  readonly decision: Decision | null;
  readonly username: string | null;
  readonly ip: string | null;
  /** Why the store is away. */
  readonly fault: unknown;
  /** As the proxy sent it. */
  readonly requestId: string | undefined;
}

/** A request that is not taken, and what was read of it by then. */
interface Refusal {
  readonly reason: RefusalReason;
  readonly ip: string | null;
  readonly target: Target | null;
}

export interface VerifyOptions extends IdentifyOptions {
  /** Replaced as a whole by a reload. */
  readonly live: { policy: CompiledPolicy };
  readonly domainOf: (host: string) => CookieDomain | null;
  readonly proxies: TrustedProxies;
  /** Of this gate's own listener: what a target has where the proxy names none. */
  readonly ownScheme: 'http' | 'https';
  /** Every answer, counted: `startedAt` is performance.now() when it began. */
  readonly count: (route: Route, result: VerifyResult, startedAt: number, passwordChecked: boolean) => void;
  readonly countRefusal: (reason: RefusalReason) => void;
  readonly countDecision: (decision: Decision, host: string, outcome: DecisionOutcome) => void;
  /** Whether a request that is refused is a probe of the operator's, who is told of it in the place of the decision log. */
  readonly isProbe: (refused: Refused) => boolean;
  /** Called for every answer that the decision log may want; never for a 200 unless `tellAllowed`. */
  readonly tell: (told: Told) => void;
  readonly tellAllowed: boolean;
}

/** Contradictions and forgeries are 400 in every dialect; what merely is not ours keeps the dialect's own refusal (reference 1.2). */
const ALWAYS_400: ReadonlySet<RefusalReason> = new Set([
  'untrusted_peer',
  'repeated_header',
  'forged_identity_header',
  'malformed_address',
  'repeated_cookie',
  'malformed_target',
  'ambiguous_target',
]);

/**
 * The road of every request of every protected site: target, person, decision, reply. On a cache hit: no network, no disk, no promise
 * that waits.
 */
export class Verify {
  readonly #head: RequestHead;
  constructor(private readonly options: VerifyOptions) {
    this.#head = new RequestHead(options.ownScheme);
  }

  /** A promise only where somebody must be asked; it rejects with a fault of ours, and then nothing was answered. */
  handle(req: IncomingMessage, res: ServerResponse, route: Route): Promise<void> | undefined {
    const startedAt = performance.now();
    const question = this.#ask(req, res, route, startedAt);
    if ('reason' in question) {
      this.#refuse(res, route, question, startedAt);
      return undefined;
    }
    const identified = identify(question, this.options);
    if (identified instanceof Promise) return this.#later(identified, question, route);
    this.#answer(question, route, identified);
    return undefined;
  }

  /** Reads all that is to be read of the request. */
  #ask(req: IncomingMessage, res: ServerResponse, route: Route, startedAt: number): Question | Refusal {
    const head = this.#head;
    const { dialect } = route.endpoint;
    head.read(req.rawHeaders);
    if (head.repeated) return refusal('repeated_header');
    if (head.forged) return refusal('forged_identity_header');
    if (!dialect.anyMethod && req.method !== 'GET' && req.method !== 'HEAD') return refusal('method_not_allowed');
    const peer = req.socket.remoteAddress;
    if (!this.options.proxies.trusts(peer)) return refusal('untrusted_peer', peer);
    const ip = clientAddress(head.get(SLOT['x-forwarded-for']), peer ?? '127.0.0.1', this.options.proxies);
    if (ip === null) return refusal('malformed_address');
    const target = dialect.target(head, ip, req.method ?? '', route);
    if (typeof target === 'string') return refusal(target, ip);
    return this.#place(target, res, route, startedAt);
  }

  /** Puts the target into its cookie domain, and finds what the browser showed of itself. */
  #place(target: Target, res: ServerResponse, route: Route, startedAt: number): Question | Refusal {
    const head = this.#head;
    const domain = this.options.domainOf(target.host);
    if (target.scheme !== 'https' && !isSchemeAllowed(target.scheme, domain?.domain ?? '')) return refusal('insecure_scheme', target.ip, target);
    if (domain === null) return refusal('foreign_host', target.ip, target);
    const portal = portalFor(route.endpoint.dialect, head, route.query, domain);
    if (portal === false) return refusal('unknown_portal', target.ip, target);
    const sessionId = readSessionCookie(head.get(SLOT.cookie), domain.cookieName);
    if (sessionId === false) return refusal('repeated_cookie', target.ip, target);
    return {
      res,
      endpoint: route.endpoint,
      target,
      domain,
      portal,
      basicRequired: route.query.basic,
      sessionId,
      authorization: head.get(SLOT.authorization),
      proxyAuthorization: head.get(SLOT['proxy-authorization']),
      sessionUsername: head.get(SLOT['session-username']),
      accept: head.get(SLOT.accept),
      requestedWith: head.get(SLOT['x-requested-with']),
      requestId: head.get(SLOT['x-request-id']),
      startedAt,
    };
  }

  #later(identified: Promise<Identified>, question: Question, route: Route): Promise<void> {
    return identified.then(
      (found) => {
        this.#answer(question, route, found);
      },
      (fault: unknown) => {
        this.#withoutStore(question, route, fault);
      },
    );
  }

  /** Who asks cannot be told now: what is open to everybody, or to nobody, is answered; the rest is 503, never "sign in". */
  #withoutStore(question: Question, route: Route, fault: unknown): void {
    const decision = this.#decide(question.target, null);
    const outcome = outcomeOf(decision, nobody.standing);
    if (outcome === 'allow' || outcome === 'forbidden') this.#answer(question, route, nobody);
    else {
      unavailable(question.res);
      this.#done(question, route, 'unavailable', 'store_away', decision, null, fault);
    }
  }

  #answer(question: Question, route: Route, who: Identified): void {
    const { res, endpoint, target } = question;
    const decision = this.#decide(target, who.subject);
    switch (outcomeOf(decision, who.standing)) {
      case 'allow':
        allow(res, who.headers);
        this.#done(question, route, 'allowed', 'policy', decision, who);
        return;
      case 'forbidden':
        forbid(res, endpoint.dialect.redirects);
        this.#done(question, route, 'forbidden', 'policy', decision, who);
        return;
      case 'challenge':
        challenge(res, who.proxy);
        this.#done(question, route, 'challenged', who.standing.header === 'failed' ? 'bad_credentials' : 'level', decision, who);
        return;
      case 'sign_in':
        signIn(res, signInReply(question));
        this.#done(question, route, 'sign_in', who.standing.level === 0 ? 'no_session' : 'level', decision, who);
    }
  }

  #decide(target: Target, subject: Subject | null): Decision {
    const decision = this.#judge(target, subject);
    const { closingQuery } = target;
    return closingQuery === undefined ? decision : stricter(decision, this.#judge({ ...target, query: closingQuery }, subject));
  }

  #judge(target: Target, subject: Subject | null): Decision {
    const { policy } = this.options.live;
    return target.otherPaths.length === 0 ? decide(policy, target, subject) : decideStrictest(policy, target, target.otherPaths, subject);
  }

  #refuse(res: ServerResponse, route: Route, { reason, ip, target }: Refusal, startedAt: number): void {
    if (reason === 'method_not_allowed') methodNotAllowed(res);
    else refuse(res, ALWAYS_400.has(reason) ? 400 : route.endpoint.dialect.refusal);
    const { count, countRefusal, isProbe, tell } = this.options;
    count(route, 'refused', startedAt, false);
    if (isProbe({ req: res.req, route, reason, ip })) return;
    countRefusal(reason);
    const requestId = this.#head.get(SLOT['x-request-id']);
    const unknown = { portal: null, decision: null, username: null, fault: null };
    tell({ route, result: 'refused', reason, status: res.statusCode, target, ip, requestId, ...unknown });
  }

  #done(
    question: Question,
    route: Route,
    result: DecisionOutcome,
    reason: Told['reason'],
    decision: Decision,
    who: Identified | null,
    fault: unknown = null,
  ): void {
    const { count, countDecision, tell, tellAllowed } = this.options;
    count(route, result, question.startedAt, who !== null && who.passwordChecked);
    countDecision(decision, question.target.host, result);
    if (result === 'allowed' && !tellAllowed) return;
    const { res, target, portal, requestId } = question;
    tell({
      route,
      result,
      reason,
      status: res.statusCode,
      target,
      portal,
      decision,
      username: who?.subject?.username ?? null,
      ip: target.ip,
      fault,
      requestId,
    });
  }
}

const refusal = (reason: RefusalReason, ip: string | null = null, target: Target | null = null): Refusal => ({ reason, ip, target });
