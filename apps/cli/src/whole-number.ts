import { misused } from './failure.js';

/** The number behind a flag; null where the flag is not there. */
export function wholeNumber<Text extends string | undefined>(flag: string, text: Text): Text extends string ? number : number | null;
export function wholeNumber(flag: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^\d{1,10}$/.test(text)) throw misused(`${flag} takes a whole number, not '${text}'.`);
  return Number(text);
}
