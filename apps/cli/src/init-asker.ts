import { input, select } from '@inquirer/prompts';
import { misused } from './failure.js';

interface Question {
  /** Its name on the command line, without the dashes. */
  readonly flag: string;
  readonly given: string | undefined;
  readonly message: string;
  /** What is taken where nobody is asked, and offered where somebody is. */
  readonly fallback?: string;
}

/** Where answers come from: a flag, else the terminal, else what is usual. */
export interface Asker {
  readonly interactive: boolean;
  /** `problem`: what is wrong with an answer, as a sentence, or null. */
  text(question: Question & { readonly problem?: (text: string) => string | null }): Promise<string>;
  choice(question: Question & { readonly choices: readonly string[] }): Promise<string>;
}

/** Questions go to standard error, so that what a command answers can be kept. */
const TERMINAL = { output: process.stderr };

export function createAsker(interactive: boolean): Asker {
  const unasked = ({ flag, fallback }: Question): string => {
    if (fallback === undefined) throw misused(`--${flag} is wanted.`);
    return fallback;
  };
  return {
    interactive,
    text: async ({ problem = () => null, ...question }) => {
      const { flag, given, message, fallback } = question;
      if (given === undefined && interactive) {
        const shown = { message, ...(fallback === undefined ? {} : { default: fallback }) };
        return input({ ...shown, validate: (text) => problem(text) ?? true }, TERMINAL);
      }
      const text = given ?? unasked(question);
      const found = problem(text);
      if (found !== null) throw misused(`--${flag} ${text}: ${found}`);
      return text;
    },
    choice: async ({ choices, ...question }) => {
      const { flag, given, message, fallback } = question;
      if (given === undefined && interactive) return select({ message, choices, ...(fallback === undefined ? {} : { default: fallback }) }, TERMINAL);
      const text = given ?? unasked(question);
      if (!choices.includes(text)) throw misused(`--${flag} ${text}: it is one of ${choices.join(', ')}.`);
      return text;
    },
  };
}
