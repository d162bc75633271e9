/** A second opinion on every decision: written from the rules' reference alone, slow and plain; it shares no line with what it judges. */
export { clientAddressOf, type Hops } from './client-address.js';
export { type Criteria, decision, type Decided, type OraclePolicy, type Person, type Rule, type Site } from './decision.js';
export { readPolicy } from './read-policy.js';
export { answerOf, type Answer, type Level } from './answer.js';
