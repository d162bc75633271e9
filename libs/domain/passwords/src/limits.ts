/** No password, at sign-in or new, is hashed beyond this many bytes of UTF-8. */
export const MAX_PASSWORD_BYTES = 4096;

/** bcrypt reads no further than this: a longer password would be as good as its beginning. */
const MAX_BCRYPT_BYTES = 72;

/** More memory than this for one hash is a mistake in a digest or in the options, not a wish. */
export const MAX_MEMORY_KIB = 4 * 1024 * 1024;

/** The longest new password, in bytes of UTF-8, that a digest of this kind tells apart from every other. */
export function maxPasswordBytes(kind: { readonly algorithm: string; readonly variant: string }): number {
  return kind.algorithm === 'bcrypt' && kind.variant === 'standard' ? MAX_BCRYPT_BYTES : MAX_PASSWORD_BYTES;
}

/** Neither empty nor too long: any other is refused before hashing, whoever the user is. */
export function isHashable(password: string): boolean {
  return password !== '' && fits(password, MAX_PASSWORD_BYTES);
}

export function fits(password: string, maxBytes: number): boolean {
  // A code unit takes at least one byte: what is longer than that need not be encoded to know.
  return password.length <= maxBytes && new TextEncoder().encode(password).length <= maxBytes;
}
