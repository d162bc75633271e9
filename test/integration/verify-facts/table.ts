import { type Who, WHO } from './people.js';

/**
 * The words of the tables.
 * - `open` 200, with the four Remote-* of whoever asked, empty for nobody
 * - `ask` `see` `tell` sign in: a browser is sent with 302, a form with 303, a script is told with 401 and the address
 * - `no` 403
 * - `knock` 401 and the question for name and password, which a proxy passes on to scripts
 * - `bad` no address of ours: 401 at `/api/verify`, 400 at the others; `400` two readings of one address, at each
 */
const WORDS = ['open', 'ask', 'see', 'tell', 'no', 'knock', 'bad', '400'] as const;
export type Word = (typeof WORDS)[number];

/** What is asked about. */
export interface Fact {
  readonly method: string;
  readonly url: string;
  /** Of the client; default 203.0.113.7. */
  readonly ip?: string;
  /** `none`: no Accept. Default: a browser's. */
  readonly accept?: string;
  /** X-Requested-With: XMLHttpRequest */
  readonly script?: boolean;
}

export interface Row {
  /** As written in the table. */
  readonly title: string;
  readonly fact: Fact;
  readonly words: Readonly<Partial<Record<Who, Word>>>;
}

const COLUMNS: Readonly<Record<string, readonly Who[]>> = {
  ...Object.fromEntries(WHO.map((who) => [who, [who]])),
  everybody: WHO,
  unknown: ['nobody', 'stranger'],
  known: ['bo', 'bo+2', 'ada', 'ada+2'],
};

const isWord = (text: string): text is Word => WORDS.some((word) => word === text);

/** Reads `METHOD URL [from=ADDRESS] [accept=TYPES|none] [script]`, split at its spaces. */
export function factOf(request: readonly string[]): Fact {
  const [method, url, ...conditions] = request;
  if (method === undefined || url === undefined) throw new Error(`not METHOD URL: ${request.join(' ')}`);
  const given = new Map(conditions.map((condition) => /^([^=]*)=?(.*)$/.exec(condition)!.slice(1) as [string, string]));
  for (const name of given.keys()) if (!['from', 'accept', 'script'].includes(name)) throw new Error(`no such condition: ${name}`);
  const ip = given.get('from');
  const accept = given.get('accept');
  return {
    method: method === '(none)' ? '' : decodeURIComponent(method),
    url,
    ...(ip === undefined ? {} : { ip }),
    ...(accept === undefined ? {} : { accept }),
    script: given.has('script'),
  };
}

/**
 * Reads a table: a line of columns, then a line for each request with a word for each column. A request is
 * `METHOD URL [from=ADDRESS] [accept=TYPES|none] [script]`.
 */
export function readTable(text: string): readonly Row[] {
  const [head = [], ...lines] = text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((line) => line[0] !== '');
  const columns = head.map((name) => {
    const people = COLUMNS[name];
    if (people === undefined) throw new Error(`no such column: ${name}`);
    return people;
  });
  return lines.map((line) => {
    const request = line.slice(0, -columns.length);
    const words = line.slice(-columns.length);
    const cells = words.flatMap((word, index) => {
      if (!isWord(word)) throw new Error(`no such word: ${word} in ${line.join(' ')}`);
      return columns[index]!.map((who) => [who, word] as const);
    });
    return { title: request.join(' '), fact: factOf(request), words: Object.fromEntries(cells) };
  });
}
