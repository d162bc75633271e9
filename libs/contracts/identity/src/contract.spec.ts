import { expect, it } from 'vitest';
import { identityContract } from './contract.js';

it('keeps every operation that hashes a password in the lane with hashing slots, and nothing else', () => {
  const hashing = Object.entries(identityContract.operations).filter(([, operation]) => operation.lane === 'password');
  expect(hashing.map(([name]) => name).sort()).toEqual(['authenticate', 'changePassword', 'resetPassword']);
});

it('tells a caller nothing about why a password was refused', () => {
  const parsed = identityContract.operations.authenticate.reply.parse({ outcome: 'refused', reason: 'banned' });
  expect(parsed).toEqual({ outcome: 'refused' });
});
