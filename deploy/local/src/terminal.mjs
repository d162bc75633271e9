import { createInterface } from 'node:readline/promises';
import { stripVTControlCharacters } from 'node:util';

/** Something a person can put right: printed as it is, without a stack. */
export class Refusal extends Error {}

const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
/** Without a terminal a long step says that it lives this often. */
const SIGN_OF_LIFE_MS = 15_000;

/** 0.4 s, 12 s, 3 min 05 s */
export function formatElapsed(ms) {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** Cuts to one line of `width` columns. */
export function oneLine(text, width) {
  const flat = stripVTControlCharacters(text).replace(/\s+/g, ' ').trim();
  return flat.length > width ? `${flat.slice(0, Math.max(0, width - 1))}…` : flat;
}

/**
 * Step lines with elapsed time. `step(title, work)` shows that the work lives (a spinner on a terminal, a line now and then
 * elsewhere); the work may call its argument with a word about where it is.
 */
export function createTerminal({ out = process.stdout, input = process.stdin, env = process.env } = {}) {
  const live = Boolean(out.isTTY) && env.TERM !== 'dumb';
  const colour = live && !env.NO_COLOR;
  const paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const print = (text = '') => void out.write(`${text}\n`);

  async function step(title, work) {
    const startedAt = performance.now();
    const elapsed = () => formatElapsed(performance.now() - startedAt);
    let detail = '';
    let frame = 0;
    const draw = () => {
      const text = oneLine(`${title}, ${elapsed()}${detail && `: ${detail}`}`, (out.columns || 80) - 3);
      out.write(`\r\u001b[2K${paint(36, FRAMES[frame++ % FRAMES.length])} ${text}`);
    };
    const tell = () => print(`  ${oneLine(`${title}, ${elapsed()}${detail && `: ${detail}`}`, 150)}`);
    const timer = live ? setInterval(draw, 100) : setInterval(tell, SIGN_OF_LIFE_MS);
    const end = (mark) => {
      clearInterval(timer);
      print(`${live ? '\r\u001b[2K' : ''}${mark} ${title} (${elapsed()})`);
    };
    if (live) draw();
    try {
      const result = await work((text) => {
        detail = text;
      });
      end(paint(32, '✔'));
      return result;
    } catch (error) {
      end(paint(31, '✘'));
      throw error;
    }
  }

  /** Yes or no; where nobody can be asked, no. */
  async function confirm(question) {
    if (!input.isTTY || !out.isTTY) return false;
    const lines = createInterface({ input, output: out });
    try {
      return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
    } finally {
      lines.close();
    }
  }

  return {
    isLive: live,
    step,
    confirm,
    print,
    warn: (text) => print(`${paint(33, '!')} ${text}`),
    bold: (text) => paint(1, text),
    faint: (text) => paint(2, text),
  };
}
