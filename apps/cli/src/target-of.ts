import {
  type Decision,
  decideStrictest,
  explain,
  type Explanation,
  type PolicyRequest,
  readPath,
  type RuleSet,
  type Subject,
} from '@portcullis/domain-policy';
import { misused } from './failure.js';

/** An address as the rules see it. */
export interface Target extends Pick<PolicyRequest, 'host' | 'path' | 'query'> {
  /** Every other way its path can be read: the strictest answer counts. */
  readonly otherPaths: readonly string[];
}

export function targetOf(url: string): Target {
  const parsed = URL.parse(url);
  const raw = /^[a-z]+:\/\/[^/?#]*([^?#]*)/i.exec(url)?.[1] ?? '';
  const reading = readPath(raw);
  if (parsed === null || reading === null) throw misused(`'${url}' is no address: write it whole, as https://app.example.com/path`);
  return { host: parsed.hostname.toLowerCase(), path: reading.path, query: parsed.search.slice(1), otherPaths: reading.otherPaths };
}

/** What the gate answers, and why each rule did or did not match. */
export interface Judgement {
  readonly decision: Decision;
  readonly explanation: Explanation;
}

export function judge({ policy }: RuleSet, target: Target, method: string, ip: string | null, subject: Subject | null): Judgement {
  const request = { host: target.host, path: target.path, query: target.query, method, ip };
  const decision = decideStrictest(policy, request, target.otherPaths, subject);
  const readings = [target.path, ...target.otherPaths].map((path) => ({ ...request, path }));
  const decisive = readings.find((reading) => decideStrictest(policy, reading, [], subject).ruleIndex === decision.ruleIndex) ?? request;
  return { decision, explanation: explain(policy, decisive, subject) };
}
