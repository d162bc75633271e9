/** The one thing that is used of pngjs, which ships no types. */
declare module 'pngjs' {
  export const PNG: { readonly sync: { read(file: Buffer): { readonly data: Uint8Array; readonly width: number; readonly height: number } } };
}
