import { expect, it } from 'vitest';
import { z } from 'zod';
import { patternOf, Serves, type Client, type Handlers } from './index.js';

const contract = {
  service: 'shop',
  version: 2,
  operations: {
    buy: { lane: 'rest', timeoutMs: 1000, request: z.object({ what: z.string() }), reply: z.object({ price: z.number() }) },
    sell: { lane: 'rest', timeoutMs: 1000, request: z.object({ what: z.string() }), reply: z.object({ price: z.number() }) },
  },
} as const;

const price = (): Promise<{ price: number }> => Promise.resolve({ price: 1 });

it('a pattern names service, version and operation', () => {
  expect(patternOf(contract, 'buy')).toBe('shop.v2.buy');
});

it('a class that misses an operation does not compile, and does not start', () => {
  // @ts-expect-error -- sell is missing
  class Half implements Handlers<typeof contract> {
    buy(): Promise<{ price: number }> {
      return price();
    }
  }
  const serveHalf = (): void => {
    // @ts-expect-error -- the same, without `implements`
    Serves(contract)(Half);
  };
  expect(serveHalf).toThrow('Half has no method sell');
});

it('a class whose answer is not the contract’s does not compile', () => {
  class Wrong implements Handlers<typeof contract> {
    buy = price;
    // @ts-expect-error -- a price is a number
    sell(): Promise<{ price: string }> {
      return Promise.resolve({ price: '1' });
    }
  }
  expect(new Wrong().buy).toBe(price);
});

it('a client has the methods of the contract and no other', () => {
  const client: Client<typeof contract> = { buy: price, sell: price };
  // @ts-expect-error -- nobody rents
  expect(client.rent).toBeUndefined();
});
