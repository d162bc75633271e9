/** What reading one value came to: the value, or a sentence about what is wrong with it. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

export const parsed = <T>(value: T): Parsed<T> => ({ ok: true, value });
export const unparsed = (error: string): Parsed<never> => ({ ok: false, error });
