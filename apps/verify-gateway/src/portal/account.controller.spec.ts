import { expect, it } from 'vitest';
import { maskAddress } from './account.controller.js';

it.each([
  ['john.smith@example.com', 'j********h@example.com'],
  ['newt@example.com', 'n**t@example.com'],
  ['bob@example.com', 'b*b@example.com'],
  ['jo@example.com', '**@example.com'],
  ['j@example.com', '*@example.com'],
  ['@example.com', '@example.com'],
  ['"a@b"@example.com', '"***"@example.com'],
  ['日本語@example.com', '日*語@example.com'],
  ['😀😀😀@example.com', '😀*😀@example.com'],
  ['root', '****'],
  ['', ''],
])('%s is shown as %s', (address, shown) => {
  expect(maskAddress(address)).toBe(shown);
});
