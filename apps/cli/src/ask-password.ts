import { password as prompt } from '@inquirer/prompts';
import { text } from 'node:stream/consumers';
import { misused } from './failure.js';

/** Asks at the terminal without echo, on standard error so that what a command answers can be kept; or takes the first line of a pipe. */
export async function askPassword(message: string): Promise<string> {
  if (process.stdin.isTTY) return prompt({ message, toggleMask: false }, { output: process.stderr });
  const [line = ''] = (await text(process.stdin)).split(/\r?\n/);
  if (line === '') throw misused('No terminal to ask at, and nothing on standard input: give the password by --password, or make one by --random.');
  return line;
}
