import type { identityContract } from '@portcullis/contracts-identity';
import type { Client } from '@portcullis/platform-rpc';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { takingTurns } from './password-turns.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** An identity service that answers when it is told to. */
function identity() {
  const asked: string[] = [];
  const ends = new Map<string, () => void>();
  const refuse = (name: string) =>
    new Promise<{ outcome: 'refused' }>((resolve) => {
      asked.push(name);
      ends.set(name, () => {
        resolve({ outcome: 'refused' });
      });
    });
  const service: Pick<Client<typeof identityContract>, 'authenticate' | 'resetPassword' | 'changePassword'> = {
    authenticate: ({ username }) => refuse(username),
    changePassword: ({ username }) => refuse(username),
    resetPassword: ({ grant }) => refuse(grant),
  };
  const turns = takingTurns(service as Client<typeof identityContract>, { slots: 2, maxWaiting: 2, maxWaitMs: 1000 });
  const origin = (ip: string) => ({ ip, method: 'POST', path: '/', targetUrl: null, targetMethod: null });
  return {
    asked,
    signIn: (ip: string, username: string) => turns.authenticate({ username, password: 'x', origin: { ...origin(ip), via: 'portal' } }),
    change: (ip: string, username: string) =>
      turns.changePassword({ username, oldPassword: 'x', newPassword: 'y', keepSessionId: '', origin: { ...origin(ip), via: 'change_password' } }),
    reset: (ip: string, grant: string) => turns.resetPassword({ grant, password: 'x', ip }),
    end: async (name: string): Promise<void> => {
      ends.get(name)!();
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

it('passwords of one address wait for each other, in order, and those of another for none of them', async () => {
  const { asked, signIn, end } = identity();
  const answers = ['a', 'b', 'c', 'd'].map((name) => signIn('192.0.2.1', name));
  const other = signIn('192.0.2.2', 'other');
  expect(asked).toEqual(['a', 'b', 'other']);
  for (const name of ['b', 'c', 'a', 'd', 'other']) await end(name);
  expect(asked).toEqual(['a', 'b', 'other', 'c', 'd']);
  expect(await Promise.all([...answers, other])).toHaveLength(5);
});

it('whatever costs a hash has its place in the same line', async () => {
  const { asked, signIn, change, reset, end } = identity();
  const answers = [change('192.0.2.1', 'a'), reset('192.0.2.1', 'b'), signIn('192.0.2.1', 'c')];
  expect(asked).toEqual(['a', 'b']);
  for (const name of ['a', 'b', 'c']) await end(name);
  await Promise.all(answers);
});

it('a network of IPv6 is one address', async () => {
  const { asked, signIn, end } = identity();
  const answers = ['1', '2', '3'].map((last) => signIn(`2001:db8::${last}`, last));
  expect(asked).toEqual(['1', '2']);
  for (const name of ['1', '2', '3']) await end(name);
  await Promise.all(answers);
});

it('what the line has no room for, or no turn in time, is told to come again, and nothing was asked for it', async () => {
  const { asked, signIn, end } = identity();
  const running = ['a', 'b'].map((name) => signIn('192.0.2.1', name));
  const waiting = ['c', 'd'].map((name) => signIn('192.0.2.1', name).catch((error: unknown) => error));
  await expect(signIn('192.0.2.1', 'e')).rejects.toMatchObject({ code: 'RPC_OVERLOADED', message: expect.stringContaining('2 wait already') });
  await vi.advanceTimersByTimeAsync(1000);
  for (const answer of waiting) expect(await answer).toMatchObject({ code: 'RPC_OVERLOADED', message: expect.stringContaining('1000 ms') });
  for (const name of ['a', 'b']) await end(name);
  await Promise.all(running);
  expect(asked).toEqual(['a', 'b']);
  const later = signIn('192.0.2.1', 'f');
  expect(asked).toEqual(['a', 'b', 'f']);
  await end('f');
  await later;
});

it('a fault gives its place to the next', async () => {
  const failing = { authenticate: () => Promise.reject(new Error('away')) } as unknown as Client<typeof identityContract>;
  const turns = takingTurns(failing, { slots: 1, maxWaiting: 1, maxWaitMs: 1000 });
  const origin = { ip: '192.0.2.1', method: 'POST', path: '/', targetUrl: null, targetMethod: null, via: 'portal' as const };
  const ask = () => turns.authenticate({ username: 'a', password: 'x', origin });
  const [one, other] = await Promise.allSettled([ask(), ask()]);
  expect([one.status, other.status]).toEqual(['rejected', 'rejected']);
});
