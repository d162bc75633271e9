import type { CompiledPolicy } from './compile-policy.js';
import { matchesMethods, matchesNetworks, matchesQuery, matchesResources, matchSubjects, Question } from './criteria.js';
import type { Candidate, HostRules } from './host-index.js';
import { strictnessOf } from './strictness.js';
import type { Decision, PolicyRequest, Subject } from './types.js';

/**
 * The first rule that matches, else the default policy. For an anonymous visitor a criterion about the person counts as
 * matched: the answer is what signing in could lead to, and `hasSubjects` says so. A query that the rules look at and that
 * can be read in more than one way is judged by each reading, and the strictest counts.
 */
export function decide(policy: CompiledPolicy, request: PolicyRequest, subject: Subject | null): Decision {
  return decideAmong(policy, policy.hosts.find(request.host), request, subject);
}

/** The same where the rules of the host were found before. */
export function decideAmong(
  policy: CompiledPolicy,
  { candidates, unconditional }: HostRules,
  request: PolicyRequest,
  subject: Subject | null,
): Decision {
  if (unconditional !== null) return unconditional;
  if (candidates.length === 0) return policy.defaultDecision;
  const question = new Question(request, subject);
  let strictest = firstMatch(policy, candidates, question);
  for (const other of question.otherReadings) strictest = stricter(strictest, firstMatch(policy, candidates, other));
  return strictest;
}

function firstMatch(policy: CompiledPolicy, candidates: readonly Candidate[], question: Question): Decision {
  for (const candidate of candidates) if (matches(candidate, question)) return candidate.rule.decision;
  return policy.defaultDecision;
}

/**
 * The strictest answer over every reading of an address that can be read in more than one way: a proxy may hand the
 * backend the path as it came, and a backend may decode, clean or cut it once more.
 */
export function decideStrictest(policy: CompiledPolicy, request: PolicyRequest, otherPaths: readonly string[], subject: Subject | null): Decision {
  let strictest = decide(policy, request, subject);
  for (const path of otherPaths) strictest = stricter(strictest, decide(policy, { ...request, path }, subject));
  return strictest;
}

/** The decision that lets fewer people in; the first where both are alike. */
export function stricter(a: Decision, b: Decision): Decision {
  return strictness(b) > strictness(a) ? b : a;
}

/** A denial that depends on the person sends an anonymous visitor to sign in; a plain one lets nobody in. */
function strictness({ policy, hasSubjects }: Decision): number {
  return strictnessOf(policy) + (policy === 'deny' && !hasSubjects ? 1 : 0);
}

/** Cheapest first: the order of the criteria never changes the answer. */
function matches({ rule, persons }: Candidate, question: Question): boolean {
  return (
    matchesMethods(rule, question) &&
    (persons === null || persons.some((admits) => admits(question.subject))) &&
    matchSubjects(rule, question) !== 'miss' &&
    matchesNetworks(rule, question) &&
    matchesResources(rule, question) &&
    matchesQuery(rule, question)
  );
}
