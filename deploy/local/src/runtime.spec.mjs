import { expect, it } from 'vitest';
import { checkMachine } from './runtime.mjs';

it('starts from Node 20 on', () => {
  expect(() => checkMachine('20.11.0', 'linux')).not.toThrow();
  expect(() => checkMachine('18.20.4', 'linux')).toThrow(/Node 18\.20\.4 is too old/);
});

it('says what to do on Windows', () => {
  expect(() => checkMachine('24.0.0', 'win32')).toThrow(/WSL/);
});
