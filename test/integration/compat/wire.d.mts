export interface Schema {
  safeParse(message: unknown): { readonly success: boolean; readonly data?: unknown; readonly error?: unknown };
}
export const MESSAGES: Readonly<Record<string, Schema>>;
export const LANES: Readonly<Record<string, string>>;
export function shapeOf(schema: Schema): object;
export function samplesOf(schema: Schema): readonly unknown[];
