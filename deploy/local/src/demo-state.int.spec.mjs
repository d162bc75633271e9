import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { demoState } from './demo-state.mjs';
import { tempDir } from './supervise.fixture.mjs';

let stack;
let dir;
beforeEach(() => {
  stack = new AsyncDisposableStack();
  dir = tempDir(stack);
});
afterEach(() => stack.disposeAsync());

const makeDigest = async (password) => `$digest$${password}`;

it('a second start has the people and the secrets of the first', async () => {
  const first = await demoState(dir, makeDigest);
  const second = await demoState(dir, makeDigest);
  expect(second.secrets).toEqual(first.secrets);
  expect(second.people.map(({ password }) => password)).toEqual(first.people.map(({ password }) => password));
});

it('a password that was changed since is not shown', async () => {
  await demoState(dir, makeDigest);
  const file = path.join(dir, 'users.yml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/\$digest\$\S+(?=')/, '$digest$new'));
  const { people } = await demoState(dir, makeDigest);
  expect(people.map(({ name, password }) => [name, password !== undefined])).toEqual([
    ['demo', false],
    ['admin', true],
  ]);
});

it('what is secret is readable by its owner alone', async () => {
  await demoState(dir, makeDigest);
  for (const file of ['state.json', 'users.yml']) expect(statSync(path.join(dir, file)).mode & 0o777).toBe(0o600);
});
