import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

const CURVES = { P224: 'secp224r1', P256: 'prime256v1', P384: 'secp384r1', P521: 'secp521r1' } as const;
export type Curve = keyof typeof CURVES;

export type KeyKind =
  { readonly algorithm: 'rsa'; readonly bits: number } | { readonly algorithm: 'ecdsa'; readonly curve: Curve } | { readonly algorithm: 'ed25519' };

export interface Keys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export function makeKeys(kind: KeyKind): Promise<Keys> {
  switch (kind.algorithm) {
    case 'rsa':
      return generate('rsa', { modulusLength: kind.bits });
    case 'ecdsa':
      return generate('ec', { namedCurve: CURVES[kind.curve] });
    case 'ed25519':
      return generate('ed25519', {});
  }
}
