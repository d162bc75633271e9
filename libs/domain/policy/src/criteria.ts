import type { CompiledRule } from './compile-rule.js';
import { holdsAddress, parseIp, type Address } from './network-matcher.js';
import { otherReadings, parseQuery, type QueryArguments } from './query-matcher.js';
import { knownSubject } from './subject.js';
import type { PolicyRequest, Subject } from './types.js';

const none: readonly Question[] = [];

/** One question put to the rules: what a criterion needs is worked out when the first rule asks for it. */
export class Question {
  readonly request: PolicyRequest;
  /** Null for a visitor who is nobody yet. */
  readonly subject: Subject | null;
  #resource: string | undefined;
  #args: QueryArguments | undefined;
  #address: Address | null | undefined;

  /** `args` where the query is to be read in another way than `parseQuery` reads it. */
  constructor(request: PolicyRequest, subject: Subject | null, args?: QueryArguments) {
    this.request = request;
    this.subject = knownSubject(subject);
    this.#args = args;
  }

  /** The same with every other reading of the query; none where no rule looked at it, for then no reading changes the answer. */
  get otherReadings(): readonly Question[] {
    if (this.#args === undefined) return none;
    const { request, subject } = this;
    return otherReadings(request.query).map((args) => new Question(request, subject, args));
  }

  /** What `resources` are matched against. */
  get resource(): string {
    const { path, query } = this.request;
    return (this.#resource ??= query === '' ? path : `${path}?${query}`);
  }

  get args(): QueryArguments {
    return (this.#args ??= parseQuery(this.request.query));
  }

  /** Null where the address does not parse. */
  get address(): Address | null {
    if (this.#address === undefined) this.#address = this.request.ip === null ? null : parseIp(this.request.ip);
    return this.#address;
  }
}

export function matchesMethods({ methods }: CompiledRule, { request }: Question): boolean {
  return methods === null || methods.has(request.method);
}

/** An address that nobody can read is inside no network, except that it does not slip past a `deny`. */
export function matchesNetworks({ networks, decision }: CompiledRule, question: Question): boolean {
  if (networks === null) return true;
  const { address } = question;
  if (address === null) return decision.policy === 'deny' && question.request.ip !== null;
  return networks.some((network) => holdsAddress(network, address));
}

export function matchesResources({ resources }: CompiledRule, { resource, subject }: Question): boolean {
  if (resources === null) return true;
  return resources.some((pattern) => {
    if (!pattern.isPersonal || subject === null) return pattern.test(resource);
    return pattern.findPerson(resource)?.(subject) === true;
  });
}

export function matchesQuery({ query }: CompiledRule, question: Question): boolean {
  return query === null || query.some((all) => all.every((test) => test(question.args)));
}

/** 'may': the visitor is anonymous, so only signing in will tell. */
export function matchSubjects({ subjects }: CompiledRule, { subject }: Question): 'hit' | 'miss' | 'may' {
  if (subjects === null) return 'hit';
  if (subject === null) return 'may';
  return subjects.some((all) => all.every((test) => test(subject))) ? 'hit' : 'miss';
}
