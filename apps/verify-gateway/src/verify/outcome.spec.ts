import type { Policy } from '@portcullis/domain-policy';
import { describe, expect, it } from 'vitest';
import { type Outcome, outcomeOf, type Standing } from './outcome.js';

const decide = (policy: Policy, hasSubjects: boolean, standing: Standing): Outcome => outcomeOf({ policy, ruleIndex: 0, hasSubjects }, standing);

describe('with a session, or none', () => {
  it.each<[Policy, boolean, 0 | 1 | 2, Outcome]>([
    ['bypass', false, 0, 'allow'],
    ['bypass', false, 1, 'allow'],
    ['bypass', false, 2, 'allow'],
    ['one_factor', false, 0, 'sign_in'],
    ['one_factor', false, 1, 'allow'],
    ['one_factor', true, 2, 'allow'],
    ['two_factor', false, 0, 'sign_in'],
    ['two_factor', true, 1, 'sign_in'],
    ['two_factor', true, 2, 'allow'],
    ['deny', false, 0, 'forbidden'],
    ['deny', false, 1, 'forbidden'],
    ['deny', false, 2, 'forbidden'],
    // Signing in may change this answer, so a stranger is asked to.
    ['deny', true, 0, 'sign_in'],
    ['deny', true, 1, 'forbidden'],
    ['deny', true, 2, 'forbidden'],
  ])('%s (subjects: %s) at level %i is %s', (policy, hasSubjects, level, outcome) => {
    expect(decide(policy, hasSubjects, { level, header: 'none' })).toBe(outcome);
  });
});

describe('with credentials in a header', () => {
  it.each<[Policy, boolean, Standing, Outcome]>([
    ['one_factor', false, { level: 1, header: 'last' }, 'allow'],
    ['two_factor', false, { level: 1, header: 'last' }, 'challenge'],
    ['deny', false, { level: 1, header: 'last' }, 'forbidden'],
    ['one_factor', false, { level: 0, header: 'last' }, 'challenge'],
    ['bypass', false, { level: 0, header: 'failed' }, 'allow'],
    ['one_factor', false, { level: 0, header: 'failed' }, 'challenge'],
    ['two_factor', false, { level: 0, header: 'failed' }, 'challenge'],
    ['deny', false, { level: 0, header: 'failed' }, 'challenge'],
  ])('%s (subjects: %s) with %j is %s', (policy, hasSubjects, standing, outcome) => {
    expect(decide(policy, hasSubjects, standing)).toBe(outcome);
  });
});
