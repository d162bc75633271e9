import { createSecretKey, type KeyObject } from 'node:crypto';
import { compactVerify, errors, SignJWT } from 'jose';
import { z } from 'zod';

export interface ResetLinkSettings {
  readonly jwtSecret: string;
  readonly jwtAlgorithm: 'HS256' | 'HS384' | 'HS512';
}

/** What a link says; times in seconds. @see RFC 7519 */
const claims = z.object({
  jti: z.string(),
  iss: z.string(),
  iat: z.number(),
  exp: z.number(),
  action: z.literal('ResetPassword'),
  username: z.string(),
});
export type ResetClaims = z.infer<typeof claims>;

/** The token in the mailed link of a forgotten password (reference 4.8): signed here, and good for what its row in the store says. */
export class ResetLinks {
  readonly #key: KeyObject;
  readonly #algorithm: string;

  constructor({ jwtSecret, jwtAlgorithm }: ResetLinkSettings) {
    this.#key = createSecretKey(Buffer.from(jwtSecret));
    this.#algorithm = jwtAlgorithm;
  }

  sign(said: ResetClaims): Promise<string> {
    return new SignJWT(said).setProtectedHeader({ alg: this.#algorithm, typ: 'JWT' }).sign(this.#key);
  }

  /** What it says if we signed it, whether or not its time is over; else null. */
  async read(token: string): Promise<ResetClaims | null> {
    try {
      const { payload } = await compactVerify(token, this.#key, { algorithms: [this.#algorithm] });
      return claims.safeParse(JSON.parse(Buffer.from(payload).toString())).data ?? null;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof SyntaxError) return null;
      throw error;
    }
  }
}
